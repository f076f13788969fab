import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, open, stat, truncate } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Binaries } from './embedded-binaries.ts';
import type { Cluster } from './embedded-cluster.ts';
import {
  disownPidFile,
  findPostmaster,
  folderMark,
  lookAgainMs,
  type Postmaster,
  readPidFile,
  readyMsMax,
} from './embedded-postmaster.ts';
import { CannotStartPostgres, hasCode } from './embedded-refusal.ts';
import { type Settings, settingWords } from './embedded-settings.ts';

export type Launch = {
  readonly binaries: Binaries;
  readonly cluster: Cluster;
  readonly settings: Settings;
  readonly logFile: string;
  /** Null lets the kernel choose a free one. */
  readonly port: number | null;
};

const launchesMax = 20;
const launchAgainMs = 100;
const lastWordsBytesMax = 4_096;

/** The log and one older log, so at most twice this on the disk. */
export const logBytesMax = 8_000_000;

/**
 * What passes by itself: another program was quicker with the port; the children of a killed postmaster are still
 * ending; a postmaster that a killed Forecourt had just begun was quicker with the folder.
 */
const passing =
  /could not bind|could not create any TCP|pre-existing shared memory block|lock file "postmaster.pid" already exists/;

/**
 * Starts PostgreSQL on the cluster and waits until it takes connections. It is a session of its own: Ctrl-C in a
 * terminal reaches Forecourt alone, which stops PostgreSQL last, and PostgreSQL lives on if Forecourt is killed.
 */
export async function launchPostmaster(launch: Launch): Promise<Postmaster> {
  for (let launches = 1; ; launches += 1) {
    await disownPidFile(launch.cluster);
    const port = launch.port ?? (await freePort());
    const lastWords = await launchOnce(launch, port);
    if (typeof lastWords !== 'string') return lastWords;
    if (launches === launchesMax || !passing.test(lastWords)) {
      throw new CannotStartPostgres(`PostgreSQL does not start in ${launch.cluster.dataFolder}:\n${lastWords}`);
    }
    await wait(launchAgainMs);
    const quicker = await findPostmaster(launch.cluster.dataFolder);
    if (quicker !== null) return quicker;
  }
}

/** A port of 127.0.0.1 that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error(`no port but ${address}`);
  return address.port;
}

/** Gives the postmaster, or what it logged before it ended. */
async function launchOnce(
  { binaries, cluster, settings, logFile }: Launch,
  port: number,
): Promise<Postmaster | string> {
  const log = await open(logFile, 'a+', 0o600);
  try {
    const { size } = await log.stat();
    const words = [
      '-D',
      cluster.dataArgument,
      '-c',
      await folderMark(cluster.dataFolder),
      ...settingWords(port, settings),
    ];
    const child = spawn(binaries.postgres, words, {
      ...cluster.account,
      cwd: cluster.dataFolder,
      env: binaries.environment,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    await once(child, 'spawn');
    child.unref();
    const pid = await waitUntilReady(child, cluster.dataFolder);
    if (pid !== null) return { pid, port };
    const { buffer, bytesRead } = await log.read({ buffer: Buffer.alloc(lastWordsBytesMax), position: size });
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await log.close();
  }
}

/** The pid once the postmaster says in its file that it takes connections; null if it ended before. */
async function waitUntilReady(child: ChildProcess, dataFolder: string): Promise<number | null> {
  const giveUpAt = performance.now() + readyMsMax;
  while (child.exitCode === null && child.signalCode === null) {
    const file = await readPidFile(dataFolder);
    if (file?.pid === child.pid && file?.state === 'ready') return file.pid;
    if (performance.now() > giveUpAt) {
      child.kill('SIGINT');
      throw new CannotStartPostgres(`PostgreSQL in ${dataFolder} is not ready after ${readyMsMax} ms`);
    }
    await wait(lookAgainMs);
  }
  return null;
}

/**
 * Keeps the log bounded: a full one becomes the older one. PostgreSQL appends to its open file, so that is copied and
 * emptied.
 */
export async function boundLog(logFile: string): Promise<void> {
  try {
    if ((await stat(logFile)).size <= logBytesMax) return;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  await copyFile(logFile, `${logFile}.1`);
  await truncate(logFile);
}
