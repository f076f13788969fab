import type { Random } from '../base/random.ts';
import type { Database } from '../database/database.ts';
import { countStaff, insertStaffActions, insertStaffMember, removeStaffMember } from './staff.sql.ts';
import { addedAction, type Doer, removedAction } from './staff-action.ts';
import { makeStaffId, type StaffMember, staffMembersMax } from './staff-member.ts';
import { digestToken, makeStaffToken } from './staff-token.ts';

/** Who comes and goes, each with his line in the audit trail. */
export type StaffWish = Pick<StaffMember, 'name' | 'stationNumbers' | 'rights'>;

/** The token is told here and never again. */
export type AddedStaff = { readonly member: StaffMember; readonly token: string };

/** Name, stations and rights are read before. Null where as many as may be are let in already. */
export async function addStaff(
  db: Pick<Database, 'transaction'>,
  wish: StaffWish,
  { doer, now, random }: { readonly doer: Doer; readonly now: number; readonly random: Random },
): Promise<AddedStaff | null> {
  const { name, stationNumbers, rights } = wish;
  const member: StaffMember = {
    staffId: makeStaffId(random),
    name,
    stationNumbers,
    rights,
    addedAt: now,
    removedAt: null,
  };
  const token = makeStaffToken(random);
  return db.transaction(async (tx) => {
    if ((await countStaff(tx)) >= staffMembersMax) return null;
    await insertStaffMember(tx, member, digestToken(token));
    await insertStaffActions(tx, [addedAction(doer, member)]);
    return { member, token };
  });
}

/** From now on the member's token opens nothing. Null where there is no such member, or he was removed before. */
export async function removeStaff(
  db: Pick<Database, 'transaction'>,
  staffId: string,
  { doer, now }: { readonly doer: Doer; readonly now: number },
): Promise<StaffMember | null> {
  return db.transaction(async (tx) => {
    const member = await removeStaffMember(tx, staffId, now);
    if (member !== null) await insertStaffActions(tx, [removedAction(doer, member, now)]);
    return member;
  });
}
