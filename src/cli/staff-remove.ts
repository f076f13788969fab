import { removeStaff } from '../staff/keep-staff.ts';
import { operatorNamed } from '../staff/staff-action.ts';
import { readStaffName, staffNameLengthMax } from '../staff/staff-member.ts';
import { type Command, textOf, UsageError } from './command.ts';
import { databaseOptions, failureExitCode, failureMeaning, orFailure, withDatabase } from './open-database.ts';
import { operatorName } from './operator-name.ts';
import { memberText } from './staff-text.ts';

export const command: Command = {
  name: 'staff remove',
  summary: 'Removes a person: from now on his token opens nothing. What he did stays in the books.',
  usage: 'ID [options]',
  options: {
    by: { type: 'string', value: 'name', help: 'who removes him; without it the name of your account on this machine' },
    ...databaseOptions,
  },
  examples: ['forecourt staff remove stf_0123456789ABC'],
  exitCodes: {
    0: 'removed',
    1: 'there is no such person, or he was removed before',
    [failureExitCode]: failureMeaning,
  },
  async run(input) {
    const [staffId = '', ...rest] = input.positionals;
    if (rest.length > 0 || !/^stf_[0-9A-Z]{13}$/.test(staffId))
      throw new UsageError('name one person by his id, as `forecourt staff list` shows it');
    const by = textOf(command, input, 'by') ?? operatorName();
    if (readStaffName(by) === null) throw new UsageError(`--by is no name of 1 to ${staffNameLengthMax} characters`);
    return orFailure(command, input, () =>
      withDatabase(command, input, async (db) => {
        const member = await removeStaff(db, staffId, { doer: operatorNamed(by), now: Date.now() });
        if (member === null) process.stderr.write(`there is nobody ${staffId} who could be removed\n`);
        else process.stdout.write(`removed: ${memberText(member)}\n`);
        return member === null ? 1 : 0;
      }),
    );
  },
};
