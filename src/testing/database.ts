import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import pg from 'pg';
import { type Database, openDatabase } from '../database/database.ts';
import { startEmbeddedPostgres } from '../database/embedded-postgres.ts';
import { migrate } from '../database/migrate.ts';

/** A PostgreSQL for tests: the one of FORECOURT_TEST_DATABASE_URL, else an embedded one that lives as long as this process. */
let server: Promise<{ url: string; stop(): Promise<void> }> | undefined;

async function startServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const given = process.env['FORECOURT_TEST_DATABASE_URL'];
  if (given !== undefined) return { url: given, stop: async () => undefined };
  const folder = await mkdtemp(join(tmpdir(), 'forecourt-test-'));
  const postgres = await startEmbeddedPostgres({ folder });
  return {
    url: postgres.url,
    async stop() {
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const opened: (() => Promise<void>)[] = [];

after(async () => {
  for (const close of opened) await close();
  await (await server)?.stop();
});

async function asAdministrator(statement: string): Promise<string> {
  server ??= startServer();
  const { url } = await server;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  await client.end();
  return url;
}

/** The address of a fresh, migrated database of its own; dropped after the tests. */
export async function testDatabaseUrl(): Promise<string> {
  const name = `forecourt_test_${randomBytes(6).toString('hex')}`;
  const url = new URL(await asAdministrator(`create database ${name}`));
  url.pathname = `/${name}`;
  const db = openDatabase({ url: url.href, connectionsMax: 1 });
  await migrate(db);
  await db.close();
  opened.push(async () => void (await asAdministrator(`drop database if exists ${name} with (force)`)));
  return url.href;
}

/** A fresh, migrated database; closed and dropped after the tests. */
export async function testDatabase(): Promise<Database> {
  const url = await testDatabaseUrl();
  const db = openDatabase({ url });
  opened.unshift(() => db.close());
  return db;
}
