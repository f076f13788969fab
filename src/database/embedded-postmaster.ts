import { chown, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Cluster } from './embedded-cluster.ts';
import { CannotStartPostgres, hasCode } from './embedded-refusal.ts';

/** PostgreSQL's first process, which holds the data folder; all others are its children. */
export type Postmaster = { readonly pid: number; readonly port: number };

/** Recovery after a crash replays up to `max_wal_size`. */
export const readyMsMax = 300_000;
export const lookAgainMs = 10;

const fastStopMsMax = 60_000;
const immediateStopMsMax = 10_000;

/**
 * postmaster.pid, line by line: pid, data folder, start time, port, socket folder, listen address, shared memory,
 * state.
 */
export type PidFile = { readonly pid: number; readonly port: number; readonly state: string };

/** Null where there is none; a pid of 0 where its writer died before it was written. */
export async function readPidFile(dataFolder: string): Promise<PidFile | null> {
  try {
    const lines = (await readFile(join(dataFolder, 'postmaster.pid'), 'utf8')).split('\n');
    return { pid: Number(lines[0]) || 0, port: Number(lines[3]) || 0, state: lines[7]?.trim() ?? '' };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/**
 * A setting that says nothing to PostgreSQL and names the data folder to us: the postmaster's command line, which
 * every user may read, shows it. The path would not do: it may be reached by another name, and below a folder of
 * root's PostgreSQL is not told it.
 */
export async function folderMark(dataFolder: string): Promise<string> {
  const { dev, ino } = await stat(dataFolder);
  return `forecourt.data_folder=${dev}:${ino}`;
}

/**
 * Whether this process is a living PostgreSQL of this very folder. A pid alone does not tell: after a crash or a
 * restart of the machine it may have become another's, and a copied folder names the postmaster of the original. Where
 * there is /proc, the command line tells; that of a zombie is empty. The working folder would tell too, but root in a
 * container may not look at it.
 */
export async function isPostmasterOf(pid: number, dataFolder: string): Promise<boolean> {
  if (pid <= 0) return false;
  if (process.platform !== 'linux') return isAlive(pid);
  try {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
    return words.includes(await folderMark(dataFolder));
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EACCES', 'ESRCH')) return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

/**
 * The postmaster that already serves this folder, once it is ready; null where there is none, or it has ended while we
 * waited.
 */
export async function findPostmaster(dataFolder: string): Promise<Postmaster | null> {
  const giveUpAt = performance.now() + readyMsMax;
  for (;;) {
    const file = await readPidFile(dataFolder);
    if (file === null || !(await isPostmasterOf(file.pid, dataFolder))) return null;
    if (file.state === 'ready') return { pid: file.pid, port: file.port };
    if (performance.now() > giveUpAt) {
      throw new CannotStartPostgres(
        `PostgreSQL (process ${file.pid}) in ${dataFolder} is still ${file.state} after ${readyMsMax} ms`,
      );
    }
    await wait(lookAgainMs);
  }
}

/**
 * Makes PostgreSQL see that a postmaster.pid without a living postmaster is stale. Left alone it would refuse to start
 * when the pid has become another's. Deleting the file would throw away the shared memory's number, by which
 * PostgreSQL sees that children of a killed postmaster still run. So the pid becomes ours: PostgreSQL takes the pid of
 * its own parent for a remnant and still looks at the rest.
 */
export async function disownPidFile({ dataFolder, account }: Cluster): Promise<void> {
  const file = join(dataFolder, 'postmaster.pid');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  const [pid, ...rest] = text.split('\n');
  // One that a killed Forecourt had just begun may have written it since we looked.
  if (await isPostmasterOf(Number(pid), dataFolder)) return;
  const disowned = `${file}.disowned`;
  await writeFile(disowned, [process.pid, ...rest].join('\n'), { mode: 0o600 });
  if (account !== null) await chown(disowned, account.uid, account.gid);
  await rename(disowned, file);
}

/**
 * Fast shutdown (open transactions are rolled back); if that hangs, an immediate one, which the next start recovers
 * from.
 */
export async function stopPostmaster(pid: number, dataFolder: string): Promise<void> {
  if (await endsAfter('SIGINT', fastStopMsMax)) return;
  if (await endsAfter('SIGQUIT', immediateStopMsMax)) return;
  throw new Error(
    `PostgreSQL (process ${pid}) in ${dataFolder} did not stop in ${fastStopMsMax + immediateStopMsMax} ms`,
  );

  async function endsAfter(signal: NodeJS.Signals, msMax: number): Promise<boolean> {
    const giveUpAt = performance.now() + msMax;
    if (await isPostmasterOf(pid, dataFolder)) signalPostmaster(pid, signal);
    while (await isPostmasterOf(pid, dataFolder)) {
      if (performance.now() > giveUpAt) return false;
      await wait(lookAgainMs);
    }
    return true;
  }
}

export function signalPostmaster(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It ended between the look and the signal.
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}
