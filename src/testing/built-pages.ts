import { execFile } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const buildMsMax = 60_000;

/** Where the built pages lie. */
export const pagesFolder: string = join(root, 'dist/pages');

/** Builds the pages where they are missing or older than what they are made of. */
export async function buildPages(): Promise<void> {
  const built = newest(globSync('dist/pages/index.html', { cwd: root }));
  const sources = ['src/web/**/*.{ts,tsx,css,html,svg}', 'src/{base,station}/*.ts', 'vite.config.ts'];
  if (built > newest(globSync(sources, { cwd: root, exclude: ['**/*.test.ts'] }))) return;
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  await promisify(execFile)(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
    cwd: root,
    timeout: buildMsMax,
  });
}

/** Milliseconds since 1970 of the youngest of these files; 0 where there are none. */
const newest = (paths: readonly string[]): number =>
  Math.max(0, ...paths.map((path) => statSync(join(root, path)).mtimeMs));
