import { answersFor, billDay } from '../payment/bill-day.ts';
import { explainNoBill } from '../payment/bill-failure.ts';
import type { BillSheet, BillTotals } from '../payment/bill.ts';
import { claimDay, findChangedRows, type Reading, releaseDay, sumBill } from '../payment/bill.sql.ts';
import { countDifferences, type DifferenceCount, findFreshDifferences } from '../payment/difference.sql.ts';
import { type PaymentProvider, ProviderError } from '../payment/provider/provider.ts';
import { resolveGone, type Run } from './keep-findings.ts';
import { applyBill, matchBill, type Matched, type MatchWorld } from './match-bill.ts';
import { findNeighbours, matchHeld, passedOf } from './match-held.ts';
import { matchTrade } from './match-trade.ts';
import { dayLeaseMs, readBill } from './read-bill.ts';

/**
 * The end of the journey: each day is set against the bills of the payment services. What a bill knows and we do not is a fact for the judge; what then
 * still differs is written down, shows in the ledger, and waits for a person.
 */
export type ReconciledDay = BillSheet & {
  readonly account: string;
  /** False while the day still goes on: what it has so far was matched. */
  readonly isOver: boolean;
  /** Why there is nothing more in a sentence, or null. */
  readonly failure: string | null;
  readonly bill: (Reading & { readonly changedRows: readonly string[] }) | null;
  readonly totals: readonly BillTotals[];
  readonly matched: Matched;
  readonly differences: readonly DifferenceCount[];
};

const alarmedMax = 20;

/** Reconciles one day (`2026-11-21`, by the service's calendar) of one account. Repeated it changes nothing but what has changed. */
export async function reconcileDay(world: MatchWorld, provider: PaymentProvider, day: string): Promise<ReconciledDay> {
  const sheet = { provider: provider.id, merchantId: provider.merchant.merchantId, day };
  const number = await claimDay(world.db, sheet, world.now(), dayLeaseMs);
  if (number === null)
    return fail(world, provider, day, 'another run is at work on this day; run it again in some minutes');
  const calendar = billDay(day, provider.capabilities.billDayOffsetMs ?? 0);
  const isOver = world.now() >= calendar.endsAt;
  let endedAt: number | null = null;
  try {
    const done = await runOver(world, provider, { sheet, number });
    endedAt = isOver ? world.now() : null;
    return { ...sheet, account: provider.account, isOver, failure: null, ...done };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return await fail(world, provider, day, explainNoBill(error, calendar, world.now()));
  } finally {
    await releaseDay(world.db, sheet, endedAt);
  }
}

async function runOver(world: MatchWorld, provider: PaymentProvider, run: Run) {
  const { sheet, number } = run;
  const calendar = billDay(sheet.day, provider.capabilities.billDayOffsetMs ?? 0);
  // What happens while the bill is being made cannot be missed in it.
  const beganAt = world.now();
  const held = answersFor(calendar, beganAt);
  const reading = await readBill(world, provider, sheet);
  await applyBill(world, provider, run, reading);
  const matched = await matchBill(world, run, reading);
  for (const day of await findNeighbours(world, provider, run, held))
    await readNeighbour(world, provider, { ...sheet, day });
  await matchHeld(world, run, held);
  await matchTrade(world, run, passedOf(calendar, beganAt));
  await resolveGone(world.db, run, world.now());
  const fresh = await findFreshDifferences(world.db, sheet, { number, limit: alarmedMax });
  if (fresh.length > 0)
    world.alarm('reconciliation_difference', { ...sheet, account: provider.account, differences: fresh });
  const isChanged = reading.cameCount + reading.wentCount > 0;
  const changedRows = isChanged ? await findChangedRows(world.db, sheet, reading.readingId) : [];
  const [totals, differences] = await Promise.all([
    sumBill(world.db, reading.readingId),
    countDifferences(world.db, sheet),
  ]);
  return { bill: { ...reading, changedRows }, totals, matched, differences };
}

/** Only read and kept: its own day is matched by its own run. */
async function readNeighbour(world: MatchWorld, provider: PaymentProvider, sheet: BillSheet): Promise<void> {
  if ((await claimDay(world.db, sheet, world.now(), dayLeaseMs)) === null)
    throw new ProviderError('unknown', 'bill', `another run is reading the bill of ${sheet.day}, which is needed too`);
  try {
    await readBill(world, provider, sheet);
  } finally {
    await releaseDay(world.db, sheet, null);
  }
}

/** What was found before stands on; without a bill nothing is gone. */
async function fail(
  world: MatchWorld,
  provider: PaymentProvider,
  day: string,
  failure: string,
): Promise<ReconciledDay> {
  const sheet = { provider: provider.id, merchantId: provider.merchant.merchantId, day };
  world.alarm('reconciliation_failed', { ...sheet, account: provider.account, why: failure });
  const differences = await countDifferences(world.db, sheet);
  const nothing = { bill: null, totals: [], matched: { payments: 0, refunds: 0 } };
  return { ...sheet, account: provider.account, isOver: true, failure, ...nothing, differences };
}

/** Accounts with bills, each merchant of a service once: a bill is of the whole merchant, whatever apps and stations it has. */
export function accountsWithBills(providers: readonly PaymentProvider[]): readonly PaymentProvider[] {
  const byMerchant = new Map<string, PaymentProvider>();
  for (const provider of providers) {
    const key = `${provider.id} ${provider.merchant.merchantId}`;
    if (provider.capabilities.bills && provider.bill !== undefined && !byMerchant.has(key))
      byMerchant.set(key, provider);
  }
  return [...byMerchant.values()];
}
