import { spawn } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../src/database/embedded-postgres.ts';
import { bringDebianPackages, debianPostgres } from './debian-packages.ts';

/**
 * `npm test`: every test file on the embedded PostgreSQL, then those that use a database once more on PostgreSQL 15. Ends with the line
 * `N passed, N failed`; what could not be run is counted as skipped in a line of its own before it, and named.
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

/** Test files that reach a database through `testing/`. What a browser is needed for asks the pages, not the database, so once is enough. */
async function findDatabaseFiles(files: readonly string[]): Promise<readonly string[]> {
  const texts = await Promise.all(
    files.map(async (file) => ({ file, text: await readFile(join(root, file), 'utf8') })),
  );
  return texts
    .filter(
      ({ text }) =>
        /testing\/(database|cloud|journey|station-day)\.ts'/.test(text) && !/testing\/browser\.ts'/.test(text),
    )
    .map(({ file }) => file);
}

/** Quick to start and small: a test database does not need the cache of a real one. */
const settings = { shared_buffers: '64MB', min_wal_size: '80MB', max_connections: '200' };

async function runOn(title: string, files: readonly string[], binFolder: string | undefined): Promise<Tally> {
  process.stdout.write(`\n# ${title}: ${files.length} files\n`);
  const folder = await mkdtemp(join(tmpdir(), 'forecourt-test-'));
  // Root's PostgreSQL runs as another user, and 15 must be able to name its folder.
  await chmod(folder, 0o755);
  const postgres = await startEmbeddedPostgres({
    folder: join(folder, 'postgres'),
    settings,
    ...(binFolder === undefined ? {} : { binFolder }),
  });
  try {
    process.stdout.write(`# PostgreSQL ${postgres.version}\n`);
    return await runFiles(files, postgres.url, join(folder, 'tally.json'));
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const reporter = new URL('./tally-reporter.ts', import.meta.url).pathname;

async function runFiles(files: readonly string[], databaseUrl: string, tallyFile: string): Promise<Tally> {
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
    stdio: 'inherit',
    env: { ...process.env, FORECOURT_TEST_DATABASE_URL: databaseUrl },
  });
  const code = await new Promise<number | null>((resolve) => child.on('exit', resolve));
  if (!existsSync(tallyFile)) return { passed: 0, failed: 1, skipped: 0 };
  const tally: Tally = JSON.parse(await readFile(tallyFile, 'utf8'));
  // A process that died, or a file that failed to load, is a failure though no test said so.
  return code !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
}

const add = (one: Tally, other: Tally): Tally => ({
  passed: one.passed + other.passed,
  failed: one.failed + other.failed,
  skipped: one.skipped + other.skipped,
});

const missing = await bringDebianPackages();
const files = findFiles(process.argv.slice(2));
const onDatabase = await findDatabaseFiles(files);
let tally: Tally =
  files.length === 0 ? { passed: 0, failed: 0, skipped: 0 } : await runOn('embedded PostgreSQL', files, undefined);
const binFolder = debianPostgres();
if (binFolder !== null && onDatabase.length > 0)
  tally = add(tally, await runOn('PostgreSQL 15', onDatabase, binFolder));
for (const line of missing) process.stdout.write(`${line}\n`);
if (tally.skipped > 0) process.stdout.write(`# skipped: ${tally.skipped} tests\n`);
if (binFolder === null)
  process.stdout.write(`# skipped: ${onDatabase.length} files on PostgreSQL 15, which is not installed\n`);
process.stdout.write(`\n${tally.passed} passed, ${tally.failed} failed\n`);
process.exitCode = tally.failed > 0 || tally.passed === 0 ? 1 : 0;
