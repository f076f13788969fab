import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { systemRandom } from '../base/random.ts';
import { issuePermit } from '../permit/permit.ts';
import { writeKeyList } from '../permit/permit-key-list.ts';
import { makePermitKey, openPermitKey } from '../permit/permit-token.ts';
import { runForecourt, runInProcess } from '../testing/command.ts';
import { UsageError } from './command.ts';
import { command } from './permit-verify.ts';

const folder = mkdtempSync(join(tmpdir(), 'forecourt-keys-'));
after(() => rmSync(folder, { recursive: true }));

const key = openPermitKey(makePermitKey(1));
const keys = join(folder, 'permit-keys.json');
writeFileSync(keys, JSON.stringify(writeKeyList([key])));
const wish = { stationNumber: 1003, orderId: '0'.repeat(24), attemptRef: '0'.repeat(26), plate: null, pump: 3 };
const { token } = issuePermit(wish, key, Date.now(), systemRandom);
const verify = (...words: string[]) => runForecourt(['permit', 'verify', token, ...words]);

test('a permit is accepted at its station with exit code 0 and refused by name at another with 1', async () => {
  const own = await verify('--station', '1003', '--keys', keys, '--json');
  assert.deepEqual([own.exitCode, JSON.parse(own.stdout).accepted], [0, true]);
  const other = await verify('--station', '1004', '--keys', keys, '--json');
  assert.deepEqual([other.exitCode, JSON.parse(other.stdout).refused], [1, 'wrong_station']);
});

test('without a readable key file nothing is judged: exit code 3, and where to get one', async () => {
  const missing = await verify('--station', '1003', '--keys', join(folder, 'none.json'), '--json');
  assert.equal(missing.exitCode, 3);
  assert.match(missing.stderr, /none\.json cannot be read.*forecourt permit keys/);
  assert.deepEqual(Object.keys(JSON.parse(missing.stdout)), ['failure']);
  const foreign = join(folder, 'foreign.json');
  writeFileSync(foreign, '{"keys":');
  assert.equal((await verify('--station', '1003', '--keys', foreign)).exitCode, 3);
});

test('a station number in another notation, empty, or out of range is wrong use', async () => {
  for (const station of ['0x3eb', '', ' 1003', '1e3', '1003.0', '0', '1073741824'])
    await assert.rejects(
      runInProcess(command, [token, '--station', station, '--keys', keys]),
      (error: unknown) => error instanceof UsageError && /--station .*is no whole number/.test(error.message),
      JSON.stringify(station),
    );
});

test('help says where the key file comes from and what each exit code means', async () => {
  const { stdout } = await runForecourt(['permit', 'verify', '--help']);
  assert.match(stdout, /forecourt permit keys > permit-keys\.json/);
  assert.match(stdout, /3 {2}cannot say: the key file is missing/);
});
