import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const run = promisify(execFile);
const unpackMsMax = 120_000;
const startMsMax = 30_000;
/** How long a page may take to show what a test looks for. */
const lookMsMax = 5_000;

/** A real Chromium, or why none can start here. The one of the package is unpacked once for all runs of a user. */
export async function startBrowser(): Promise<Browser | string> {
  try {
    return await launch(await unpackChromium());
  } catch (error) {
    return `Chromium cannot start: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function launch(folder: string): Promise<Browser> {
  return chromium.launch({
    executablePath: join(folder, 'chromium'),
    timeout: startMsMax,
    // Without a sandbox, since containers seldom allow one; it opens nothing but our own pages. The rest keeps it from calling out.
    args: ['--no-sandbox', '--no-zygote', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
    env: {
      ...process.env,
      LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'),
      ...(existsSync('/etc/fonts/fonts.conf') ? {} : { FONTCONFIG_PATH: join(folder, 'fonts') }),
    },
  });
}

/** The package unpacks into the temp folder and changes its process's environment, so a child does it, into a folder that is whole or not there. */
async function unpackChromium(): Promise<string> {
  const folder = join(tmpdir(), `forecourt-chromium-${process.getuid?.() ?? 0}`);
  if (existsSync(folder)) return folder;
  const half = await mkdtemp(`${folder}-`);
  // Its libraries (NSS among them) are only unpacked where it believes to be on Amazon's machines, which lack them too.
  const env = { ...process.env, TMPDIR: half, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' };
  const program = `await (await import('@sparticuz/chromium')).default.executablePath()`;
  await run(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: import.meta.dirname,
    env,
    timeout: unpackMsMax,
  });
  await mkdir(join(half, 'al2023', 'lib'), { recursive: true });
  // Another run may have been quicker.
  await rename(half, folder).catch(() => rm(half, { recursive: true }));
  return folder;
}

/** A page as a test sees it, with whatever went wrong in it or left the allowed origins. */
export type WatchedPage = {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors of the console (a violated Content-Security-Policy is one), uncaught errors, requests to other origins. */
  readonly faults: readonly string[];
  /** Takes out the faults that a story means to cause, and gives their number. */
  forgive(fault: RegExp): number;
  close(): Promise<void>;
};

export async function openWatched(
  browser: Browser,
  origins: readonly string[],
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(lookMsMax);
  const faults: string[] = [];
  context.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => faults.push(`uncaught: ${error.error().message}`));
  context.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol !== 'blob:' && protocol !== 'data:' && !origins.includes(origin))
      faults.push(`a request left for ${request.url()}`);
  });
  function forgive(fault: RegExp): number {
    const kept = faults.filter((one) => !fault.test(one));
    return faults.splice(0, faults.length, ...kept).length - kept.length;
  }
  return { page: await context.newPage(), context, faults, forgive, close: () => context.close() };
}

/** A phone of usual size, in the driver's language. */
export const phone = (locale: string): BrowserContextOptions => ({
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
  locale,
  userAgent:
    'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
});
