import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { isPostmasterOf } from './embedded-postmaster.ts';
import {
  answerOf,
  ask,
  copyAll,
  dataFolderOf,
  eventually,
  isClosedToOthers,
  killStarter,
  packageFolder,
  postmasterPid,
  readText,
  settings,
  sharedFolder,
  spawnStarter,
  trialFolder,
} from './testing/embedded-trial.ts';

void test('a PostgreSQL whose Forecourt was killed is taken over with all it has, and can be stopped', async (t) => {
  const folder = await sharedFolder(t);
  const starter = spawnStarter(t, { folder });
  const { url } = await answerOf(starter);
  await ask(url, 'create table permit (id int)', 'insert into permit values (1)');
  const pid = await postmasterPid(folder);
  await killStarter(starter);
  assert.equal(await isPostmasterOf(pid, dataFolderOf(folder)), true);
  const next = await startEmbeddedPostgres({ folder, settings });
  assert.equal(await postmasterPid(folder), pid);
  assert.equal(next.url, url);
  assert.deepEqual(await ask(next.url, 'select id from permit'), [1]);
  await next.stop();
  assert.equal(await isPostmasterOf(pid, dataFolderOf(folder)), false);
});

void test('a PostgreSQL left running by another minor version is replaced, not taken over', {
  skip: isClosedToOthers,
}, async (t) => {
  const folder = await sharedFolder(t);
  const starter = spawnStarter(t, { folder });
  await answerOf(starter);
  const pid = await postmasterPid(folder);
  await killStarter(starter);
  const binFolder = await trialFolder(t);
  for (const name of ['postgres', 'initdb']) {
    const real = join(packageFolder, 'native', 'bin', name);
    const script = `#!/bin/sh\n[ "$1" = --version ] && echo "${name} (PostgreSQL) 18.999" || exec '${real}' "$@"\n`;
    await writeFile(join(binFolder, name), script, { mode: 0o755 });
  }
  const next = await startEmbeddedPostgres({ folder, settings, binFolder });
  assert.notEqual(await postmasterPid(folder), pid);
  assert.deepEqual(await ask(next.url, 'select 1'), [1]);
  await next.stop();
});

void test('a first start that is killed while initdb runs is cleared and made again', async (t) => {
  const folder = await trialFolder(t, 'made/where/missing');
  const starter = spawnStarter(t, { folder });
  const halfMade = async () => (await readdir(folder).catch(() => [])).filter((name) => name.startsWith('server.new-'));
  await eventually('initdb is at work', async () => {
    const [name] = await halfMade();
    return name !== undefined && (await stat(join(folder, name, 'data', 'PG_VERSION')).catch(() => null)) !== null;
  });
  await killStarter(starter);
  assert.equal((await halfMade()).length, 1);
  const postgres = await startEmbeddedPostgres({ folder, settings });
  assert.deepEqual(await ask(postgres.url, 'select 1'), [1]);
  assert.deepEqual(await halfMade(), []);
  await postgres.stop();
});

void test('a killed PostgreSQL is started again at the same address, with what it had acknowledged', async (t) => {
  const folder = await sharedFolder(t);
  const notices: string[] = [];
  const postgres = await startEmbeddedPostgres({ folder, settings, notice: (sentence) => notices.push(sentence) });
  await ask(postgres.url, 'create table paid (minor int)', 'insert into paid values (20000)');
  const pid = await postmasterPid(folder);
  process.kill(pid, 'SIGKILL');
  await eventually('PostgreSQL was started again', async () => notices.length > 0);
  assert.match(notices.join(), new RegExp(`process ${pid}\\) had died and was started again`));
  assert.deepEqual(await ask(postgres.url, 'select minor from paid'), [20_000]);
  await postgres.stop();
  assert.equal(await postmasterPid(folder), 0);
});

void test('when PostgreSQL and Forecourt were both killed, the next start has what was acknowledged', async (t) => {
  const folder = await sharedFolder(t);
  const starter = spawnStarter(t, { folder });
  const { url } = await answerOf(starter);
  await ask(url, 'create table paid_before (minor int)', 'insert into paid_before values (20000)');
  const killed = killStarter(starter);
  process.kill(await postmasterPid(folder), 'SIGKILL');
  await killed;
  const postgres = await startEmbeddedPostgres({ folder, settings });
  assert.deepEqual(await ask(postgres.url, 'select minor from paid_before'), [20_000]);
  await postgres.stop();
});

void test('a stale postmaster.pid whose number has become another process does not keep PostgreSQL from starting', async (t) => {
  const folder = await sharedFolder(t);
  await (await startEmbeddedPostgres({ folder, settings })).stop();
  const { uid, gid } = await stat(dataFolderOf(folder));
  // The same user as PostgreSQL's: only such a process deceives it.
  const bystander = spawn('sleep', ['60'], { uid, gid, stdio: 'ignore' });
  await once(bystander, 'spawn');
  t.after(() => bystander.kill());
  const lines = [bystander.pid, dataFolderOf(folder), 1, 5432, '.', '127.0.0.1', '  1  1', 'ready   ', ''];
  await writeFile(join(dataFolderOf(folder), 'postmaster.pid'), lines.join('\n'));
  const postgres = await startEmbeddedPostgres({ folder, settings });
  assert.deepEqual(await ask(postgres.url, 'select 1'), [1]);
  assert.equal(bystander.exitCode, null);
  await postgres.stop();
});

void test('an empty postmaster.pid, as a power cut leaves it, does not keep PostgreSQL from starting', async (t) => {
  const folder = await sharedFolder(t);
  await writeFile(join(dataFolderOf(folder), 'postmaster.pid'), '');
  const postgres = await startEmbeddedPostgres({ folder, settings });
  assert.deepEqual(await ask(postgres.url, 'select 1'), [1]);
  await postgres.stop();
});

void test('a copy of a running folder gets a PostgreSQL of its own and leaves the original alone', async (t) => {
  const folder = await sharedFolder(t);
  const copy = await trialFolder(t, 'copy');
  const original = await startEmbeddedPostgres({ folder, settings });
  await ask(original.url, 'checkpoint');
  await copyAll(folder, copy);
  const copied = await startEmbeddedPostgres({ folder: copy, settings });
  assert.notEqual(new URL(copied.url).port, new URL(original.url).port);
  await copied.stop();
  assert.deepEqual(await ask(original.url, 'select 1'), [1]);
  await original.stop();
});

void test('the log never grows beyond its bound and the older half is kept', async (t) => {
  const folder = await sharedFolder(t);
  const logFile = join(folder, 'postgres.log');
  await writeFile(logFile, 'before\n');
  const postgres = await startEmbeddedPostgres({ folder, settings });
  await truncate(logFile, 9_000_000);
  await eventually('the log was emptied', async () => (await stat(logFile)).size < 9_000_000);
  assert.match(await readText(folder, 'postgres.log.1'), /^before\n/);
  await postgres.stop();
  assert.match(await readText(folder, 'postgres.log'), /shut down/);
  assert.ok((await stat(logFile)).size < 10_000);
});
