import { minuteMs } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import type { Database } from '../database/database.ts';
import { type BillLine, type BillSheet, createLineMaker } from '../payment/bill.ts';
import { beginReading, finishReading, findReading, insertLines, keepDay, type Reading } from '../payment/bill.sql.ts';
import { type CallOptions, type PaymentProvider, ProviderError } from '../payment/provider/provider.ts';

export type BillWorld = { readonly db: Database; readonly now: Clock };

/** A day is taken for so long; who has it says again and again that he is still there. */
export const dayLeaseMs = 15 * minuteMs;
const billMsMax = 30 * minuteMs;
const billCallMsMax = minuteMs;
const batchLines = 1_000;
const billLinesMax = 1_000_000;

/** How long a bill, and one call for it, may take. */
const billOptions = (): CallOptions => ({ signal: AbortSignal.timeout(billMsMax), timeoutMs: billCallMsMax });

/**
 * Reads the bill of a day that this run has taken and keeps it, batch by batch; it counts only when it was read to its end. Gives the reading that
 * counts now: an earlier one where the bill says the same. Throws `ProviderError`, and then the earlier one counts on.
 */
export async function readBill(world: BillWorld, provider: PaymentProvider, sheet: BillSheet): Promise<Reading> {
  const readingId = await world.db.transaction((tx) => beginReading(tx, sheet, world.now()));
  let rowCount = 0;
  for await (const lines of batchesOf(provider, sheet.day)) {
    rowCount += lines.length;
    await insertLines(world.db, readingId, lines);
    await keepDay(world.db, sheet, world.now() + dayLeaseMs);
  }
  await world.db.transaction((tx) => finishReading(tx, sheet, { readingId, rowCount, readAt: world.now() }));
  const reading = await findReading(world.db, sheet);
  if (reading === null) throw new Error(`the bill of ${sheet.day} is gone as soon as it was read`);
  return reading;
}

async function* batchesOf(provider: PaymentProvider, day: string): AsyncGenerator<readonly BillLine[]> {
  const toLine = createLineMaker();
  let lines: BillLine[] = [];
  for await (const row of provider.bill?.(day, billOptions()) ?? []) {
    const line = toLine(row);
    if (typeof line === 'string') throw new ProviderError('unknown', 'bill', line);
    if (line.lineNumber > billLinesMax)
      throw new ProviderError('unknown', 'bill', `the bill has more than ${billLinesMax} rows`);
    lines.push(line);
    if (lines.length < batchLines) continue;
    yield lines;
    lines = [];
  }
  yield lines;
}
