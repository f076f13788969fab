import { systemRandom } from '../base/random.ts';
import type { Database } from '../database/database.ts';
import { type AddedStaff, addStaff } from '../staff/keep-staff.ts';
import { operatorNamed } from '../staff/staff-action.ts';
import type { StaffRight } from '../staff/staff-member.ts';

/** A member of staff with his token; without stations named he works everywhere. */
export async function makeStaff(
  db: Pick<Database, 'transaction'>,
  wish: {
    readonly name?: string;
    readonly stationNumbers?: readonly number[] | null;
    readonly rights?: readonly StaffRight[];
  } = {},
): Promise<AddedStaff> {
  const { name = 'Li Wei', stationNumbers = null, rights = [] } = wish;
  const tools = { doer: operatorNamed('test'), now: Date.now(), random: systemRandom };
  const added = await addStaff(db, { name, stationNumbers, rights }, tools);
  if (added === null) throw new Error('there is no room for one more');
  return added;
}
