import { systemRandom } from '../base/random.ts';
import { stationNumberMax } from '../base/ids.ts';
import { addStaff } from '../staff/keep-staff.ts';
import { operatorNamed } from '../staff/staff-action.ts';
import {
  readRights,
  readStaffName,
  staffMembersMax,
  staffNameLengthMax,
  staffRights,
  staffStationsMax,
} from '../staff/staff-member.ts';
import { findStations } from '../station/station.sql.ts';
import { type Command, type CommandInput, isSet, requiredText, textOf, UsageError } from './command.ts';
import { databaseOptions, failureExitCode, failureMeaning, orFailure, withDatabase } from './open-database.ts';
import { operatorName } from './operator-name.ts';
import { readWhole } from './read-option.ts';
import { memberText } from './staff-text.ts';

export const command: Command = {
  name: 'staff add',
  summary: 'Adds a person who works at stations, and prints the token that lets him in.',
  usage: '--name NAME --stations NUMBERS [options]',
  options: {
    name: { type: 'string', value: 'name', help: 'the person, as the books will name him' },
    stations: { type: 'string', value: 'numbers', help: 'where he works: `1003,1004`, or `all`' },
    may: {
      type: 'string',
      value: 'rights',
      help: `what he may do besides seeing orders: ${staffRights.join(', ')}`,
      default: '',
    },
    by: { type: 'string', value: 'name', help: 'who adds him; without it the name of your account on this machine' },
    json: { type: 'boolean', help: 'print one JSON object' },
    ...databaseOptions,
  },
  notes: [
    'refund    gives money back, all or a part',
    'dispense  tells what the pump gave; the difference goes back',
    'override  gives all of it back even though the permit was used',
    '',
    'The token is printed once and kept nowhere. Whoever holds it is that person: hand it over in secret.',
    'A lost token cannot be read again: remove the person and add him anew.',
  ],
  examples: [
    'forecourt staff add --name "Li Wei" --stations 1003,1004 --may refund,dispense',
    'forecourt staff add --name "Zhao Min" --stations all --may refund,dispense,override',
  ],
  exitCodes: {
    0: 'added; the token is on standard output',
    1: `a station is not known, or there are ${staffMembersMax} people already`,
    [failureExitCode]: failureMeaning,
  },
  async run(input) {
    const wish = readWish(input);
    const by = textOf(command, input, 'by') ?? operatorName();
    if (readStaffName(by) === null) throw new UsageError(`--by is no name of 1 to ${staffNameLengthMax} characters`);
    return orFailure(command, input, () =>
      withDatabase(command, input, async (db) => {
        const now = Date.now();
        const known = new Set(
          (await findStations(db, wish.stationNumbers ?? [], now)).map(({ stationNumber }) => stationNumber),
        );
        const unknown = (wish.stationNumbers ?? []).filter((number) => !known.has(number));
        if (unknown.length > 0) return refuse(`station ${unknown.join(', ')} is not known`);
        const added = await addStaff(db, wish, { doer: operatorNamed(by), now, random: systemRandom });
        if (added === null) return refuse(`there are ${staffMembersMax} people already`);
        const { member, token } = added;
        process.stdout.write(
          isSet(input, 'json')
            ? `${JSON.stringify({ ...member, token })}\n`
            : `${memberText(member)}\ntoken  ${token}\nIt is shown only now. It is good until: forecourt staff remove ${member.staffId}\n`,
        );
        return 0;
      }),
    );
  },
};

function refuse(reason: string): number {
  process.stderr.write(`${reason}\n`);
  return 1;
}

function readWish(input: CommandInput) {
  const name = readStaffName(requiredText(command, input, 'name'));
  if (name === null) throw new UsageError(`--name must have 1 to ${staffNameLengthMax} characters that can be printed`);
  const rights = readRights(textOf(command, input, 'may') ?? '');
  if (rights === null) throw new UsageError(`--may takes ${staffRights.join(', ')}`);
  return { name, rights, stationNumbers: readStations(requiredText(command, input, 'stations')) };
}

function readStations(text: string): readonly number[] | null {
  if (text === 'all') return null;
  const numbers = text.split(',').map((number) => readWhole('stations', number.trim(), 1, stationNumberMax));
  const each = [...new Set(numbers)];
  if (each.length > staffStationsMax)
    throw new UsageError(`--stations takes ${staffStationsMax} at most; who works at more works at \`all\``);
  return each;
}
