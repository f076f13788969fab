import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { systemRandom } from '../base/random.ts';
import type { Database } from '../database/database.ts';
import { testDatabase } from '../testing/database.ts';
import { makeStaff } from '../testing/staff.ts';
import { removeStaff } from './keep-staff.ts';
import { findOrderActions, findStaff, findStaffActions, findStaffByToken, insertStaffActions } from './staff.sql.ts';
import { memberAt, operatorNamed, refusedAction } from './staff-action.ts';
import { digestToken, makeStaffToken } from './staff-token.ts';

void describe('staff in the database', () => {
  let db: Database;

  before(async () => {
    db = await testDatabase();
  });

  const remove = (staffId: string, now: number) => removeStaff(db, staffId, { doer: operatorNamed('chief'), now });

  it('are found by their token alone, which itself is kept nowhere', async () => {
    const { member, token } = await makeStaff(db, { stationNumbers: [1003, 1004], rights: ['refund', 'override'] });
    assert.deepEqual(await findStaffByToken(db, digestToken(token)), member);
    assert.equal(await findStaffByToken(db, digestToken(makeStaffToken(systemRandom))), null);
    const [row] = await db.query<{ row: string }>('select staff_members::text as row from staff_members');
    assert.ok(row !== undefined && !row.row.includes(token) && !row.row.includes(token.slice(4, 20)));
  });

  it('are out at once when they are removed, once and for all, and stay in the list of who was there', async () => {
    const { member, token } = await makeStaff(db, { name: 'Wang Fang' });
    const removed = await remove(member.staffId, 5_000);
    assert.deepEqual(removed, { ...member, removedAt: 5_000 });
    assert.equal(await findStaffByToken(db, digestToken(token)), null);
    assert.equal(await remove(member.staffId, 6_000), null);
    assert.equal(await remove('stf_0000000000000', 6_000), null);
    const names = async (withRemoved: boolean) => (await findStaff(db, { withRemoved }, 10)).map(({ name }) => name);
    assert.deepEqual(await names(false), ['Li Wei']);
    assert.deepEqual(await names(true), ['Li Wei', 'Wang Fang']);
  });

  it('leave a line in the trail when they come and when they go, with who did it', async () => {
    const { member } = await makeStaff(db, { name: 'Zhao Min', stationNumbers: [1003], rights: ['dispense'] });
    await remove(member.staffId, Date.now() + 1);
    const [gone, came] = await findStaffActions(db, 2);
    assert.deepEqual([gone?.kind, gone?.by, came?.kind, came?.by], ['staff_removed', 'chief', 'staff_added', 'test']);
    const { staffId } = member;
    assert.deepEqual(came?.detail, { staffId, name: 'Zhao Min', stations: [1003], rights: ['dispense'] });
  });

  it('have a trail that takes a thing done once, and in which nothing is changed or struck out', async () => {
    const { member } = await makeStaff(db, { name: 'Chen Jie' });
    const refused = { stationNumber: 1003, orderId: 'x', wish: 'refund', refusal: 'staff_right_missing' } as const;
    const action = refusedAction(memberAt(member), refused, Date.now(), systemRandom);
    await insertStaffActions(db, [action]);
    await insertStaffActions(db, [{ ...action, by: 'somebody else' }]);
    assert.deepEqual(await findOrderActions(db, { stationNumber: 1003, orderId: 'x' }, 10), [action]);
    assert.deepEqual(await findOrderActions(db, { stationNumber: 1004, orderId: 'x' }, 10), []);
    await assert.rejects(db.query("update staff_actions set done_by = ''"), /append only/);
    await assert.rejects(db.query('delete from staff_actions'), /append only/);
  });
});
