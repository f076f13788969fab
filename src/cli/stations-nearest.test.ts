import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { openDatabase } from '../database/database.ts';
import { lockFolder } from '../database/embedded-lock.ts';
import { sampleStations } from '../station/sample-stations.ts';
import { saveStations } from '../station/station.sql.ts';
import { runForecourt, runInProcess } from '../testing/command.ts';
import { testDatabaseUrl } from '../testing/database.ts';
import { unreachableUrl } from '../testing/unreachable-database.ts';
import { UsageError } from './command.ts';
import { command } from './stations-nearest.ts';

let url: string;
before(async () => {
  url = await testDatabaseUrl();
  const db = openDatabase({ url, connectionsMax: 1 });
  await db.transaction((tx) => saveStations(tx, sampleStations(0), 0));
  await db.close();
});

const nearest = (...words: string[]) => runForecourt(['stations', 'nearest', '--database', url, ...words]);

test('a station that stands alone is selected, and shown with its prices', async () => {
  const { exitCode, stdout } = await nearest('--lat', '31.2285', '--lon', '121.5264', '--accuracy', '20', '--json');
  assert.equal(exitCode, 0);
  const answer = JSON.parse(stdout);
  assert.deepEqual([answer.selected, answer.reason, answer.candidates.length], [1003, null, 1]);
  assert.deepEqual(
    answer.candidates[0].station.grades.map((one: { pumpPrice: string }) => one.pumpPrice),
    ['7.02', '7.39', '7.88', '8.88'],
  );
});

test('between two neighbours none is selected, and both are shown', async () => {
  const { exitCode, stdout } = await nearest('--lat', '39.9964', '--lon', '116.4667', '--accuracy', '20');
  assert.equal(exitCode, 1);
  assert.match(stdout, /1001.*\n.*1002.*\nselected: none \(station_ambiguous\)\n$/);
});

test('a position without accuracy is refused by name', async () => {
  const { exitCode, stdout } = await nearest('--lat', '31.2285', '--lon', '121.5264', '--json');
  assert.equal(exitCode, 1);
  assert.deepEqual(JSON.parse(stdout), { refusal: 'accuracy_missing' });
});

test('a database that cannot be reached is no answer: exit code 3, the reason on standard error, with --json also as an object', async () => {
  const words = ['stations', 'nearest', '--lat', '31', '--lon', '121', '--accuracy', '5'];
  const database = ['--database', await unreachableUrl()];
  const plain = await runForecourt([...words, ...database]);
  assert.deepEqual([plain.exitCode, plain.stdout], [3, '']);
  assert.match(plain.stderr, /^forecourt stations nearest: .*ECONNREFUSED/);
  const json = await runForecourt([...words, ...database, '--json']);
  assert.equal(json.exitCode, 3);
  assert.match(json.stderr, /ECONNREFUSED/);
  assert.match(JSON.parse(json.stdout).failure, /ECONNREFUSED/);
});

test('a data folder that another Forecourt uses is no answer either, and the process is named', async () => {
  const data = await mkdtemp(join(tmpdir(), 'forecourt-nearest-'));
  await mkdir(join(data, 'postgres', 'server'), { recursive: true });
  const lock = await lockFolder(join(data, 'postgres'));
  const outcome = await runForecourt([
    'stations',
    'nearest',
    '--lat',
    '31',
    '--lon',
    '121',
    '--accuracy',
    '5',
    '--data',
    data,
    '--json',
  ]);
  lock.release();
  await rm(data, { recursive: true });
  assert.equal(outcome.exitCode, 3);
  assert.match(JSON.parse(outcome.stdout).failure, new RegExp(`in use by another Forecourt .process ${process.pid}.`));
});

test('two databases at once are wrong use', async () => {
  const words = ['--lat', '1', '--lon', '1', '--accuracy', '5', '--database', url, '--data', 'x'];
  await assert.rejects(runInProcess(command, words), UsageError);
});
