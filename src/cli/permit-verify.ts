import { readFile } from 'node:fs/promises';
import { formatInstant } from '../base/clock.ts';
import { permitKeyListMessage, readKeyList } from '../permit/permit-key-list.ts';
import type { PermitPublicKey } from '../permit/permit-token.ts';
import { refusalMeanings, verifyPermit } from '../permit/verify-permit.ts';
import { stationNumberMax } from '../base/ids.ts';
import { type Command, type CommandInput, isSet, requiredText, textOf, UsageError } from './command.ts';
import { failureExitCode, orFailure } from './open-database.ts';
import { readWhole } from './read-option.ts';

export const command: Command = {
  name: 'permit verify',
  summary: 'Says whether a permit lets its driver leave this station. Works with the internet cut.',
  usage: 'TOKEN --station NUMBER [options]',
  options: {
    station: { type: 'string', value: 'number', help: 'the station that asks' },
    keys: {
      type: 'string',
      value: 'file',
      help: 'public key file, from `forecourt permit keys`',
      default: './data/permit-keys.json',
    },
    plate: { type: 'string', value: 'plate', help: 'the number plate in front of the gate' },
    at: { type: 'string', value: 'time', help: 'RFC 3339 time to judge at (default: now)' },
    json: { type: 'boolean', help: 'print one JSON object' },
  },
  notes: [
    'The key file holds public keys only. Make it once, where the database is, and again when a key was added:',
    '  forecourt permit keys > permit-keys.json        or fetch it from the cloud: GET /v1/permit-keys',
    'Then bring it to the gate; from there on nothing has to be reached.',
  ],
  examples: [
    'forecourt permit verify FP1:TA24D8… --station 44012',
    'forecourt permit verify FP1:TA24D8… --station 44012 --keys keys.json --plate 京A12345 --json',
  ],
  exitCodes: {
    0: 'accepted',
    1: 'refused; the reason is printed by its name',
    [failureExitCode]: 'cannot say: the key file is missing, cannot be read or is no key file',
  },
  run: (input) => orFailure(command, input, () => run(input)),
};

async function run(input: CommandInput): Promise<number> {
  const [token] = input.positionals;
  if (token === undefined) throw new UsageError('which permit? Give its text, FP1:…');
  const stationNumber = readWhole('station', requiredText(command, input, 'station'), 1, stationNumberMax);
  const at = textOf(command, input, 'at');
  const now = at === undefined ? Date.now() : Date.parse(at);
  if (Number.isNaN(now)) throw new UsageError(`--at ${at} is no time`);
  const plate = textOf(command, input, 'plate');
  const keys = await readKeys(textOf(command, input, 'keys') ?? '');
  const verdict = verifyPermit({ token, stationNumber, now, keys, ...(plate === undefined ? {} : { plate }) });
  const answer = verdict.accepted
    ? {
        accepted: true,
        permitId: Buffer.from(verdict.claims.permitId).toString('hex'),
        stationNumber,
        plate: verdict.claims.plate,
        pump: verdict.claims.pump,
        issuedAt: formatInstant(verdict.claims.issuedAt),
        expiresAt: formatInstant(verdict.claims.expiresAt),
        keyId: verdict.keyId,
      }
    : { accepted: false, refused: verdict.refused, meaning: refusalMeanings[verdict.refused] };
  process.stdout.write(isSet(input, 'json') ? `${JSON.stringify(answer)}\n` : describe(answer));
  return verdict.accepted ? 0 : 1;
}

async function readKeys(file: string): Promise<readonly PermitPublicKey[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    throw new Error(`the key file ${file} cannot be read; make one with \`forecourt permit keys\``);
  }
  const list = permitKeyListMessage.safeParse(parseJson(text));
  if (!list.success) throw new Error(`${file} is no file of public permit keys`);
  return readKeyList(list.data);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const describe = (answer: Readonly<Record<string, string | number | boolean | null>>): string =>
  `${Object.entries(answer)
    .map(([name, value]) => `${name.padEnd(14)} ${value ?? '-'}`)
    .join('\n')}\n`;
