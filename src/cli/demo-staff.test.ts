import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findStaffByToken } from '../staff/staff.sql.ts';
import { digestToken } from '../staff/staff-token.ts';
import { testDatabase } from '../testing/database.ts';
import { makeStaff } from '../testing/staff.ts';
import { hireDemoStaff } from './demo-staff.ts';

test("each start of the demo has one person at its station, who may do everything, and leaves everybody else's alone", async () => {
  const db = await testDatabase();
  const other = await makeStaff(db, { name: 'Zhao Min' });
  const first = await hireDemoStaff(db, 1003);
  const second = await hireDemoStaff(db, 1003);
  const found = await Promise.all(
    [first, second, other.token].map((token) => findStaffByToken(db, digestToken(token))),
  );
  assert.deepEqual(
    found.map((member) => member?.name ?? null),
    [null, '李伟', 'Zhao Min'],
  );
  assert.deepEqual([found[1]?.stationNumbers, found[1]?.rights], [[1003], ['refund', 'dispense', 'override']]);
});
