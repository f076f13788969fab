import { userInfo } from 'node:os';
import { staffNameLengthMax } from '../staff/staff-member.ts';

/** Who sits at the command line, as far as the system knows. */
export function operatorName(): string {
  try {
    return userInfo().username.slice(0, staffNameLengthMax);
  } catch {
    // An account without a name, as containers have.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
