import { join } from 'node:path';

/** The only role; its password stands in a file that only PostgreSQL's account and root can read. */
export const superuser = 'forecourt';
export const databaseName = 'forecourt';

/** PostgreSQL settings by name, for example `{ shared_buffers: '32MB' }`. */
export type Settings = Readonly<Record<string, string>>;

/** What a caller may choose otherwise. */
const chosen = {
  shared_buffers: '256MB',
  max_connections: '50',
  // Write-ahead log files are kept and used again: making new ones costs most of the first minutes' speed.
  min_wal_size: '1GB',
  max_wal_size: '4GB',
  jit: 'off',
} as const satisfies Settings;

/**
 * What no caller may: an acknowledged commit is on the disk, nobody but this machine can connect, the log tells
 * nothing of a driver.
 */
const fixed = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  listen_addresses: '127.0.0.1',
  // Relative to the data folder, which only PostgreSQL's account may enter; so the path is never too long for the server.
  unix_socket_directories: '.',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  log_destination: 'stderr',
  logging_collector: 'off',
  log_checkpoints: 'off',
  // Statements and details carry names, phones and plates.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  cluster_name: 'forecourt',
} as const satisfies Settings;

/** The settings as words after `postgres -D folder`. They hold for this start and outdo the configuration files. */
export function settingWords(port: number, settings: Settings): readonly string[] {
  const all = { ...chosen, ...settings, ...fixed, port: String(port) };
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** sun_path of unix(7) without its closing NUL; macOS has four bytes less. */
const socketPathBytesMax = process.platform === 'linux' ? 107 : 103;

export type Address = {
  readonly dataFolder: string;
  readonly port: number;
  readonly password: string;
  readonly database: string;
};

/**
 * The fastest address that works: the unix socket where its path is short enough, else 127.0.0.1. Host and port are
 * always named, so that the address can be taken apart by `URL` and its path changed to another database; libpq
 * understands it too.
 */
export function addressOf({ dataFolder, port, password, database }: Address): string {
  const url = new URL(`postgres://${superuser}@127.0.0.1:${port}/${database}`);
  url.password = password;
  const socketPath = join(dataFolder, `.s.PGSQL.${port}`);
  if (Buffer.byteLength(socketPath) <= socketPathBytesMax) url.search = `host=${encodeURIComponent(dataFolder)}`;
  return url.href;
}
