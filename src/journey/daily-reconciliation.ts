import { dayMs, hourMs, minuteMs } from '../base/clock.ts';
import type { PaymentAccounts } from '../payment/account.ts';
import { billDay, dayAt, daysBefore } from '../payment/bill-day.ts';
import { claimDailyTry, findUnreconciled } from '../payment/bill.sql.ts';
import type { PaymentProvider } from '../payment/provider/provider.ts';
import type { MatchWorld } from './match-bill.ts';
import { accountsWithBills, reconcileDay } from './reconcile-day.ts';

/**
 * Once a day, at a named time of Beijing, the day before is reconciled with every account that has bills; what could not be is tried again every half
 * hour. Any number of nodes may run one: each try is a row, and the node that could write it is the one that works.
 */
export type DailyReconciliation = {
  /** Does what is to be done now, which is nothing at nearly all times. */
  run(): Promise<void>;
};

export type DailyWorld = MatchWorld & {
  readonly accounts: PaymentAccounts;
  /** Milliseconds after midnight in Beijing; services make their bills until 10:30 there. */
  readonly atMs: number;
};

const beijingOffsetMs = 8 * hourMs;
const tryAgainMs = 30 * minuteMs;
/** The last try is half a day after the first. */
const triesMax = 24;

export function createDailyReconciliation(world: DailyWorld): DailyReconciliation {
  return {
    async run() {
      const now = world.now();
      const { day, number } = tryOf(now, world.atMs);
      if (number >= triesMax) return;
      const waiting = await findWaiting(world, day);
      if (waiting.length === 0 || !(await claimDailyTry(world.db, day, number, now))) return;
      for (const provider of waiting) await reconcileDay(world, provider, day);
    },
  };
}

/** The day that is to be reconciled at a time, and which try this is, from 0. */
export function tryOf(now: number, atMs: number): { readonly day: string; readonly number: number } {
  const sinceFirst = now - atMs;
  const today = dayAt(sinceFirst, beijingOffsetMs);
  const sinceMidnight = (((sinceFirst + beijingOffsetMs) % dayMs) + dayMs) % dayMs;
  return { day: daysBefore(today, 1), number: Math.floor(sinceMidnight / tryAgainMs) };
}

/** Accounts whose day is over at the service, and that no run has reconciled. */
async function findWaiting(world: DailyWorld, day: string): Promise<readonly PaymentProvider[]> {
  const over = accountsWithBills(world.accounts.all.map(({ provider }) => provider)).filter(
    ({ capabilities }) => world.now() >= billDay(day, capabilities.billDayOffsetMs ?? 0).endsAt,
  );
  const owners = over.map(({ id, merchant }) => ({ provider: id, merchantId: merchant.merchantId }));
  const open = new Set(await findUnreconciled(world.db, owners, day));
  return over.filter((_, index) => open.has(index));
}
