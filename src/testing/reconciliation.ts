import { dayMs, hourMs } from '../base/clock.ts';
import type { Alarm } from '../journey/alarm.ts';
import { reconcileDay, type ReconciledDay } from '../journey/reconcile-day.ts';
import type { Journey } from '../journey/journey.ts';
import type { OrderKey } from '../order/order.ts';
import { type Difference, findDifferencesPage } from '../payment/difference.sql.ts';
import { findBalances } from '../payment/ledger.sql.ts';
import { formatBeijingDay } from '../payment/provider/beijing-time.ts';
import type { BillRow, PaymentProvider } from '../payment/provider/provider.ts';
import { newKey } from './cloud.ts';
import { booksOf, type TestJourney } from './journey.ts';

const untilHour = (now: number, hour: number): number => {
  const today = Date.parse(`${formatBeijingDay(now)}T00:00:00+08:00`) + hour * hourMs;
  return (today > now ? today : today + dayMs) - now;
};

/** Moves the clock to the next time that it is so late in Beijing, and gives the day. */
export async function advanceToHour({ timeline }: TestJourney, hour: number): Promise<string> {
  await timeline.advance(untilHour(timeline.now(), hour));
  return formatBeijingDay(timeline.now());
}

export function providerOf(journey: Pick<Journey, 'accounts'>): PaymentProvider {
  const [account] = journey.accounts.all;
  if (account === undefined) throw new Error('the journey has no account');
  return account.provider;
}

type Changes = { readonly journey?: Journey; readonly provider?: PaymentProvider; readonly alarm?: Alarm };

/** Reconciles a day of the one account, with its alarms heard by the world's. */
export function reconcile(world: TestJourney, day: string, changes: Changes = {}): Promise<ReconciledDay> {
  const journey = changes.journey ?? world.journey;
  const alarm: Alarm = changes.alarm ?? ((name) => void world.alarms.push(name));
  const parts = { db: journey.db, settle: journey.settlePayment, now: () => world.timeline.now(), alarm };
  return reconcileDay(parts, changes.provider ?? providerOf(journey), day);
}

/** The same account, whose bills say what a test says. */
export const withBill = (provider: PaymentProvider, rows: readonly BillRow[]): PaymentProvider => ({
  ...provider,
  async *bill() {
    yield* rows;
  },
});

export async function differencesOf(
  { journey }: Pick<TestJourney, 'journey'>,
  day: string,
): Promise<readonly Difference[]> {
  const { id, merchant } = providerOf(journey);
  return findDifferencesPage(journey.db, { provider: id, merchantId: merchant.merchantId, day }, null, 10_000);
}

/** Debit less credit of each account, over one order or all, in the one currency there is. */
export async function balancesOf(
  { journey }: Pick<TestJourney, 'journey'>,
  orderId: string | null = null,
): Promise<Readonly<Record<string, number>>> {
  const balances = await findBalances(journey.db, orderId);
  return Object.fromEntries(balances.map((one) => [one.account, one.debitMinor - one.creditMinor]));
}

/** The station's printer says that the order's permit is out. */
export async function printPermit(world: TestJourney, key: OrderKey): Promise<void> {
  const { permit } = await booksOf(world, key);
  if (permit === null) throw new Error(`order ${key.orderId} has no permit`);
  const now = world.timeline.now();
  await world.journey.recordReport({
    stationNumber: key.stationNumber,
    reportId: newKey(),
    permitId: permit.permitId,
    state: 'printed',
    reason: null,
    deviceId: 'printer-1',
    deviceRef: null,
    reportedAt: now,
    receivedAt: now,
  });
}
