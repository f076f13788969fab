import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runForecourt } from '../testing/command.ts';

const reading: readonly (readonly string[])[] = [
  ['audit'],
  ['ledger', 'balance'],
  ['events', 'list'],
  ['staff', 'list'],
  ['permit', 'keys'],
  ['stations', 'nearest', '--lat', '31', '--lon', '121', '--accuracy', '5'],
];

test('a folder that holds no database is wrong use, told by its path, and stays as it was', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'forecourt-mistyped-'));
  context.after(() => rm(folder, { recursive: true }));
  for (const data of [folder, join(folder, 'nowhere')])
    for (const words of reading) {
      const { exitCode, stdout, stderr } = await runForecourt([...words, '--data', data]);
      assert.deepEqual([exitCode, stdout], [2, ''], words.join(' '));
      assert.ok(stderr.includes(`--data ${data}: ${join(data, 'postgres')} holds no database`), stderr);
    }
  assert.deepEqual(await readdir(folder), []);
});
