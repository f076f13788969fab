import { stationNumberMax } from '../base/ids.ts';
import { formatInstant } from '../base/clock.ts';
import { sumsOf } from '../payment/ledger.ts';
import { type Balance, findBalancesAt } from '../payment/ledger.sql.ts';
import { type Command, type CommandInput, isSet, textOf, UsageError } from './command.ts';
import { csvLine } from './csv-line.ts';
import { decimalText, moneyText } from './money-text.ts';
import { databaseOptions, failureExitCode, failureMeaning, orFailure, withDatabase } from './open-database.ts';
import { readWhole } from './read-option.ts';
import { tableText } from './table-text.ts';

export const command: Command = {
  name: 'ledger balance',
  summary: 'What stands on each account of the ledger; all of them together are zero.',
  usage: '[options]',
  options: {
    station: { type: 'string', value: 'number', help: 'only the transfers of this station' },
    at: { type: 'string', value: 'time', help: 'as it stood then, for example 2026-11-21T16:00:00Z; default: now' },
    json: { type: 'boolean', help: 'print one JSON object' },
    csv: { type: 'boolean', help: 'print CSV' },
    ...databaseOptions,
  },
  examples: ['forecourt ledger balance', 'forecourt ledger balance --station 1003 --at 2026-11-30T16:00:00Z --csv'],
  exitCodes: {
    0: 'the sum is zero',
    1: 'the sum is not zero: the books are broken',
    [failureExitCode]: failureMeaning,
  },
  async run(input) {
    const wish = { stationNumber: readStation(input), at: readAt(input) };
    if (isSet(input, 'json') && isSet(input, 'csv')) throw new UsageError('--json and --csv exclude each other');
    return orFailure(command, input, async () => {
      const balances = await withDatabase(command, input, (db) => findBalancesAt(db, wish));
      const broken = [...sumsOf(balances)].filter(([, minor]) => minor !== 0);
      process.stdout.write(show(input, balances, wish.at, broken));
      for (const [currency, minor] of broken)
        process.stderr.write(
          `forecourt ledger balance: the accounts in ${currency} are off by ${moneyText(minor, currency)}\n`,
        );
      return broken.length === 0 ? 0 : 1;
    });
  },
};

function readStation(input: CommandInput): number | null {
  const text = textOf(command, input, 'station');
  return text === undefined ? null : readWhole('station', text, 0, stationNumberMax);
}

function readAt(input: CommandInput): number | null {
  const text = textOf(command, input, 'at');
  if (text === undefined) return null;
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(at)) throw new UsageError(`--at ${text} is no time such as 2026-11-21T16:00:00Z`);
  return at;
}

type Sum = readonly [currency: string, minor: number];

function show(input: CommandInput, balances: readonly Balance[], at: number | null, broken: readonly Sum[]): string {
  const cells = balances.map(({ account, currency, debitMinor, creditMinor }) => [
    account,
    ...[debitMinor, creditMinor, debitMinor - creditMinor].map((minor) => decimalText(minor, currency)),
    currency,
  ]);
  const heading = ['account', 'debit', 'credit', 'balance', 'currency'];
  if (isSet(input, 'csv')) return [heading, ...cells].map(csvLine).join('');
  if (isSet(input, 'json')) {
    const accounts = cells.map(([account, debit, credit, balance, currency]) => ({
      account,
      debit,
      credit,
      balance,
      currency,
    }));
    const sums = Object.fromEntries(
      [...sumsOf(balances)].map(([currency, minor]) => [currency, decimalText(minor, currency)]),
    );
    return `${JSON.stringify({ at: at === null ? null : formatInstant(at), accounts, sums, balanced: broken.length === 0 })}\n`;
  }
  if (balances.length === 0) return 'nothing is booked\n';
  const verdict = broken.length === 0 ? 'the sum over all accounts is zero' : 'THE SUM OVER ALL ACCOUNTS IS NOT ZERO';
  return `${tableText([heading, ...cells], [1, 2, 3])}\n${verdict}\n`;
}
