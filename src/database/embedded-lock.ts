import { access, constants, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CannotStartPostgres, reasonOf } from './embedded-refusal.ts';

export type FolderLock = { release(): void };

/** SQLITE_BUSY: https://www.sqlite.org/rescode.html#busy */
const sqliteBusy = 5;

/**
 * Keeps every other process, and a second start in this one, off the folder until `release` or the end of this
 * process, however it ends.
 *
 * Node has no call for a file lock, but SQLite takes one for an exclusive transaction, and the kernel lets go of it
 * when the process dies. So there is no stale lock to clear and no recycled process id to be fooled by. The file holds
 * nothing.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const holderFile = join(folder, 'holder');
  const lockFile = join(folder, 'lock');
  const lock = openLock(lockFile);
  if (lock === 'busy') {
    const holder = await readFile(holderFile, 'utf8').catch(() => 'unknown');
    throw new CannotStartPostgres(
      `${folder} is in use by another Forecourt (process ${holder.trim()}): stop it, or name another folder`,
    );
  }
  try {
    // SQLite opens a file that it may only read without a word, and then locks nobody out.
    await access(lockFile, constants.W_OK);
    await writeFile(holderFile, `${process.pid}\n`);
    return lock;
  } catch (error) {
    lock.release();
    throw new CannotStartPostgres(`cannot lock ${folder}: ${reasonOf(error)}`);
  }
}

function openLock(file: string): FolderLock | 'busy' {
  let database: DatabaseSync | undefined;
  try {
    const opened = new DatabaseSync(file, { timeout: 0 });
    database = opened;
    opened.exec('pragma journal_mode = memory');
    opened.exec('begin exclusive');
    return {
      release() {
        if (opened.isOpen) opened.close();
      },
    };
  } catch (error) {
    database?.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy) return 'busy';
    throw new CannotStartPostgres(`cannot lock ${file}: ${reasonOf(error)}`);
  }
}
