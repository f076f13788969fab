import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, openDatabase } from '../database/database.ts';
import { serverFolderIn } from '../database/embedded-cluster.ts';
import { migrate } from '../database/migrate.ts';
import { type Command, type CommandInput, type CommandOption, isSet, textOf, UsageError } from './command.ts';

/** The options of every command that works on the database. */
export const databaseOptions = {
  database: { type: 'string', value: 'url', help: 'PostgreSQL to use; without it DATABASE_URL' },
  data: { type: 'string', value: 'dir', help: 'use the embedded PostgreSQL with its data in this folder' },
} as const satisfies Record<string, CommandOption>;

/**
 * Does `work` with the database as `withDatabase` does, and begins an embedded one where --data names a folder without: for the command
 * that brings the first stations in.
 */
export const withNewDatabase = <Result>(
  command: Command,
  input: CommandInput,
  work: (db: Database) => Promise<Result>,
): Promise<Result> => withNamed(command, input, work, true);

/**
 * Does `work` with the database that --database, --data or DATABASE_URL name, all migrations applied, and closes it whatever happens; an
 * embedded one is stopped too. A folder that holds no database is wrong use: a mistyped one would be told as a house in which all is well.
 */
export const withDatabase = <Result>(
  command: Command,
  input: CommandInput,
  work: (db: Database) => Promise<Result>,
): Promise<Result> => withNamed(command, input, work, false);

async function withNamed<Result>(
  command: Command,
  input: CommandInput,
  work: (db: Database) => Promise<Result>,
  mayBegin: boolean,
): Promise<Result> {
  const data = textOf(command, input, 'data');
  const given = textOf(command, input, 'database');
  if (data !== undefined && given !== undefined) throw new UsageError('--database and --data exclude each other');
  if (data !== undefined) {
    const folder = join(data, 'postgres');
    if (!mayBegin && !existsSync(serverFolderIn(folder)))
      throw new UsageError(`--data ${data}: ${folder} holds no database`);
    return withEmbedded(folder, work);
  }
  const url = given ?? process.env['DATABASE_URL'] ?? '';
  if (url === '') throw new UsageError('name a database: --database URL, --data DIR or DATABASE_URL');
  return withMigrated(url, work);
}

async function withEmbedded<Result>(folder: string, work: (db: Database) => Promise<Result>): Promise<Result> {
  // Loaded only here: a command on another database does without the embedded one.
  const { startEmbeddedPostgres } = await import('../database/embedded-postgres.ts');
  const postgres = await startEmbeddedPostgres({ folder });
  try {
    return await withMigrated(postgres.url, work);
  } finally {
    await postgres.stop();
  }
}

async function withMigrated<Result>(url: string, work: (db: Database) => Promise<Result>): Promise<Result> {
  const db = openDatabase({ url, connectionsMax: 2 });
  try {
    await migrate(db);
    return await work(db);
  } finally {
    await db.close();
  }
}

/** Exit code of a command that could not do its work, apart from 1, which is an answer. */
export const failureExitCode = 3;
export const failureMeaning =
  'failed: the database is in use, cannot be reached or has refused; the reason is on standard error';

/**
 * The exit code of `work`; where it throws, `failureExitCode`, with the reason on standard error and with --json also as `{"failure": reason}` on
 * standard output, so that a program never takes a failure for an answer. Wrong use is left to the caller.
 */
export async function orFailure(command: Command, input: CommandInput, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const failure = reasonOf(error);
    if (isSet(input, 'json')) process.stdout.write(`${JSON.stringify({ failure })}\n`);
    process.stderr.write(`forecourt ${command.name}: ${failure}\n`);
    return failureExitCode;
  }
}

/** A name with several addresses, such as localhost, fails with the errors of all of them and no words of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
