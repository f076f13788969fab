import { formatInstant } from '../base/clock.ts';
import type { Database } from '../database/database.ts';
import { type BillDay, dayAt, daysBefore, daysFrom } from '../payment/bill-day.ts';
import { keepDay, findUnreadDays } from '../payment/bill.sql.ts';
import type { Finding } from '../payment/difference.ts';
import type { PaymentProvider } from '../payment/provider/provider.ts';
import { findHeldPayments, findHeldRefunds, type HeldMoney, type Window } from '../payment/reconciliation.sql.ts';
import { surroundingsOf } from './difference-surroundings.ts';
import { keepFindings, type Run } from './keep-findings.ts';
import { type BillWorld, dayLeaseMs } from './read-bill.ts';

const pageMax = 2_000;
/** So many days before the day itself a bill may have a refund that came to its end on the day. */
const daysBackMax = 7;

const questions = {
  paid_here_not_there: findHeldPayments,
  refund_here_not_there: findHeldRefunds,
} as const;
type Question = keyof typeof questions;
const questionNames = ['paid_here_not_there', 'refund_here_not_there'] as const satisfies readonly Question[];

/** What we hold and no bill that was read has, a page at a time. */
async function* missing(db: Database, run: Run, name: Question, window: Window): AsyncGenerator<readonly HeldMoney[]> {
  let last: HeldMoney | null = null;
  for (;;) {
    const page: readonly HeldMoney[] = await questions[name](db, run.sheet, window, last, pageMax);
    yield page.filter(({ isThere }) => !isThere);
    last = page.at(-1) ?? null;
    if (page.length < pageMax) return;
  }
}

/**
 * Days before this one whose bill was never read and may have what is missing: the day before for a payment near midnight, earlier ones for a refund that
 * took long.
 */
export async function findNeighbours(
  world: BillWorld,
  provider: PaymentProvider,
  run: Run,
  window: Window,
): Promise<readonly string[]> {
  const offsetMs = provider.capabilities.billDayOffsetMs ?? 0;
  const yesterday = daysBefore(run.sheet.day, 1);
  const days = new Set<string>();
  for (const name of questionNames)
    for await (const page of missing(world.db, run, name, window))
      for (const { since } of page)
        for (const day of daysFrom(dayAt(since, offsetMs), yesterday, daysBackMax)) days.add(day);
  return findUnreadDays(world.db, run.sheet, [...days]);
}

/** Keeps what we hold of this time and no bill has. */
export async function matchHeld(world: BillWorld, run: Run, window: Window): Promise<void> {
  for (const name of questionNames) {
    for await (const page of missing(world.db, run, name, window)) {
      const around = await surroundingsOf(world.db, page);
      const findings = page.map((held) => toFinding(name, held, around.get(held.orderId) ?? {}));
      await world.db.transaction((tx) => keepFindings(tx, run, findings, 'standing', world.now()));
      await keepDay(world.db, run.sheet, world.now() + dayLeaseMs);
    }
  }
}

function toFinding(kind: Question, held: HeldMoney, around: Finding['around']): Finding {
  const { stationNumber, orderId, reference, amountMinor, currency, at } = held;
  const minor = kind === 'paid_here_not_there' ? 0 - amountMinor : amountMinor;
  return {
    kind,
    reference,
    stationNumber,
    orderId,
    facts: { hereMinor: amountMinor, currency, at: formatInstant(at) },
    around,
    surplus: [{ minor, currency }],
  };
}

/** The day as far as it has passed. */
export const passedOf = ({ startsAt, endsAt }: BillDay, now: number): Window => ({
  from: startsAt,
  until: Math.min(endsAt, now),
});
