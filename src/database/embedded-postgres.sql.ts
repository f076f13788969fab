import type { Queries } from './database.ts';
import { databaseName } from './embedded-settings.ts';

/** For example `18.4`. */
export async function readServerVersion(db: Queries): Promise<string> {
  const [row] = await db.query<{ version: string }>(
    "select split_part(current_setting('server_version'), ' ', 1) as version",
  );
  if (row === undefined) throw new Error('PostgreSQL did not say its version');
  return row.version;
}

export async function makeDatabase(db: Queries): Promise<void> {
  await db.query(`create database ${databaseName}`);
}
