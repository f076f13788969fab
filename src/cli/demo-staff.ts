import { systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import type { Database } from '../database/database.ts';
import { addStaff, removeStaff } from '../staff/keep-staff.ts';
import { findStaff } from '../staff/staff.sql.ts';
import { operatorNamed } from '../staff/staff-action.ts';
import { staffMembersMax, staffRights } from '../staff/staff-member.ts';

const demoName = '李伟';
const doer = operatorNamed('forecourt demo');

/** The token of a person who may do everything at this station. An earlier start's person is removed, since nobody can read his token any more. */
export async function hireDemoStaff(db: Database, stationNumber: number): Promise<string> {
  const earlier = await findStaff(db, { withRemoved: false }, staffMembersMax);
  for (const { staffId, name } of earlier)
    if (name === demoName) await removeStaff(db, staffId, { doer, now: systemClock() });
  const wish = { name: demoName, stationNumbers: [stationNumber], rights: [...staffRights] };
  const added = await addStaff(db, wish, { doer, now: systemClock(), random: systemRandom });
  if (added === null) throw new Error(`${staffMembersMax} people work at the demo's stations already`);
  return added.token;
}
