import { execFile } from 'node:child_process';
import { chmod, chown, lchown, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CannotStartPostgres, hasCode, reasonOf } from './embedded-refusal.ts';

/** Who PostgreSQL runs as; null is whoever runs this process. PostgreSQL refuses to run as root. */
export type Account = { readonly uid: number; readonly gid: number } | null;

/** The id that the kernel itself calls nobody: no user has to be created for it. */
const nobody = { uid: 65_534, gid: 65_534 } as const satisfies Account;

const root = 0;
const probeMsMax = 10_000;

/**
 * An ordinary user runs PostgreSQL as himself. Root runs it as the owner of the data where there are any (a folder
 * that an ordinary user made stays his), else as nobody.
 */
export async function chooseAccount(dataFolder: string): Promise<Account> {
  const owner = await ownerOf(dataFolder);
  const self = process.getuid?.();
  if (self === root) {
    const account = owner === null || owner.uid === root ? nobody : owner;
    await canEnter(account, '/');
    return account;
  }
  if (owner !== null && self !== undefined && owner.uid !== self) {
    throw new CannotStartPostgres(
      `${dataFolder} belongs to user id ${owner.uid} and this process runs as ${self}: run it as that user or as root`,
    );
  }
  return null;
}

async function ownerOf(path: string): Promise<{ uid: number; gid: number } | null> {
  try {
    const { uid, gid } = await stat(path);
    return { uid, gid };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw new CannotStartPostgres(`cannot read ${path}: ${reasonOf(error)}`);
  }
}

/**
 * Whether PostgreSQL's account can reach a folder by its path; throws where this root may not become that account.
 * Asked of the kernel: modes alone do not tell (access lists, mounts).
 */
export async function canEnter(account: Account, folder: string): Promise<boolean> {
  if (account === null) return true;
  try {
    await promisify(execFile)('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], {
      ...account,
      cwd: '/',
      timeout: probeMsMax,
    });
    return true;
  } catch (error) {
    if (hasCode(error, 'EPERM', 'EINVAL')) throw new CannotStartPostgres(cannotBecome(account, error));
    return false;
  }
}

const cannotBecome = (account: NonNullable<Account>, error: unknown): string =>
  `PostgreSQL does not run as root, and this root may not become user id ${account.uid} (${reasonOf(error)}): run Forecourt as an ordinary user, or set DATABASE_URL`;

/**
 * Gives PostgreSQL's account a folder that root made or brought back from a backup, with the mode that PostgreSQL asks
 * for.
 */
export async function giveFolder(account: Account, folder: string): Promise<void> {
  if (account === null) return;
  try {
    for (const entry of await readdir(folder, { recursive: true })) {
      await lchown(join(folder, entry), account.uid, account.gid);
    }
    await chown(folder, account.uid, account.gid);
    await chmod(folder, 0o700);
  } catch (error) {
    throw new CannotStartPostgres(`cannot give ${folder} to user id ${account.uid}: ${reasonOf(error)}`);
  }
}
