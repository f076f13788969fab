import { spawn } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../src/database/embedded-postgres.ts';
import { buildPages } from '../src/testing/built-pages.ts';
import { bringDebianPackages, debianPostgres } from './debian-packages.ts';

/**
 * `npm test`: every test file on the embedded PostgreSQL, and those that use a database once more on PostgreSQL 15. Two processes at a time:
 * most of the time goes in waiting for something. What the second one says is shown when it is done. Ends with the line `N passed, N failed`;
 * what could not be run is counted as skipped in a line of its own before it, and named.
 *
 *   npm test                 all of it
 *   npm test -- src/permit   the files below a folder, or single files
 */
type Tally = { readonly passed: number; readonly failed: number; readonly skipped: number };

const root = new URL('..', import.meta.url).pathname;

function findFiles(wanted: readonly string[]): readonly string[] {
  const all = globSync('src/**/*.test.ts', { cwd: root }).sort();
  return wanted.length === 0
    ? all
    : all.filter((file) => wanted.some((prefix) => file.startsWith(prefix.replace(/\/$/, ''))));
}

type TestFile = { readonly file: string; readonly usesDatabase: boolean; readonly usesBrowser: boolean };

/** By what they import of `testing/`. What a browser is needed for asks the pages, not the database, so once is enough. */
async function readTestFile(file: string): Promise<TestFile> {
  const text = await readFile(join(root, file), 'utf8');
  const usesBrowser = /testing\/browser\.ts'/.test(text);
  return {
    file,
    usesBrowser,
    usesDatabase: !usesBrowser && /testing\/(database|cloud|journey|station-day)\.ts'/.test(text),
  };
}

/** Quick to start and small: a test database does not need the cache of a real one. */
const settings = { shared_buffers: '64MB', min_wal_size: '80MB', max_connections: '200' };

type Run = { readonly title: string; readonly files: readonly string[]; readonly binFolder?: string };

/** `say` is given what the tests print. */
async function run({ title, files, binFolder }: Run, say: (text: string) => void): Promise<Tally> {
  if (files.length === 0) return nothing;
  say(`\n# ${title}: ${files.length} files\n`);
  const folder = await mkdtemp(join(tmpdir(), 'forecourt-test-'));
  // Root's PostgreSQL runs as another user, and 15 must be able to name its folder.
  await chmod(folder, 0o755);
  const postgres = await startEmbeddedPostgres({
    folder: join(folder, 'postgres'),
    settings,
    ...(binFolder === undefined ? {} : { binFolder }),
  });
  try {
    say(`# PostgreSQL ${postgres.version}\n`);
    return await runFiles(files, postgres.url, join(folder, 'tally.json'), say);
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const reporter = new URL('./tally-reporter.ts', import.meta.url).pathname;

async function runFiles(
  files: readonly string[],
  databaseUrl: string,
  tallyFile: string,
  say: (text: string) => void,
): Promise<Tally> {
  const words = [
    '--test',
    '--test-isolation=none',
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    `--test-reporter=${reporter}`,
    `--test-reporter-destination=${tallyFile}`,
    ...files,
  ];
  const child = spawn(process.execPath, words, {
    cwd: root,
    stdio: ['inherit', 'pipe', 'inherit'],
    env: { ...process.env, FORECOURT_TEST_DATABASE_URL: databaseUrl },
  });
  child.stdout.setEncoding('utf8').on('data', say);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (!existsSync(tallyFile)) return { passed: 0, failed: 1, skipped: 0 };
  const tally: Tally = JSON.parse(await readFile(tallyFile, 'utf8'));
  // A process that died, or a file that failed to load, is a failure though no test said so.
  return code !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
}

const nothing: Tally = { passed: 0, failed: 0, skipped: 0 };
const add = (one: Tally, other: Tally): Tally => ({
  passed: one.passed + other.passed,
  failed: one.failed + other.failed,
  skipped: one.skipped + other.skipped,
});

/** One run after the other. */
async function runAll(runs: readonly Run[], say: (text: string) => void): Promise<Tally> {
  let sum = nothing;
  for (const one of runs) sum = add(sum, await run(one, say));
  return sum;
}

const missing = await bringDebianPackages();
const files = await Promise.all(findFiles(process.argv.slice(2)).map(readTestFile));
const named = (some: readonly TestFile[]): readonly string[] => some.map(({ file }) => file);
const onDatabase = named(files.filter(({ usesDatabase }) => usesDatabase));
const binFolder = debianPostgres();
// Both processes may want the pages, and they are built once.
if (files.length > 1) await buildPages();
const later: string[] = [];
const [first, second] = await Promise.all([
  runAll(
    [{ title: 'embedded PostgreSQL', files: named(files.filter(({ usesBrowser }) => !usesBrowser)) }],
    (text) => void process.stdout.write(text),
  ),
  runAll(
    [
      { title: 'embedded PostgreSQL, with a browser', files: named(files.filter(({ usesBrowser }) => usesBrowser)) },
      ...(binFolder === null ? [] : [{ title: 'PostgreSQL 15', files: onDatabase, binFolder }]),
    ],
    (text) => void later.push(text),
  ),
]);
process.stdout.write(later.join(''));
const tally = add(first, second);
for (const line of missing) process.stdout.write(`${line}\n`);
if (tally.skipped > 0) process.stdout.write(`# skipped: ${tally.skipped} tests\n`);
if (binFolder === null)
  process.stdout.write(`# skipped: ${onDatabase.length} files on PostgreSQL 15, which is not installed\n`);
process.stdout.write(`\n${tally.passed} passed, ${tally.failed} failed\n`);
process.exitCode = tally.failed > 0 || tally.passed === 0 ? 1 : 0;
