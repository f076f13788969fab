import { type Attempt, attemptAfter, holdsMoney } from '../payment/attempt.ts';
import { bookPaid, bookRefundBounced, bookRefundDone } from '../payment/ledger.ts';
import type { PaymentFact, PaymentProvider, RefundFact } from '../payment/provider/provider.ts';
import {
  keptMinor,
  makeForeignRefund,
  nextRefundTryAt,
  type Refund,
  refundAfter,
  type RefundEvent,
} from '../payment/refund.ts';
import { type Books, type Decided, replaceAttempt, replaceRefund } from './books.ts';
import {
  bookGoneElsewhere,
  booking,
  endImpossible,
  giveBack,
  type Judging,
  type Settlement,
  unchanged,
  voidIfPaidBy,
  withMoney,
} from './money-back.ts';

/** News of a refund that came through another account, or of test money: it says nothing of this payment. */
export function isStrangeRefund(
  books: Books,
  fact: RefundFact,
  { id, merchant }: Pick<PaymentProvider, 'id' | 'merchant'>,
): boolean {
  const ours = books.refunds.find((one) => one.refundRef === fact.refundRef);
  const attempt = books.attempts.find((one) => one.attemptRef === (ours?.attemptRef ?? fact.attemptRef));
  if (attempt === undefined) return false;
  return (
    attempt.provider !== id ||
    attempt.merchantId !== (fact.merchantId ?? merchant.merchantId) ||
    (fact.liveMode ?? merchant.liveMode) !== merchant.liveMode
  );
}

/** What a payment service said of a refund. Accepted is not refunded; abnormal stays owed, and a person must look. */
export function decideRefund(books: Books, fact: RefundFact, now: number): Settlement {
  const refund = books.refunds.find((one) => one.refundRef === fact.refundRef);
  if (refund === undefined) return settleForeignRefund(books, fact, now);
  if (fact.state === 'not_found') return unchanged(books, 'recorded');
  if (
    fact.amount !== undefined &&
    (fact.amount.minor !== refund.amountMinor || fact.amount.currency !== refund.currency)
  )
    return unchanged(books, 'integrity');
  const event = fact.state === 'processing' || fact.state === 'succeeded' ? fact.state : 'abnormal';
  if (refund.state === 'succeeded') return settleAfterSuccess(books, refund, event, fact.source, now);
  const state = refundAfter(refund.state, event);
  if (state === refund.state) return unchanged(books, 'known');
  // An old message of its first success may come again after its money came back.
  if (refund.bounces > 0 && fact.source !== 'query')
    return unchanged(replaceRefund(books, { ...refund, nextTryAt: now }), 'recorded');
  const finished = state === 'succeeded';
  const next: Refund = {
    ...refund,
    state,
    // What a person puts right at the service is seen by asking.
    nextTryAt: finished ? null : nextRefundTryAt(refund.tries, now),
    finishedAt: finished ? now : null,
  };
  const withRefund = replaceRefund(books, next);
  return finished
    ? { ...moneyWentBack(withRefund, next, now), judgement: 'refund_recorded' }
    : { books: withRefund, judgement: 'refund_recorded' };
}

/**
 * It had succeeded, and now it did not: the payer's bank sent the money back, which may be weeks later. An older message that comes late says the
 * same, so the service is asked first; its own answer makes the money owed again.
 */
function settleAfterSuccess(
  books: Books,
  refund: Refund,
  event: RefundEvent,
  source: RefundFact['source'],
  now: number,
): Settlement {
  const isAnswer = source === 'query';
  if (event !== 'abnormal') {
    const asked = isAnswer && event === 'succeeded' && refund.nextTryAt !== null;
    return unchanged(asked ? replaceRefund(books, { ...refund, nextTryAt: null }) : books, 'known');
  }
  if (!isAnswer) return unchanged(replaceRefund(books, { ...refund, nextTryAt: now }), 'recorded');
  const bounces = refund.bounces + 1;
  const state = refundAfter(refund.state, event);
  const owed: Refund = { ...refund, state, bounces, finishedAt: null, nextTryAt: nextRefundTryAt(refund.tries, now) };
  const attempt = attemptOf(books, refund);
  const refundedMinor = attempt.refundedMinor - refund.amountMinor;
  const after: Attempt = {
    ...attempt,
    refundedMinor,
    state: attemptAfter(attempt.state, refundedMinor === 0 ? 'all_bounced' : 'some_bounced'),
  };
  const { amountMinor, provider, refundRef } = refund;
  return {
    books: replaceAttempt(replaceRefund(books, owed), after),
    transfers: [bookRefundBounced(booking(after, amountMinor, now), provider, refundRef, bounces)],
    judgement: 'refund_recorded',
  };
}

function attemptOf(books: Books, refund: Refund): Attempt {
  const attempt = books.attempts.find((one) => one.attemptRef === refund.attemptRef);
  if (attempt === undefined) throw new Error(`refund ${refund.refundRef} has no attempt`);
  return attempt;
}

/**
 * A refund that a person made at the service itself. It becomes a refund of ours that is done, so that hearing of it again changes nothing; where
 * nothing of the payment is left, its permit is void.
 */
function settleForeignRefund(books: Books, fact: RefundFact, now: number): Settlement {
  const attempt = books.attempts.find((one) => one.attemptRef === fact.attemptRef);
  if (attempt === undefined) return unchanged(books, 'attempt_unknown');
  if (fact.state !== 'succeeded' || fact.amount === undefined) return unchanged(books, 'recorded');
  if (fact.amount.currency !== attempt.currency) return unchanged(books, 'integrity');
  // The payment itself was not heard of yet: the service is asked at once, and tells both.
  if (!holdsMoney(attempt)) return { books: replaceAttempt(books, { ...attempt, pollAt: now }), judgement: 'recorded' };
  const amountMinor = Math.min(fact.amount.minor, attempt.paidMinor - attempt.refundedMinor);
  if (amountMinor <= 0) return unchanged(books, 'known');
  const done = makeForeignRefund(attempt, fact.refundRef, amountMinor, now);
  const refundedMinor = attempt.refundedMinor + amountMinor;
  const whole = refundedMinor === attempt.paidMinor;
  const refunded = {
    ...attempt,
    refundedMinor,
    state: attemptAfter(attempt.state, whole ? 'refunded' : 'partly_refunded'),
  };
  const transfers = bookGoneElsewhere(books, attempt, { amountMinor, reference: fact.refundRef }, now);
  const after = endImpossible(replaceAttempt({ ...books, refunds: [...books.refunds, done] }, refunded), refunded, now);
  const nothingIsLeft = keptMinor(refunded, after.refunds) === 0;
  return {
    ...(nothingIsLeft ? voidIfPaidBy(after, refunded, now) : { books: after }),
    transfers,
    judgement: 'refunded_elsewhere',
  };
}

function moneyWentBack(books: Books, refund: Refund, now: number): Decided {
  const { amountMinor, provider, refundRef, bounces } = refund;
  const attempt = attemptOf(books, refund);
  const transfers = [bookRefundDone(booking(attempt, amountMinor, now), provider, refundRef, bounces)];
  const refundedMinor = attempt.refundedMinor + amountMinor;
  const whole = refundedMinor >= attempt.paidMinor;
  const refunded = {
    ...attempt,
    refundedMinor,
    state: attemptAfter(attempt.state, whole ? 'refunded' : 'partly_refunded'),
  };
  const after = endImpossible(replaceAttempt(books, refunded), refunded, now);
  return whole ? { ...voidIfPaidBy(after, refunded, now), transfers } : { books: after, transfers };
}

/** The same sum may be reached twice where money came back in between. */
function afterBounces(refunds: readonly Refund[]): string {
  const bounces = refunds.reduce((sum, refund) => sum + refund.bounces, 0);
  return bounces === 0 ? '' : `:${bounces}`;
}

const unknownRefund = 'refunded_unknown_amount';

/**
 * The service says that money was paid and that some of it went back, which we did not ask for. What is known is booked and no more: WeChat Pay
 * tells that there was a refund, not of how much. Then the permit is void all the same, and a person must look.
 */
export function settleRefundedElsewhere(
  books: Books,
  attempt: Attempt,
  fact: PaymentFact,
  judging: Judging,
): Settlement {
  const { now } = judging;
  const ours = books.refunds.filter((refund) => refund.attemptRef === attempt.attemptRef);
  if (attempt.state === 'refunded' || attempt.integrity === unknownRefund) return unchanged(books, 'known');
  if (ours.length > 0 && fact.refundedMinor === undefined) return unchanged(books, 'known');
  const isNew = !holdsMoney(attempt);
  const money = isNew ? withMoney(attempt, fact, now) : attempt;
  // What is under way by our own word may be in the service's sum already.
  const onItsWayMinor = money.paidMinor - money.refundedMinor - keptMinor(money, ours);
  const saidMinor = Math.min(fact.refundedMinor ?? 0, money.paidMinor);
  const refundedMinor = Math.max(attempt.refundedMinor, saidMinor - onItsWayMinor);
  if (fact.refundedMinor !== undefined && refundedMinor === attempt.refundedMinor && !isNew)
    return unchanged(books, 'known');
  const whole = refundedMinor === money.paidMinor;
  const refunded: Attempt = {
    ...money,
    state: attemptAfter(money.state, whole ? 'refunded' : 'partly_refunded'),
    refundedMinor,
    integrity: fact.refundedMinor === undefined ? unknownRefund : money.integrity,
    pollAt: null,
  };
  const book = (amountMinor: number) => booking(refunded, amountMinor, now);
  const { provider, attemptRef } = refunded;
  const wentBackMinor = refundedMinor - attempt.refundedMinor;
  const transfers = [
    ...(isNew && refunded.paidMinor > 0 ? [bookPaid(book(refunded.paidMinor), provider, attemptRef)] : []),
    ...bookGoneElsewhere(
      books,
      money,
      { amountMinor: wentBackMinor, reference: `${attemptRef}:${refundedMinor}${afterBounces(ours)}` },
      now,
    ),
  ];
  const after = endImpossible(replaceAttempt(books, refunded), refunded, now);
  if (refundedMinor + onItsWayMinor >= refunded.paidMinor || fact.refundedMinor === undefined) {
    return { ...voidIfPaidBy(after, refunded, now), transfers, judgement: 'refunded_elsewhere' };
  }
  // Money that we had not heard of, and part of it gone already: no permit, the rest goes back too.
  return isNew
    ? { ...giveBack(after, refunded, 'integrity', transfers, judging), judgement: 'refunded_elsewhere' }
    : { books: after, transfers, judgement: 'refunded_elsewhere' };
}
