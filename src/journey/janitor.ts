import { createBatcher } from '../base/batcher.ts';
import { minuteMs, secondMs } from '../base/clock.ts';
import type { Order } from '../order/order.ts';
import { findOrders, findOrdersToExpire } from '../order/order.sql.ts';
import { type Attempt, isOpen, lateMoneyGraceMs, nextPollAt } from '../payment/attempt.ts';
import { claimAttemptsToPoll, type NextPoll, scheduleLastLooks, schedulePolls } from '../payment/attempt.sql.ts';
import type { Claim, OfServices } from '../payment/claim.ts';
import { claimFactsToJudge } from '../payment/fact.sql.ts';
import type { StoredFact } from '../payment/fact.ts';
import { ProviderError } from '../payment/provider/provider.ts';
import { claimRefundsToTry } from '../payment/refund.sql.ts';
import { findUndelivered } from '../permit/permit.sql.ts';
import { raiseCallAlarm } from './call-provider.ts';
import { type CloseWorld, closeAttempt, queryAttempt } from './close-attempt.ts';
import type { EndOrder } from './end-order.ts';
import { inParallel, leaseMs, workInLease } from './lease.ts';
import { accountOf, accountOfFact } from './missing-account.ts';
import { type RefundOrderWorld, refundUndelivered } from './refund-order.ts';
import { type RefundWorld, refundPayment } from './refund-payment.ts';

/**
 * Goes round after everybody else: asks for attempts that nobody told us about, closes what must not be paid any more, ends orders whose
 * time is over, judges facts that a dying node left, and pays back. It repairs only what is open or unknown. Work is taken from the rows
 * with `skip locked` and a lease, so any number of nodes may run one.
 */
export type Janitor = {
  /** Each to be repeated by itself: those that call payment services are there once for each service, so that a silent one holds up nothing but its own. */
  readonly chores: readonly Chore[];
  /** Does all chores once: first those from whose work others follow, all services beside one another. All are done, then the first failure is thrown. */
  run(): Promise<void>;
};

export type Chore = () => Promise<void>;

export type JanitorWorld = CloseWorld & RefundWorld & RefundOrderWorld & { readonly endOrder: EndOrder };

const attemptsARoundMax = 200;
const ordersARoundMax = 200;
const factsARoundMax = 200;
const refundsARoundMax = 50;
const pollsBatchMax = 200;
/** A kept fact is left to its own request for so long. */
export const judgeAfterMs = 5 * secondMs;
const unknownAlarmMs = 10 * minuteMs;

export function createJanitor(world: JanitorWorld): Janitor {
  const schedule = createBatcher<NextPoll, void>({
    batchMax: pollsBatchMax,
    async store(polls) {
      await schedulePolls(world.db, polls);
      return polls.map(() => undefined);
    },
  });
  const forEachService = (chore: (of: OfServices) => Promise<void>): readonly Chore[] =>
    servicesOf(world).map((of) => () => chore(of));
  const stages: readonly (readonly Chore[])[] = [
    forEachService((of) => judgeKeptFacts(world, of)),
    forEachService((of) => askForAttempts(world, schedule, of)),
    [() => expireOrders(world), () => keepPromises(world)],
    forEachService((of) => payBack(world, of)),
  ];
  return {
    chores: stages.flat(),
    async run() {
      const failures: unknown[] = [];
      for (const stage of stages)
        await Promise.all(stage.map((chore) => chore().catch((error: unknown) => failures.push(error))));
      if (failures.length > 0) throw failures[0];
    },
  };
}

/** Each service that we have an account at, and then all others: rows are older than the configuration. */
function servicesOf({ accounts }: Pick<JanitorWorld, 'accounts'>): readonly OfServices[] {
  const services = [...new Set(accounts.all.map(({ provider }) => provider.id))];
  return [...services.map((service) => ({ services: [service], others: false })), { services, others: true }];
}

const claimNow = (world: JanitorWorld, of: OfServices, limit: number): Claim => ({
  ...of,
  now: world.now(),
  leaseMs,
  limit,
});

const leaseOf = (world: JanitorWorld, claim: Claim) => ({ clock: world.now, leasedUntil: claim.now + claim.leaseMs });

async function judgeKeptFacts(world: JanitorWorld, of: OfServices): Promise<void> {
  const claim = claimNow(world, of, factsARoundMax);
  const facts = await claimFactsToJudge(world.db, { ...claim, afterMs: judgeAfterMs });
  await workInLease(leaseOf(world, claim), facts, (stored) => judgeAgain(world, stored));
}

/** What cannot be judged now comes up again when the lease on it ends. */
async function judgeAgain(world: JanitorWorld, stored: StoredFact): Promise<void> {
  const provider = accountOfFact(world, stored);
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

type Schedule = (next: NextPoll) => Promise<void>;

async function askForAttempts(world: JanitorWorld, schedule: Schedule, of: OfServices): Promise<void> {
  const claim = claimNow(world, of, attemptsARoundMax);
  const attempts = await claimAttemptsToPoll(world.db, claim);
  if (attempts.length === 0) return;
  const orders = new Map((await findOrders(world.db, attempts)).map((order) => [order.orderId, order]));
  await workInLease(leaseOf(world, claim), attempts, async (attempt) => {
    const errand = errandFor(attempt, orders.get(attempt.orderId), world.now());
    if (errand === 'look_once_more') return lookOnceMore(world, attempt);
    await (errand === 'close' ? closeAttempt(world, attempt) : ask(world, attempt));
    await schedule(pollOnceMore(attempt, world.now()));
    if (attempt.unknown && world.now() - attempt.createdAt > unknownAlarmMs)
      world.alarm('payment_unknown_too_long', { attemptRef: attempt.attemptRef });
  });
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

/** When an attempt is asked for next that was asked for just now, as it was taken. */
export const pollOnceMore = (attempt: Attempt, now: number): NextPoll => ({
  ...attempt,
  leasedUntil: attempt.pollAt,
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
  const provider = accountOf(world, attempt);
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

async function payBack(world: JanitorWorld, of: OfServices): Promise<void> {
  const claim = claimNow(world, of, refundsARoundMax);
  const refunds = await claimRefundsToTry(world.db, claim);
  await workInLease(leaseOf(world, claim), refunds, (refund) => refundPayment(world, refund));
}
