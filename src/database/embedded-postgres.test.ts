import assert from 'node:assert/strict';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import {
  answerOf,
  ask,
  copiedFolder,
  dataFolderOf,
  isRoot,
  postmasterPid,
  settings,
  sharedFolder,
  spawnStarter,
} from './testing/embedded-trial.ts';

void test('what was committed is there after a restart', async (t) => {
  const folder = await sharedFolder(t);
  const first = await startEmbeddedPostgres({ folder, settings });
  assert.match(first.version, /^18\.\d+$/);
  await ask(first.url, 'create table pump (number int)', 'insert into pump values (7)');
  await first.stop();
  assert.equal(await postmasterPid(folder), 0);
  const second = await startEmbeddedPostgres({ folder, settings });
  assert.deepEqual(await ask(second.url, 'select number from pump'), [7]);
  await second.stop();
});

void test('data, socket and password are for PostgreSQL alone', async (t) => {
  const folder = await sharedFolder(t);
  const postgres = await startEmbeddedPostgres({ folder, settings });
  const { port } = new URL(postgres.url);
  assert.equal((await stat(join(folder, 'server'))).mode & 0o777, 0o700);
  assert.equal((await stat(join(folder, 'server', 'password'))).mode & 0o777, 0o600);
  assert.equal((await stat(join(folder, 'postgres.log'))).mode & 0o777, 0o600);
  assert.ok((await stat(join(dataFolderOf(folder), `.s.PGSQL.${port}`))).isSocket());
  assert.deepEqual(
    await ask(postgres.url, "select count(*) from pg_hba_file_rules where auth_method <> 'scram-sha-256'"),
    [0],
  );
  const wrong = new URL(postgres.url);
  wrong.password = 'guessed';
  await assert.rejects(ask(wrong.href, 'select 1'), /password authentication failed/);
  await postgres.stop();
});

void test('no caller can trade away that a commit lasts, the rest is his to choose', async (t) => {
  const folder = await sharedFolder(t);
  const careless = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', listen_addresses: '*' };
  const postgres = await startEmbeddedPostgres({ folder, settings: { ...settings, ...careless, work_mem: '5MB' } });
  const wanted: Record<string, string> = {
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    listen_addresses: '127.0.0.1',
    work_mem: '5MB',
    shared_buffers: '16MB',
    max_connections: '50',
    jit: 'off',
    TimeZone: 'UTC',
    server_encoding: 'UTF8',
    lc_collate: 'C',
    data_checksums: 'on',
  };
  const found: Record<string, unknown> = {};
  for (const name of Object.keys(wanted)) {
    const sql =
      name === 'lc_collate' ? 'select datcollate from pg_database where datname = current_database()' : `show ${name}`;
    [found[name]] = await ask(postgres.url, sql);
  }
  assert.deepEqual(found, wanted);
  await postgres.stop();
});

void test('the address reaches PostgreSQL through its socket, and another database when its path is changed', async (t) => {
  const folder = await copiedFolder(t, 'a folder & its name');
  const postgres = await startEmbeddedPostgres({ folder, settings });
  const url = new URL(postgres.url);
  const where = "select concat_ws(' ', current_database(), coalesce(host(inet_server_addr()), 'socket'))";
  assert.deepEqual(await ask(url.href, where), ['forecourt socket']);
  url.pathname = '/postgres';
  assert.deepEqual(await ask(url.href, where), ['postgres socket']);
  url.search = '';
  assert.deepEqual(await ask(url.href, where), ['postgres 127.0.0.1']);
  await postgres.stop();
});

void test('a second start on the folder is refused by the process that holds it, in this process and in another', async (t) => {
  const folder = await sharedFolder(t);
  const first = await startEmbeddedPostgres({ folder, settings });
  const complaint = new RegExp(`in use by another Forecourt \\(process ${process.pid}\\)`);
  await assert.rejects(startEmbeddedPostgres({ folder, settings }), complaint);
  const other = spawnStarter(t, { folder });
  assert.match((await answerOf(other)).complaint, complaint);
  assert.deepEqual(await ask(first.url, 'select 1'), [1]);
  await first.stop();
  await first.stop();
  await (await startEmbeddedPostgres({ folder, settings })).stop();
});

void test('a start that fails lets go of the folder and says what PostgreSQL said', async (t) => {
  const folder = await sharedFolder(t);
  const impossible = { ...settings, shared_buffers: 'plenty' };
  await assert.rejects(startEmbeddedPostgres({ folder, settings: impossible }), /does not start.*shared_buffers/s);
  await (await startEmbeddedPostgres({ folder, settings })).stop();
});

void test('a process that exits without stopping leaves no PostgreSQL behind', async (t) => {
  const folder = await sharedFolder(t);
  const starter = spawnStarter(t, { folder });
  const { url } = await answerOf(starter);
  assert.deepEqual(await ask(url, 'select 1'), [1]);
  starter.stdin?.end();
  await once(starter, 'close');
  const next = await startEmbeddedPostgres({ folder, settings });
  assert.notEqual(new URL(next.url).port, new URL(url).port);
  await next.stop();
});

void test('root gives PostgreSQL a folder that it has brought back from a backup', {
  skip: !isRoot && 'needs root',
}, async (t) => {
  const folder = await copiedFolder(t);
  assert.equal((await stat(dataFolderOf(folder))).uid, 0);
  await (await startEmbeddedPostgres({ folder, settings })).stop();
  assert.equal((await stat(join(dataFolderOf(folder), 'PG_VERSION'))).uid, 65_534);
});
