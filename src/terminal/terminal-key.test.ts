import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { openTerminalKey, readTerminalPublicKey, terminalIdOf } from './terminal-key.ts';

let folder = '';
const keyPath = () => join(folder, 'terminal-key.pem');

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'forecourt-key-')), 'station');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

test('two first starts at once agree on one key and leave nothing else behind', async () => {
  const [one, two] = await Promise.all([openTerminalKey(folder), openTerminalKey(folder)]);
  assert.equal(one.publicKey, two.publicKey);
  assert.equal(one.terminalId, terminalIdOf(two.publicKey));
  assert.deepEqual(readdirSync(folder), ['terminal-key.pem']);
});

test('only the owner may read key and folder, also after the file was copied with wider rights', async () => {
  const { publicKey } = await openTerminalKey(folder);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.equal(statSync(keyPath()).mode & 0o777, 0o600);
  chmodSync(keyPath(), 0o644);
  assert.equal((await openTerminalKey(folder)).publicKey, publicKey);
  assert.equal(statSync(keyPath()).mode & 0o777, 0o600);
});

test('a torn key file is an error, never a new identity', async () => {
  await openTerminalKey(folder);
  writeFileSync(keyPath(), 'torn');
  await assert.rejects(openTerminalKey(folder));
});

test('what is enrolled is 43 characters of base64url', async () => {
  const { publicKey } = await openTerminalKey(folder);
  assert.ok(readTerminalPublicKey(publicKey));
  for (const wrong of ['', publicKey.slice(1), `${publicKey}A`, `${publicKey.slice(0, 42)}=`]) {
    assert.equal(readTerminalPublicKey(wrong), null, wrong);
  }
});
