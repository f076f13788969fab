import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

/**
 * Vite's own preloader weighs 1.3 KiB compressed, most of it for stylesheets that come with a module; here is one stylesheet for all. What is
 * left of it: the modules that a later step needs are asked for together with it, not one after the other.
 */
const preloadModulesOnly: Plugin = {
  name: 'preload-modules-only',
  enforce: 'pre',
  load: {
    filter: { id: /vite\/preload-helper/ },
    handler: () => `export const __vitePreload = (load, paths = []) => {
      for (const path of paths) document.head.append(Object.assign(document.createElement('link'), { rel: 'modulepreload', href: '/' + path }));
      return load();
    };`,
  },
};

/** Lays each file's `.br` and `.gz` beside it, so that the cloud sends the smallest form without compressing anything while it serves. */
const compressFiles: Plugin = {
  name: 'compress-files',
  async writeBundle({ dir = '' }, bundle) {
    for (const name of Object.keys(bundle)) {
      const bytes = await readFile(join(dir, name));
      await writeFile(join(dir, `${name}.br`), brotliCompressSync(bytes));
      await writeFile(join(dir, `${name}.gz`), gzipSync(bytes, { level: 9 }));
    }
  },
};

/**
 * Builds the driver's pages into `dist/pages`: one index.html and hashed files under `/assets/`, with nothing inline, so that the
 * cloud can serve them under a strict Content-Security-Policy and let phones keep the assets for ever.
 */
export default defineConfig({
  root: 'src/web/driver',
  base: '/',
  publicDir: false,
  plugins: [preloadModulesOnly, compressFiles],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../../dist/pages',
    emptyOutDir: true,
    // The WebViews of WeChat and Alipay lag years behind the browsers (devices.md 7.1).
    target: 'chrome79',
    cssTarget: 'chrome79',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
