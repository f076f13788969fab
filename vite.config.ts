import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin, type Rolldown } from 'vite';

/**
 * Vite's own preloader weighs 1.3 KiB compressed. What is needed of it: the modules of a later step are asked for together, not one after the
 * other, and its stylesheet is there before it is drawn; where that does not come, the step is shown without.
 */
const smallPreloader: Plugin = {
  name: 'small-preloader',
  enforce: 'pre',
  load: {
    filter: { id: /vite\/preload-helper/ },
    handler: () => `export const __vitePreload = (load, paths = []) => Promise.all(paths.map((path) => {
      const href = '/' + path;
      if (document.querySelector('link[href="' + href + '"]')) return;
      const rel = /css$/.test(path) ? 'stylesheet' : 'modulepreload';
      const link = document.head.appendChild(Object.assign(document.createElement('link'), { rel, href }));
      return rel === 'stylesheet' && new Promise((done) => { link.onload = link.onerror = done; });
    })).then(load);`,
  },
};

/** The page that each kind of address begins with. `src/api/pages.ts` answers an address with the HTML of this name. */
const firstPages = {
  'index.html': 'find-page.tsx',
  'station.html': 'station-page.tsx',
  'order.html': 'order-page.tsx',
} as const;

/** One HTML for each kind of address, alike but for the modules of its first page, which it has the browser fetch together with the program. */
const preloadFirstPages: Plugin = {
  name: 'preload-first-pages',
  applyToEnvironment: ({ name }) => name === 'client',
  generateBundle: {
    order: 'post',
    handler(_, bundle) {
      const html = takeHtml(bundle, 'driver/index.html');
      for (const [fileName, page] of Object.entries(firstPages)) {
        const links = filesOf(bundle, `/driver/${page}`)
          .filter((path) => !html.includes(`/${path}"`))
          .map((path) => `<link rel="${path.endsWith('.css') ? 'stylesheet' : 'modulepreload'}" href="/${path}">`);
        this.emitFile({ type: 'asset', fileName, source: html.replace('</head>', `${links.join('')}</head>`) });
      }
    },
  },
};

const nameStaffPage: Plugin = {
  name: 'name-staff-page',
  applyToEnvironment: ({ name }) => name === 'staff',
  generateBundle: {
    order: 'post',
    handler(_, bundle) {
      this.emitFile({ type: 'asset', fileName: 'staff.html', source: takeHtml(bundle, 'station/index.html') });
    },
  },
};

/** Takes an HTML out of the bundle, where it has the name of its source, without its comments. */
function takeHtml(bundle: Rolldown.OutputBundle, name: string): string {
  const html = bundle[name];
  if (html?.type !== 'asset') throw new Error(`the bundle has no ${name}`);
  delete bundle[name];
  return String(html.source).replace(/\s*<!--.*?-->/gs, '');
}

/** The chunk that holds a module, all that it imports, and their stylesheets. */
function filesOf(bundle: Rolldown.OutputBundle, moduleEnd: string): readonly string[] {
  const chunks = Object.values(bundle).filter((one) => one.type === 'chunk');
  const found = chunks.find((chunk) => chunk.moduleIds.some((id) => id.endsWith(moduleEnd)));
  if (found === undefined) throw new Error(`no chunk holds ${moduleEnd}`);
  const needed = chunks.filter((chunk) => chunk === found || found.imports.includes(chunk.fileName));
  return needed.flatMap((chunk) => [...(chunk.viteMetadata?.importedCss ?? []), chunk.fileName]);
}

/** Lays each file's `.br` and `.gz` beside it, so that the cloud sends the smallest form without compressing anything while it serves. */
const compressFiles: Plugin = {
  name: 'compress-files',
  async writeBundle({ dir = '' }, bundle) {
    for (const name of Object.keys(bundle)) {
      const bytes = await readFile(join(dir, name));
      const params = {
        [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      };
      await writeFile(join(dir, `${name}.br`), brotliCompressSync(bytes, { params }));
      await writeFile(join(dir, `${name}.gz`), gzipSync(bytes, { level: 9 }));
    }
  },
};

/**
 * Builds the pages into `dist/pages`: an HTML for each kind of address and hashed files under `/assets/`, with nothing inline, so that the
 * cloud can serve them under a strict Content-Security-Policy and let browsers keep the assets for ever. The staff's page is built by itself, after the
 * driver's: what they share stands in both, and neither waits for the other's.
 */
export default defineConfig({
  root: 'src/web',
  base: '/',
  publicDir: false,
  plugins: [smallPreloader, preloadFirstPages, nameStaffPage, compressFiles],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../dist/pages',
    emptyOutDir: true,
    // The WebViews of WeChat and Alipay lag years behind the browsers (devices.md 7.1).
    target: 'chrome79',
    cssTarget: 'chrome79',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  builder: {
    async buildApp(builder) {
      for (const name of ['client', 'staff']) {
        const environment = builder.environments[name];
        if (environment === undefined) throw new Error(`there are no pages ${name} to build`);
        await builder.build(environment);
      }
    },
  },
  environments: {
    client: {
      build: {
        rolldownOptions: {
          input: 'src/web/driver/index.html',
          output: {
            // Few and larger files compress better: what every page needs, and what the order form needs at once.
            codeSplitting: {
              groups: [
                { name: 'program', test: /driver\/main\.tsx$/, priority: 2 },
                { name: 'station', test: /driver\/station-page\.tsx$/, priority: 1 },
              ],
            },
          },
        },
      },
    },
    staff: {
      consumer: 'client',
      build: {
        emptyOutDir: false,
        assetsDir: 'assets/staff',
        rolldownOptions: { input: 'src/web/station/index.html' },
      },
    },
  },
});
