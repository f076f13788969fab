import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { setInterval } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openDatabase } from '../database.ts';
import { canEnter } from '../embedded-account.ts';
import { type EmbeddedPostgresOptions, startEmbeddedPostgres } from '../embedded-postgres.ts';
import { isPostmasterOf, readPidFile, stopPostmaster } from '../embedded-postmaster.ts';

/** Small, so that many can run beside each other. */
export const settings = { shared_buffers: '16MB', min_wal_size: '80MB', max_wal_size: '160MB' } as const;

export const isRoot = process.getuid?.() === 0;

const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;
export const packageFolder = dirname(dirname(fileURLToPath(import.meta.resolve(packageName))));

const nobody = { uid: 65_534, gid: 65_534 } as const;

/** Why a test that lets another user run something of this checkout cannot run, or false: below a private folder of root nobody else gets in. */
export const isClosedToOthers: string | false =
  isRoot && !(await canEnter(nobody, packageFolder)) && 'the checkout lies where only root may enter';

export const dataFolderOf = (folder: string): string => join(folder, 'server', 'data');

/**
 * A folder that everybody may enter; after the test whatever still runs below `nested` or in it is stopped, and it is
 * removed.
 */
export async function trialFolder(t: TestContext, nested = ''): Promise<string> {
  const top = await mkdtemp(join(tmpdir(), 'forecourt-embedded-'));
  await chmod(top, 0o755);
  const folder = join(top, nested);
  t.after(async () => {
    await stopLeft(folder);
    await rm(top, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  });
  return folder;
}

async function stopLeft(folder: string): Promise<void> {
  const pid = await postmasterPid(folder);
  if (await isPostmasterOf(pid, dataFolderOf(folder))) await stopPostmaster(pid, dataFolderOf(folder));
}

export const postmasterPid = async (folder: string): Promise<number> =>
  (await readPidFile(dataFolderOf(folder)))?.pid ?? 0;

let made: Promise<string> | undefined;

/** One folder with a cluster for all tests that leave it whole: initdb takes most of a second. */
export async function sharedFolder(t: TestContext): Promise<string> {
  made ??= makeShared();
  const folder = await made;
  t.after(() => stopLeft(folder));
  return folder;
}

async function makeShared(): Promise<string> {
  const top = await mkdtemp(join(tmpdir(), 'forecourt-embedded-'));
  process.once('exit', () => rmSync(top, { recursive: true, force: true }));
  await chmod(top, 0o755);
  await (await startEmbeddedPostgres({ folder: top, settings })).stop();
  return top;
}

/** A copy of its cluster in a folder of the test's own. */
export async function copiedFolder(t: TestContext, nested = ''): Promise<string> {
  const folder = await trialFolder(t, nested);
  await mkdir(folder, { recursive: true });
  await copyAll(join(await sharedFolder(t), 'server'), join(folder, 'server'));
  return folder;
}

/** With `cp`, because Node needs three times as long for the thousand files of a cluster. */
export async function copyAll(from: string, to: string, how = '-R'): Promise<void> {
  await promisify(execFile)('cp', [how, '--', from, to]);
}

/** Each row of the answer as one value. */
export async function ask(url: string, ...statements: readonly string[]): Promise<unknown[]> {
  const db = openDatabase({ url, connectionsMax: 1 });
  try {
    let rows: object[] = [];
    for (const statement of statements) rows = await db.query<object>(statement);
    return rows.map((row) => Object.values(row)[0]);
  } finally {
    await db.close();
  }
}

const program = `
  import { startEmbeddedPostgres } from ${JSON.stringify(new URL('../embedded-postgres.ts', import.meta.url).href)};
  process.stdin.on('end', () => process.exit(0)).resume();
  const { url } = await startEmbeddedPostgres(JSON.parse(process.argv[1]));
  console.log(url);
`;

type Who = { readonly uid?: number; readonly gid?: number };

/**
 * Another Node process that starts PostgreSQL, prints its address and exits, without stopping it, when its input ends.
 */
export function spawnStarter(t: TestContext, options: EmbeddedPostgresOptions, who: Who = {}): ChildProcess {
  const words = ['--input-type=module', '-e', program, JSON.stringify({ settings, ...options })];
  const starter = spawn(process.execPath, words, { ...who, cwd: '/', stdio: ['pipe', 'pipe', 'pipe'] });
  t.after(() => starter.kill('SIGKILL'));
  return starter;
}

/** The address that a starter prints, or what it complains of. */
export async function answerOf(starter: ChildProcess): Promise<{ url: string; complaint: string }> {
  const said = { url: '', complaint: '' };
  starter.stdout?.on('data', (text) => {
    said.url += String(text);
    if (said.url.includes('\n')) starter.emit('answered');
  });
  starter.stderr?.on('data', (text) => {
    said.complaint += String(text);
  });
  await Promise.race([once(starter, 'answered'), once(starter, 'close')]);
  return { url: said.url.trim(), complaint: said.complaint };
}

export async function killStarter(starter: ChildProcess): Promise<void> {
  const closed = once(starter, 'exit');
  starter.kill('SIGKILL');
  await closed;
}

const eventuallyMsMax = 20_000;
const lookAgainMs = 5;

/** Looks until it is so; fails the test if it never is. */
export async function eventually(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for await (const giveUpAt of setInterval(lookAgainMs, performance.now() + eventuallyMsMax)) {
    if (await isSo()) return;
    if (performance.now() > giveUpAt) throw new Error(`it did not come about in ${eventuallyMsMax} ms that ${what}`);
  }
}

export const readText = (...path: readonly string[]): Promise<string> => readFile(join(...path), 'utf8');
