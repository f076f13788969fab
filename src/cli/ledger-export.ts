import { formatInstant } from '../base/clock.ts';
import { stationNumberMax } from '../base/ids.ts';
import type { Database } from '../database/database.ts';
import type { Transfer } from '../payment/ledger.ts';
import { findTransfersPage, type TransfersWish } from '../payment/ledger.sql.ts';
import { type Command, type CommandInput, isSet, requiredText, textOf, UsageError } from './command.ts';
import { csvLine } from './csv-line.ts';
import { decimalText } from './money-text.ts';
import { databaseOptions, failureExitCode, failureMeaning, orFailure, withDatabase } from './open-database.ts';
import { readDay, readWhole } from './read-option.ts';
import { writeOut } from './write-out.ts';

const pageRowsMax = 2_000;

export const command: Command = {
  name: 'ledger export',
  summary: 'The transfers of some days as CSV, oldest first.',
  usage: '--from <date> --to <date> --csv [options]',
  options: {
    from: { type: 'string', value: 'date', help: 'first day, for example 2026-11-01' },
    to: { type: 'string', value: 'date', help: 'last day, which is included' },
    'time-zone': {
      type: 'string',
      value: 'name',
      default: 'UTC',
      help: 'whose days: UTC, Asia/Shanghai, Europe/Paris, …',
    },
    station: { type: 'string', value: 'number', help: 'only this station; 0 is money that belongs to none' },
    csv: { type: 'boolean', help: 'CSV (RFC 4180), the one format there is; must be said' },
    ...databaseOptions,
  },
  examples: [
    'forecourt ledger export --from 2026-11-01 --to 2026-11-30 --time-zone Asia/Shanghai --csv > november.csv',
  ],
  exitCodes: { 0: 'written', [failureExitCode]: failureMeaning },
  async run(input) {
    const wish = readWish(input);
    return orFailure(command, input, () => withDatabase(command, input, (db) => writePages(db, wish)));
  },
};

function readWish(input: CommandInput): TransfersWish {
  if (!isSet(input, 'csv')) throw new UsageError('say --csv: there is no other format');
  const fromDay = readDay('--from', requiredText(command, input, 'from'));
  const toDay = readDay('--to', requiredText(command, input, 'to'));
  if (toDay < fromDay) throw new UsageError(`--to ${toDay} is before --from ${fromDay}`);
  const station = textOf(command, input, 'station');
  return {
    fromDay,
    toDay,
    timeZone: readTimeZone(requiredText(command, input, 'time-zone')),
    stationNumber: station === undefined ? null : readWhole('station', station, 0, stationNumberMax),
  };
}

function readTimeZone(name: string): string {
  // PostgreSQL counts `+08:00` to the west, so that only names will do.
  if (!/^[A-Za-z]/.test(name)) throw new UsageError(`--time-zone ${name} is no time zone such as UTC or Asia/Shanghai`);
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    throw new UsageError(`--time-zone ${name} is no time zone such as UTC or Asia/Shanghai`);
  }
}

/** One page in memory at a time; ends early where nobody reads any more. */
async function writePages(db: Database, wish: TransfersWish): Promise<number> {
  const heading = ['time', 'station', 'order', 'transfer', 'debit_account', 'credit_account', 'amount', 'currency'];
  let isRead = await writeOut(csvLine(heading));
  let last: Transfer | null = null;
  for (;;) {
    const page: readonly Transfer[] = await findTransfersPage(db, wish, last, pageRowsMax);
    if (page.length > 0 && isRead) isRead = await writeOut(page.map(toLine).join(''));
    last = page.at(-1) ?? null;
    if (page.length < pageRowsMax || !isRead) return 0;
  }
}

const toLine = (transfer: Transfer): string =>
  csvLine([
    formatInstant(transfer.madeAt),
    transfer.stationNumber,
    transfer.orderId,
    transfer.transferId,
    transfer.debitAccount,
    transfer.creditAccount,
    decimalText(transfer.amountMinor, transfer.currency),
    transfer.currency,
  ]);
