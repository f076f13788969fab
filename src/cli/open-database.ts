import { join } from 'node:path';
import { type Database, openDatabase } from '../database/database.ts';
import { migrate } from '../database/migrate.ts';
import { type Command, type CommandInput, type CommandOption, textOf, UsageError } from './command.ts';

/** The options of every command that works on the database. */
export const databaseOptions = {
  database: { type: 'string', value: 'url', help: 'PostgreSQL to use; without it DATABASE_URL' },
  data: { type: 'string', value: 'dir', help: 'use the embedded PostgreSQL with its data in this folder' },
} as const satisfies Record<string, CommandOption>;

export type OpenedDatabase = { readonly db: Database; close(): Promise<void> };

/** The database that --database, --data or DATABASE_URL name, with all migrations applied. */
export async function openCommandDatabase(command: Command, input: CommandInput): Promise<OpenedDatabase> {
  const data = textOf(command, input, 'data');
  const given = textOf(command, input, 'database');
  if (data !== undefined && given !== undefined) throw new UsageError('--database and --data exclude each other');
  if (data !== undefined) return openEmbedded(data);
  const url = given ?? process.env['DATABASE_URL'];
  if (url === undefined || url === '')
    throw new UsageError('name a database: --database URL, --data DIR or DATABASE_URL');
  return openMigrated(url, async () => undefined);
}

async function openEmbedded(folder: string): Promise<OpenedDatabase> {
  // Loaded only here: a command on another database does without the embedded one.
  const { startEmbeddedPostgres } = await import('../database/embedded-postgres.ts');
  const postgres = await startEmbeddedPostgres({ folder: join(folder, 'postgres') });
  return openMigrated(postgres.url, () => postgres.stop());
}

async function openMigrated(url: string, stop: () => Promise<void>): Promise<OpenedDatabase> {
  const db = openDatabase({ url, connectionsMax: 2 });
  const close = async (): Promise<void> => {
    await db.close();
    await stop();
  };
  try {
    await migrate(db);
  } catch (error) {
    await close();
    throw error;
  }
  return { db, close };
}
