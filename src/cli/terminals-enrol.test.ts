import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { before, test } from 'node:test';
import { openDatabase } from '../database/database.ts';
import { findTerminal } from '../station/terminal.sql.ts';
import { terminalIdOf } from '../terminal/terminal-key.ts';
import { runForecourt, runInProcess } from '../testing/command.ts';
import { testDatabaseUrl } from '../testing/database.ts';
import { saveSampleStations } from '../testing/sample-stations.ts';
import { UsageError } from './command.ts';
import { command } from './terminals-enrol.ts';

let url = '';
before(async () => {
  url = await testDatabaseUrl();
  await saveSampleStations(url);
});

const makeKey = (): string => generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x ?? '';
const enrol = (station: string, key: string, ...words: string[]) =>
  runForecourt(['terminals', 'enrol', '--database', url, '--station', station, '--key', key, ...words]);

async function stationOf(key: string): Promise<number | null> {
  const db = openDatabase({ url, connectionsMax: 1 });
  try {
    return (await findTerminal(db, terminalIdOf(key)))?.stationNumber ?? null;
  } finally {
    await db.close();
  }
}

test('a second terminal is refused until --replace, which removes the first', async () => {
  const [first, second] = [makeKey(), makeKey()];
  assert.equal((await enrol('1003', first)).exitCode, 0);
  const refused = await enrol('1003', second);
  assert.equal(refused.exitCode, 1);
  assert.match(refused.stderr, new RegExp(`station 1003 has terminal ${terminalIdOf(first)} already; --replace`));
  assert.deepEqual([await stationOf(first), await stationOf(second)], [1003, null]);
  const replaced = await enrol('1003', second, '--replace');
  assert.equal(replaced.exitCode, 0);
  assert.match(replaced.stdout, new RegExp(`terminal ${terminalIdOf(first)} is removed`));
  assert.deepEqual([await stationOf(first), await stationOf(second)], [null, 1003]);
});

test('the same terminal may be enrolled again, and moved to a station that has none', async () => {
  const key = makeKey();
  for (const station of ['1004', '1004', '1005']) assert.equal((await enrol(station, key)).exitCode, 0);
  assert.equal(await stationOf(key), 1005);
});

test('of two terminals that are enrolled at once for one station only one gets in', async () => {
  const keys = [makeKey(), makeKey()];
  const outcomes = await Promise.all(keys.map((key) => enrol('1006', key)));
  assert.deepEqual(new Set(outcomes.map(({ exitCode }) => exitCode)), new Set([0, 1]));
});

test('an unknown station is refused, and a number in another notation is wrong use', async () => {
  assert.equal((await enrol('999', makeKey())).exitCode, 1);
  for (const station of ['0x3eb', '', '1e3'])
    await assert.rejects(
      runInProcess(command, ['--database', url, '--station', station, '--key', makeKey()]),
      UsageError,
    );
});
