import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Account, canEnter, giveFolder } from './embedded-account.ts';
import type { Binaries } from './embedded-binaries.ts';
import { CannotStartPostgres, hasCode, reasonOf } from './embedded-refusal.ts';
import { superuser } from './embedded-settings.ts';

/** PostgreSQL's data and how to reach them. */
export type Cluster = {
  readonly account: Account;
  readonly dataFolder: string;
  /** What PostgreSQL is told with `-D` when it is started inside `dataFolder`. */
  readonly dataArgument: string;
  readonly password: string;
};

const initdbMsMax = 120_000;
const passwordBytes = 24;
const removeTriesMax = 20;

/**
 * The folder of the process itself. The kernel follows it without walking the path, so that PostgreSQL, started inside
 * its data, reaches them below a folder that its user may not enter, and needs no right beyond its own files.
 */
const ownFolder = '/proc/self/cwd';

/** PostgreSQL before 16 goes out of its working folder and back by path while it looks for its own program. */
const ownFolderMajorMin = 16;

/** Within the folder that the caller named: data and password, there as a whole or not at all. */
export const serverFolderIn = (folder: string): string => join(folder, 'server');

/**
 * Makes the cluster where there is none (0.8 s), clears one that was left half made, refuses one of another major
 * version.
 */
export async function prepareCluster(folder: string, binaries: Binaries, account: Account): Promise<Cluster> {
  const serverFolder = serverFolderIn(folder);
  const dataFolder = join(serverFolder, 'data');
  const dataArgument = await chooseDataArgument(folder, binaries, account);
  await clearHalfMade(folder);
  const major = await readMajor(dataFolder);
  if (major === null) await makeCluster(folder, binaries, account, dataArgument);
  else if (major !== majorOf(binaries.version)) throw otherMajor(dataFolder, major, binaries.version);
  if (account !== null && (await stat(dataFolder)).uid !== account.uid) await giveFolder(account, serverFolder);
  const password = (await readFile(join(serverFolder, 'password'), 'utf8')).trim();
  return { account, dataFolder, dataArgument: dataArgument ?? dataFolder, password };
}

/** Null where PostgreSQL's account can use the plain path. */
async function chooseDataArgument(folder: string, binaries: Binaries, account: Account): Promise<string | null> {
  if (await canEnter(account, folder)) return null;
  if (process.platform === 'linux' && Number(majorOf(binaries.version)) >= ownFolderMajorMin) return ownFolder;
  throw new CannotStartPostgres(
    `user id ${account?.uid}, as whom PostgreSQL ${binaries.version} runs, cannot enter ${folder}: name a folder that everybody may enter`,
  );
}

const majorOf = (version: string): string => /^\d+/.exec(version)?.[0] ?? version;

async function readMajor(dataFolder: string): Promise<string | null> {
  try {
    return (await readFile(join(dataFolder, 'PG_VERSION'), 'utf8')).trim();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw new CannotStartPostgres(`cannot read ${dataFolder}: ${reasonOf(error)}`);
  }
}

const otherMajor = (dataFolder: string, major: string, version: string): CannotStartPostgres =>
  new CannotStartPostgres(
    `${dataFolder} was made by PostgreSQL ${major}, and this is PostgreSQL ${version}, which cannot read it: ` +
      `dump it with PostgreSQL ${major} and load the dump into a new folder, or name PostgreSQL ${major}`,
  );

/** An initdb that outlived its killed parent may still be writing, so the removal is tried more than once. */
async function clearHalfMade(folder: string): Promise<void> {
  const left = (await readdir(folder)).filter((name) => name.startsWith('server.new-'));
  for (const name of left) {
    await rm(join(folder, name), { recursive: true, force: true, maxRetries: removeTriesMax, retryDelay: 50 });
  }
}

/**
 * Each try has a folder name of its own: what an orphaned initdb still writes can never land in the one that counts.
 */
async function makeCluster(
  folder: string,
  binaries: Binaries,
  account: Account,
  dataArgument: string | null,
): Promise<void> {
  const serverFolder = serverFolderIn(folder);
  // Without PG_VERSION it is no cluster; an empty folder gives way, one with content of somebody's does not.
  await refuseForeignContent(serverFolder);
  const making = join(folder, `server.new-${randomBytes(6).toString('hex')}`);
  const dataFolder = join(making, 'data');
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  await writeFile(join(making, 'password'), `${randomBytes(passwordBytes).toString('base64url')}\n`, { mode: 0o600 });
  await giveFolder(account, making);
  await runInitdb(binaries, account, dataFolder, dataArgument ?? dataFolder);
  await rename(making, serverFolder);
  await syncFolder(folder);
}

async function refuseForeignContent(serverFolder: string): Promise<void> {
  try {
    if ((await readdir(serverFolder)).length === 0) return;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  throw new CannotStartPostgres(
    `${serverFolder} has content, but no PostgreSQL data: move it away, or name another folder`,
  );
}

async function runInitdb(
  binaries: Binaries,
  account: Account,
  dataFolder: string,
  dataArgument: string,
): Promise<void> {
  // Relative, because the account may be unable to walk the whole path.
  const passwordFile = join('..', 'password');
  const words = ['-D', dataArgument, '-U', superuser, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  // Order and equality by code point, the same on every machine and every PostgreSQL.
  words.push('-E', 'UTF8', '--locale=C', '-T', 'simple', '--data-checksums');
  try {
    const options = { ...account, cwd: dataFolder, env: binaries.environment, timeout: initdbMsMax };
    await promisify(execFile)(binaries.initdb, words, options);
  } catch (error) {
    throw new CannotStartPostgres(`initdb failed in ${dataFolder}: ${reasonOf(error)}`);
  }
}

/** A rename lasts through a power cut only when its folder is on the disk. */
async function syncFolder(folder: string): Promise<void> {
  const opened = await open(folder, 'r');
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}
