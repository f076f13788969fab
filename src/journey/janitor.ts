import { claimFactsToJudge } from '../payment/fact.sql.ts';
import { type Attempt, isOpen, lateMoneyGraceMs, nextPollAt } from '../payment/attempt.ts';
import { claimAttemptsToPoll, type NextPoll, scheduleLastLooks, schedulePolls } from '../payment/attempt.sql.ts';
import type { StoredFact } from '../payment/fact.ts';
import { claimRefundsToTry } from '../payment/refund.sql.ts';
import { ProviderError } from '../payment/provider/provider.ts';
import { findUndelivered } from '../permit/permit.sql.ts';
import type { Order } from '../order/order.ts';
import { findOrders, findOrdersToExpire } from '../order/order.sql.ts';
import { raiseCallAlarm } from './call-provider.ts';
import { type CloseWorld, closeAttempt, queryAttempt } from './close-attempt.ts';
import type { EndOrder } from './end-order.ts';
import { type RefundOrderWorld, refundUndelivered } from './refund-order.ts';
import { type RefundWorld, refundPayment } from './refund-payment.ts';

/**
 * Goes round after everybody else: asks for attempts that nobody told us about, closes what must not be paid any more, ends orders whose
 * time is over, judges facts that a dying node left, and pays back. It repairs only what is open or unknown. Work is taken from the rows
 * with `skip locked` and a lease, so any number of nodes may run one.
 */
export type Janitor = { run(): Promise<void> };

export type JanitorWorld = CloseWorld & RefundWorld & RefundOrderWorld & { readonly endOrder: EndOrder };

const attemptsARoundMax = 200;
const ordersARoundMax = 200;
const factsARoundMax = 200;
const refundsARoundMax = 50;
/** A node that died with work in its hands loses it to the others after so long. */
export const leaseMs = 30_000;
/** A kept fact is left to its own request for so long. */
export const judgeAfterMs = 5_000;
const callsAtOnceMax = 8;
const unknownAlarmMs = 600_000;

export function createJanitor(world: JanitorWorld): Janitor {
  return {
    async run() {
      const failures: unknown[] = [];
      for (const chore of [judgeKeptFacts, askForAttempts, expireOrders, keepPromises, payBack]) {
        // One chore that fails, and would fail in every round, must not keep the others from being done.
        await chore(world).catch((error: unknown) => failures.push(error));
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}

async function judgeKeptFacts(world: JanitorWorld): Promise<void> {
  const wish = { now: world.now(), afterMs: judgeAfterMs, leaseMs, limit: factsARoundMax };
  const facts = await claimFactsToJudge(world.db, wish);
  await inParallel(facts, (stored) => judgeAgain(world, stored));
}

async function judgeAgain(world: JanitorWorld, stored: StoredFact): Promise<void> {
  const provider = world.accounts.named(stored.provider, stored.account);
  if (provider === undefined) return;
  const notification = {
    rawBody: Buffer.from(stored.rawBody ?? '', 'base64'),
    headers: stored.headers ?? {},
    receivedAt: stored.receivedAt,
  };
  await world.settle.judgeKept({
    provider,
    fact: stored.fact,
    kept: { dedupeId: stored.dedupeId.replace(/^notification:/, ''), notification },
  });
}

async function askForAttempts(world: JanitorWorld): Promise<void> {
  const attempts = await claimAttemptsToPoll(world.db, world.now(), leaseMs, attemptsARoundMax);
  if (attempts.length === 0) return;
  const orders = new Map((await findOrders(world.db, attempts)).map((order) => [order.orderId, order]));
  await inParallel(attempts, async (attempt) => {
    const errand = errandFor(attempt, orders.get(attempt.orderId), world.now());
    if (errand === 'look_once_more') return lookOnceMore(world, attempt);
    await (errand === 'close' ? closeAttempt(world, attempt) : ask(world, attempt));
    if (attempt.unknown && world.now() - attempt.createdAt > unknownAlarmMs)
      world.alarm('payment_unknown_too_long', { attemptRef: attempt.attemptRef });
  });
  const now = world.now();
  await schedulePolls(
    world.db,
    attempts.filter(isOpen).map((attempt) => pollOnceMore(attempt, now)),
  );
}

/** What an attempt whose time to be asked for has come needs: one that must not be paid any more is closed. */
export function errandFor(
  attempt: Attempt,
  order: Pick<Order, 'state' | 'expiresAt'> | undefined,
  now: number,
): 'look_once_more' | 'close' | 'ask' {
  if (!isOpen(attempt)) return 'look_once_more';
  const over = order === undefined || order.state !== 'placed' || order.expiresAt <= now;
  return over ? 'close' : 'ask';
}

/** When an attempt is asked for next that was asked for just now. */
export const pollOnceMore = (attempt: Attempt, now: number): NextPoll => ({
  ...attempt,
  polls: attempt.polls + 1,
  pollAt: nextPollAt(attempt.polls + 1, now, attempt.expiresAt),
});

/** An attempt that was closed before the service knew it: if by now it knows it, it closes it; if not, it is looked at again for a while. */
async function lookOnceMore(world: JanitorWorld, attempt: Attempt): Promise<void> {
  const outcome = await closeAttempt(world, attempt);
  // Where it could not be closed, it comes up again when this node's lease on it ends. What was paid has been judged, be it as nobody's money.
  if (outcome === 'closed' || outcome === 'paid') await scheduleLastLooks(world.db, [{ ...attempt, pollAt: null }]);
}

/** No answer is no news: the next round asks again. */
async function ask(world: JanitorWorld, attempt: Attempt): Promise<void> {
  const provider = world.accounts.of(attempt);
  if (provider === undefined) return;
  try {
    await queryAttempt(world, provider, attempt);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    raiseCallAlarm(world, attempt.attemptRef, error);
  }
}

async function expireOrders(world: JanitorWorld): Promise<void> {
  const orders = await findOrdersToExpire(world.db, world.now(), lateMoneyGraceMs, ordersARoundMax);
  await inParallel(orders, async (order) => void (await world.endOrder(order, 'expired')));
}

/** Where a station promised its slip and kept no word, the money goes back. */
async function keepPromises(world: JanitorWorld): Promise<void> {
  const orders = await findUndelivered(world.db, world.now(), ordersARoundMax);
  await inParallel(orders, async (order) => {
    const refund = await refundUndelivered(world, order);
    if (refund !== null) world.alarm('permit_undelivered_refunded', { ...order, refundRef: refund.refundRef });
  });
}

async function payBack(world: JanitorWorld): Promise<void> {
  const refunds = await claimRefundsToTry(world.db, world.now(), leaseMs, refundsARoundMax);
  await inParallel(refunds, (refund) => refundPayment(world, refund));
}

/** A few at once; all are tried, then the first failure is thrown. */
async function inParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      try {
        await work(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: callsAtOnceMax }, worker));
  if (failures.length > 0) throw failures[0];
}
