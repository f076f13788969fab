import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openDatabase } from './database.ts';
import { chooseAccount } from './embedded-account.ts';
import { prepareBinaries } from './embedded-binaries.ts';
import { type Cluster, prepareCluster, serverFolderIn } from './embedded-cluster.ts';
import { boundLog, type Launch, launchPostmaster } from './embedded-launch.ts';
import { type FolderLock, lockFolder } from './embedded-lock.ts';
import { makeDatabase, readServerVersion } from './embedded-postgres.sql.ts';
import { findPostmaster, type Postmaster, stopPostmaster } from './embedded-postmaster.ts';
import { CannotStartPostgres, hasCode, reasonOf } from './embedded-refusal.ts';
import { addressOf, databaseName, type Settings } from './embedded-settings.ts';
import { watchPostmaster } from './embedded-watch.ts';

export type EmbeddedPostgresOptions = {
  /** Holds the data and the lock; made where missing. */
  readonly folder: string;
  /** A folder with `initdb` and `postgres`; default: the npm package for this platform. */
  readonly binFolder?: string;
  /** The npm package's folder; default: where Node finds it. */
  readonly packageFolder?: string;
  /**
   * Where a copy of the package's binaries may be kept when PostgreSQL's account cannot use the package where it lies.
   */
  readonly copyFolders?: readonly string[];
  /** PostgreSQL settings by name. Those that keep an acknowledged commit on the disk cannot be changed. */
  readonly settings?: Settings;
  /** Told, in a sentence, when PostgreSQL had died and was started again, or could not be. */
  readonly notice?: (sentence: string) => void;
};

export type EmbeddedPostgres = {
  /** `postgres://…` for `openDatabase`. */
  readonly url: string;
  readonly version: string;
  stop(): Promise<void>;
};

/**
 * Starts PostgreSQL on `folder` and keeps it running until `stop`, or until this process exits. One that a killed
 * process has left running there is taken over. Throws `CannotStartPostgres` with a text for the operator where the
 * folder is in use by another process, was made by another major version or belongs to another user, and where no
 * PostgreSQL can be run on this machine.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const folder = resolve(options.folder);
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw new CannotStartPostgres(`cannot make ${folder}: ${reasonOf(error)}`);
  });
  const account = await chooseAccount(serverFolderIn(folder));
  const lock = await lockFolder(folder);
  try {
    const copyFolders = options.copyFolders ?? [folder, '/var/cache/forecourt', '/var/tmp', tmpdir()];
    const binaries = await prepareBinaries({ ...options, account, copyFolders });
    const cluster = await prepareCluster(folder, binaries, account);
    const logFile = join(folder, 'postgres.log');
    return await serve(
      { binaries, cluster, settings: options.settings ?? {}, logFile, port: null },
      lock,
      options.notice,
    );
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function serve(
  launch: Launch,
  lock: FolderLock,
  notice: EmbeddedPostgresOptions['notice'],
): Promise<EmbeddedPostgres> {
  const { cluster, logFile } = launch;
  await boundLog(logFile);
  const { postmaster, version } = await findOrLaunch(launch);
  const watch = watchPostmaster({ ...launch, port: postmaster.port }, postmaster.pid, notice ?? (() => undefined));
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= watch.stop().finally(() => lock.release());
    return stopped;
  };
  return { url: addressIn(cluster, postmaster, databaseName), version, stop };
}

async function findOrLaunch(launch: Launch): Promise<{ postmaster: Postmaster; version: string }> {
  const { cluster, binaries } = launch;
  const found = await findPostmaster(cluster.dataFolder);
  if (found !== null) {
    const version = await openForUse(cluster, found);
    if (version === binaries.version) return { postmaster: found, version };
    // Left running by an older or newer Forecourt: its programs may have been replaced under it.
    await stopPostmaster(found.pid, cluster.dataFolder);
  }
  const postmaster = await launchPostmaster(launch);
  try {
    return { postmaster, version: await openForUse(cluster, postmaster) };
  } catch (error) {
    await stopPostmaster(postmaster.pid, cluster.dataFolder);
    throw error;
  }
}

const addressIn = ({ dataFolder, password }: Cluster, { port }: Postmaster, database: string): string =>
  addressOf({ dataFolder, password, port, database });

/** Gives the running server's version, and makes our database if the first start was killed before it did. */
async function openForUse(cluster: Cluster, postmaster: Postmaster): Promise<string> {
  try {
    return await askVersion(cluster, postmaster, databaseName);
  } catch (error) {
    if (!hasCode(error, databaseMissing)) {
      throw new CannotStartPostgres(`PostgreSQL in ${cluster.dataFolder} does not let us in: ${reasonOf(error)}`);
    }
  }
  const db = openDatabase({ url: addressIn(cluster, postmaster, 'postgres'), connectionsMax: 1 });
  try {
    await makeDatabase(db);
  } finally {
    await db.close();
  }
  return askVersion(cluster, postmaster, databaseName);
}

/** invalid_catalog_name, https://www.postgresql.org/docs/current/errcodes-appendix.html */
const databaseMissing = '3D000';

async function askVersion(cluster: Cluster, postmaster: Postmaster, database: string): Promise<string> {
  const db = openDatabase({ url: addressIn(cluster, postmaster, database), connectionsMax: 1 });
  try {
    return await readServerVersion(db);
  } finally {
    await db.close();
  }
}
