import type { Order } from '../../../order/order.ts';
import { type Attempt, isOpen, lateMoneyGraceMs } from '../../../payment/attempt.ts';
import { ProviderError } from '../../../payment/provider/provider.ts';
import { errandFor, judgeAfterMs, pollOnceMore } from '../../janitor.ts';
import { leaseMs, mayBegin } from '../../lease.ts';
import { refundable } from '../../refund-order.ts';
import { isRefusal } from '../../../base/problem.ts';
import { changeBooks } from './change-books.ts';
import { closeAttempt, queryAttempt } from './close.ts';
import { endOrder } from './end.ts';
import { judgeKept } from './hear.ts';
import { type House, serviceOf } from '../house.ts';
import { refundPayment } from './pay-back.ts';
import { claimAttempts, claimFacts, claimRefunds, scheduleLastLook, schedulePoll } from './rows.ts';
import type { Step } from './step.ts';

/** As `createJanitor`: one round of its chores, in its order, each thing begun only as long as the lease on it allows (`workInLease`). */
export function* goRound(house: House): Step<void> {
  yield* judgeKeptFacts(house);
  yield* askForAttempts(house);
  yield* expireOrder(house);
  yield* keepPromise(house);
  yield* payBack(house);
}

function* judgeKeptFacts(house: House): Step<void> {
  yield 'rows';
  const leasedUntil = house.now + leaseMs;
  for (const kept of claimFacts(house.rows, house.now, { afterMs: judgeAfterMs, leaseMs }))
    if (mayBegin(leasedUntil, house.now)) yield* judgeKept(house, kept);
}

function* askForAttempts(house: House): Step<void> {
  yield 'rows';
  const leasedUntil = house.now + leaseMs;
  const attempts = claimAttempts(house.rows, house.now, leaseMs);
  const { order } = house.rows.books;
  for (const attempt of attempts) if (mayBegin(leasedUntil, house.now)) yield* doErrand(house, attempt, order);
}

function* doErrand(house: House, attempt: Attempt, order: Order): Step<void> {
  const errand = errandFor(attempt, order, house.now);
  if (errand === 'look_once_more') return yield* lookOnceMore(house, attempt);
  if (errand === 'close') yield* closeAttempt(house, attempt);
  else yield* askFor(house, attempt);
  yield 'rows';
  schedulePoll(house.rows, pollOnceMore(attempt, house.now));
}

function* lookOnceMore(house: House, attempt: Attempt): Step<void> {
  const outcome = yield* closeAttempt(house, attempt);
  if (outcome !== 'closed' && outcome !== 'paid') return;
  yield 'rows';
  scheduleLastLook(house.rows, { ...attempt, pollAt: null });
}

function* askFor(house: House, attempt: Attempt): Step<void> {
  try {
    yield* queryAttempt(house, attempt);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
  }
}

/** As `findOrdersToExpire`: what may still be paid is closed first, until nobody waits for it any more. */
function* expireOrder(house: House): Step<void> {
  yield 'rows';
  const { order, attempts } = house.rows.books;
  const isDue = order.state === 'placed' && order.expiresAt <= house.now;
  if (isDue && (order.expiresAt < house.now - lateMoneyGraceMs || !attempts.some(isOpen)))
    yield* endOrder(house, 'expired');
}

/** As `findUndelivered` and `refundUndelivered`. */
function* keepPromise(house: House): Step<void> {
  yield 'rows';
  const { promiseMs } = house.circumstances;
  const { permit, dispense } = house.rows.books;
  const isLate =
    promiseMs !== null &&
    dispense === null &&
    permit !== null &&
    ['issued', 'sent', 'undeliverable'].includes(permit.state) &&
    permit.issuedAt <= house.now - promiseMs;
  if (!isLate) return;
  yield* changeBooks(house, (books, now) => {
    const paid = refundable(books);
    if (isRefusal(paid)) return null;
    return house.rules.decideUndelivered(books, serviceOf(house, paid.provider).account.capabilities, now);
  });
}

function* payBack(house: House): Step<void> {
  yield 'rows';
  const leasedUntil = house.now + leaseMs;
  for (const refund of claimRefunds(house.rows, house.now, leaseMs))
    if (mayBegin(leasedUntil, house.now)) yield* refundPayment(house, refund);
}
