import { formatInstant } from '../base/clock.ts';
import { findStaff } from '../staff/staff.sql.ts';
import { staffMembersMax } from '../staff/staff-member.ts';
import { type Command, isSet } from './command.ts';
import { databaseOptions, failureExitCode, failureMeaning, orFailure, withDatabase } from './open-database.ts';
import { rightsText, stationsText } from './staff-text.ts';
import { tableText } from './table-text.ts';

export const command: Command = {
  name: 'staff list',
  summary: 'Who works at stations, where, and what each may do.',
  usage: '[options]',
  options: {
    removed: { type: 'boolean', help: 'those who were removed as well' },
    json: { type: 'boolean', help: 'print one JSON array' },
    ...databaseOptions,
  },
  examples: ['forecourt staff list', 'forecourt staff list --removed --json'],
  exitCodes: { 0: 'shown', [failureExitCode]: failureMeaning },
  run: (input) =>
    orFailure(command, input, () =>
      withDatabase(command, input, async (db) => {
        const members = await findStaff(db, { withRemoved: isSet(input, 'removed') }, staffMembersMax);
        const rows = members.map((member) => [
          member.staffId,
          member.name,
          stationsText(member),
          rightsText(member),
          formatInstant(member.addedAt),
          member.removedAt === null ? '' : formatInstant(member.removedAt),
        ]);
        const table =
          members.length === 0
            ? 'nobody\n'
            : tableText([['id', 'name', 'stations', 'may', 'added', 'removed'], ...rows]);
        process.stdout.write(isSet(input, 'json') ? `${JSON.stringify(members)}\n` : table);
        return 0;
      }),
    ),
};
