import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { openDatabase } from '../database/database.ts';
import { findStaffActions, findStaffByToken } from '../staff/staff.sql.ts';
import type { StaffMember } from '../staff/staff-member.ts';
import { digestToken } from '../staff/staff-token.ts';
import { runForecourt, runInProcess } from '../testing/command.ts';
import { testDatabaseUrl } from '../testing/database.ts';
import { saveSampleStations } from '../testing/sample-stations.ts';
import { UsageError } from './command.ts';
import { command as addCommand } from './staff-add.ts';
import { command as removeCommand } from './staff-remove.ts';

describe('who works at stations', () => {
  let url = '';
  before(async () => {
    url = await testDatabaseUrl();
    await saveSampleStations(url);
  });

  const staff = (...words: string[]) => runForecourt(['staff', ...words, '--database', url]);

  async function memberOf(token: string): Promise<StaffMember | null> {
    const db = openDatabase({ url, connectionsMax: 1 });
    try {
      return await findStaffByToken(db, digestToken(token));
    } finally {
      await db.close();
    }
  }

  test('is added with a token that is printed once, listed, and removed', async () => {
    const added = await staff('add', '--name', 'Li Wei', '--stations', '1003,1004,1003', '--may', 'refund,dispense');
    assert.deepEqual([added.exitCode, added.stderr], [0, '']);
    const token = /token {2}(fcs_[\w-]{43})\n/.exec(added.stdout)?.[1] ?? assert.fail(added.stdout);
    const member = await memberOf(token);
    assert.deepEqual(
      [member?.name, member?.stationNumbers, member?.rights],
      ['Li Wei', [1003, 1004], ['refund', 'dispense']],
    );
    const list = await staff('list');
    assert.match(list.stdout, /Li Wei\s+1003, 1004\s+see, refund, dispense/);
    assert.ok(!list.stdout.includes(token.slice(4)) && !list.stdout.includes('token'));
    const removed = await staff('remove', member?.staffId ?? '', '--by', 'Zhao Min');
    assert.equal(removed.exitCode, 0);
    assert.equal(await memberOf(token), null);
    assert.equal((await staff('remove', member?.staffId ?? '')).exitCode, 1);
    assert.equal((await staff('list')).stdout, 'nobody\n');
    const [left] = JSON.parse((await staff('list', '--removed', '--json')).stdout);
    assert.equal(typeof left.removedAt, 'number');
  });

  test('is a line in the trail, with who added and who removed', async () => {
    const words = ['--name', '王芳', '--stations', 'all', '--may', 'override', '--by', 'Zhao Min', '--json'];
    const added = JSON.parse((await staff('add', ...words)).stdout);
    assert.equal(added.stationNumbers, null);
    await staff('remove', added.staffId);
    const db = openDatabase({ url, connectionsMax: 1 });
    const [gone, came] = await findStaffActions(db, 2);
    await db.close();
    assert.deepEqual([came?.kind, came?.by, came?.detail['stations']], ['staff_added', 'Zhao Min', 'all']);
    assert.deepEqual([gone?.kind, gone?.by === ''], ['staff_removed', false]);
  });

  test('works at known stations only', async () => {
    const { exitCode, stderr } = await staff('add', '--name', 'Li Wei', '--stations', '1003,999,998');
    assert.deepEqual([exitCode, stderr], [1, 'station 999, 998 is not known\n']);
  });

  test('has a name, stations and rights that can be read', async () => {
    const wrong = [
      ['--stations', '1003'],
      ['--name', 'x'],
      ['--name', ' ', '--stations', '1003'],
      ['--name', 'x'.repeat(65), '--stations', '1003'],
      ['--name', 'x', '--stations', ''],
      ['--name', 'x', '--stations', '0x3eb'],
      ['--name', 'x', '--stations', '1003,'],
      ['--name', 'x', '--stations', Array.from({ length: 101 }, (_, index) => index + 1).join(',')],
      ['--name', 'x', '--stations', '1003', '--may', 'all'],
      ['--name', 'x', '--stations', '1003', '--by', ''],
    ];
    for (const words of wrong)
      await assert.rejects(runInProcess(addCommand, [...words, '--database', url]), UsageError, words.join(' '));
    for (const words of [[], ['1'], ['stf_0123456789abc'], ['stf_0123456789ABC', 'x']])
      await assert.rejects(runInProcess(removeCommand, [...words, '--database', url]), UsageError, words.join(' '));
  });
});
