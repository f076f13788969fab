import { isOpen, lateMoneyGraceMs } from '../../../payment/attempt.ts';
import { ProviderError } from '../../../payment/provider/provider.ts';
import type { Attempt } from '../../../payment/attempt.ts';
import { errandFor, judgeAfterMs, leaseMs, pollOnceMore } from '../../janitor.ts';
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

/** As `createJanitor`: one round of its chores, in its order. */
export function* goRound(house: House): Step<void> {
  yield* judgeKeptFacts(house);
  yield* askForAttempts(house);
  yield* expireOrder(house);
  yield* keepPromise(house);
  yield* payBack(house);
}

function* judgeKeptFacts(house: House): Step<void> {
  yield 'rows';
  for (const kept of claimFacts(house.rows, house.now, { afterMs: judgeAfterMs, leaseMs }))
    yield* judgeKept(house, kept);
}

function* askForAttempts(house: House): Step<void> {
  yield 'rows';
  const attempts = claimAttempts(house.rows, house.now, leaseMs);
  const { order } = house.rows.books;
  for (const attempt of attempts) {
    const errand = errandFor(attempt, order, house.now);
    if (errand === 'look_once_more') yield* lookOnceMore(house, attempt);
    else if (errand === 'close') yield* closeAttempt(house, attempt);
    else yield* askFor(house, attempt);
  }
  if (!attempts.some(isOpen)) return;
  yield 'rows';
  for (const attempt of attempts.filter(isOpen)) schedulePoll(house.rows, pollOnceMore(attempt, house.now));
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
  for (const refund of claimRefunds(house.rows, house.now, leaseMs)) yield* refundPayment(house, refund);
}
