import { makeRefundRef, type RefundReason } from '../base/ids.ts';
import { orderAfter } from '../order/order.ts';
import { type Attempt, attemptAfter, holdsMoney } from '../payment/attempt.ts';
import type { Judgement } from '../payment/fact.ts';
import { bookPaid, bookRefundDue, bookRefundDone, bookRefundedElsewhere, type Transfer } from '../payment/ledger.ts';
import type { PaymentFact, PaymentProvider, RefundFact } from '../payment/provider/provider.ts';
import { nextRefundTryAt, type Refund, refundAfter } from '../payment/refund.ts';
import { type Permit, permitAfter } from '../permit/permit.ts';
import type { NewStationEvent } from '../station/station-feed.sql.ts';
import { type Books, type Decided, replaceAttempt, replaceRefund } from './books.ts';
import { permitIssuedEvent, permitRevokedEvent } from './permit-slip.ts';

/**
 * The judge. From what a payment service said, and from that alone, it is decided whether an order is paid. Pure: the books, one fact and
 * the time go in; the books as they stand afterwards come out, with the ledger's transfers and the lines for the station.
 */
export type Settlement = Decided & { readonly judgement: Judgement };

export type Judge = {
  readonly provider: Pick<PaymentProvider, 'id' | 'merchant'>;
  readonly now: number;
  /** Makes the one permit of an order; called only when it is paid. */
  readonly issue: (books: Books, attempt: Attempt) => Permit;
};

const unchanged = (books: Books, judgement: Judgement): Settlement => ({ books, judgement });

/** One function applies every fact, whatever its source: answer, notification, query, bill. A fact that is known changes nothing. */
export function decideSettlement(books: Books, fact: PaymentFact, judge: Judge): Settlement {
  const attempt = books.attempts.find((one) => one.attemptRef === fact.attemptRef);
  if (attempt === undefined) return unchanged(books, 'attempt_unknown');
  // Not created yet, or not to be seen yet: no proof that it will never be paid. Services do not sign every such answer.
  if (fact.state === 'not_found') return unchanged(books, 'recorded');
  if (isForeign(attempt, fact, judge.provider)) return unchanged(books, 'integrity');
  switch (fact.state) {
    case 'pending':
    case 'closed': {
      const state = attemptAfter(attempt.state, fact.state);
      if (state === attempt.state && !attempt.unknown) return unchanged(books, 'known');
      const pollAt = state === 'closed' ? null : attempt.pollAt;
      return { books: replaceAttempt(books, { ...attempt, state, unknown: false, pollAt }), judgement: 'recorded' };
    }
    case 'paid':
      return holdsMoney(attempt) ? unchanged(books, 'known') : settlePaid(books, attempt, fact, judge);
    case 'refunded':
      return settleRefundedElsewhere(books, attempt, fact, judge);
  }
}

/** Authentic, but not about our attempt as we made it: kept, shown to a person, and without effect on the order. */
function isForeign(attempt: Attempt, fact: PaymentFact, provider: Judge['provider']): boolean {
  if (!fact.authenticated || attempt.provider !== provider.id) return true;
  if (fact.liveMode !== provider.merchant.liveMode) return true;
  const names = [
    [fact.merchantId, provider.merchant.merchantId],
    [fact.appId, provider.merchant.appId],
    [fact.amount?.currency, attempt.currency],
  ] as const;
  const money = fact.state === 'paid' || fact.state === 'refunded';
  // A fact about money must name all three; another may leave them out, but not name others.
  return names.some(([said, ours]) => (said === undefined ? money : said !== ours));
}

function settlePaid(books: Books, attempt: Attempt, fact: PaymentFact, judge: Judge): Settlement {
  const paidMinor = fact.amount?.minor ?? 0;
  const paidAt = fact.paidAt ?? judge.now;
  const reason = whyNoPermit(books, attempt, paidMinor, paidAt);
  const paid: Attempt = {
    ...attempt,
    state: attemptAfter(attempt.state, 'paid'),
    unknown: false,
    providerPaymentId: fact.providerPaymentId ?? null,
    paidAt,
    paidMinor,
    integrity: reason === 'integrity' || reason === 'overpayment' ? 'wrong_amount' : null,
    pollAt: null,
  };
  const withMoney = replaceAttempt(books, paid);
  // A service that says "paid" with no money: nothing to book and nothing to give back; the record stays for a person.
  if (paidMinor <= 0) return { books: withMoney, judgement: 'integrity' };
  const transfers = [bookPaid(booking(paid, paidMinor, judge.now), paid.provider, paid.attemptRef)];
  if (reason !== null) return giveBack(withMoney, paid, reason, transfers, judge.now);
  const permit = judge.issue(withMoney, paid);
  const order = { ...books.order, state: orderAfter(books.order.state, 'paid') };
  const settled = { ...withMoney, order, permit };
  return {
    books: pollOthersNow(settled, paid, judge.now),
    transfers,
    events: [permitIssuedEvent(settled.order, paid, permit)],
    judgement: 'paid',
  };
}

type SurplusReason = Extract<RefundReason, 'integrity' | 'overpayment' | 'second_payment' | 'late_payment'>;

/** Null where the money pays the order; otherwise why it goes back. The wrong amount is never believed, more of it no more than less. */
function whyNoPermit(books: Books, attempt: Attempt, paidMinor: number, paidAt: number): SurplusReason | null {
  if (paidMinor !== attempt.amountMinor || attempt.amountMinor !== books.order.payableMinor) {
    return paidMinor > attempt.amountMinor ? 'overpayment' : 'integrity';
  }
  switch (books.order.state) {
    case 'paid':
    case 'fulfilled':
    case 'refunded':
      return 'second_payment';
    case 'cancelled':
    case 'expired':
      return 'late_payment';
    case 'placed':
      return paidAt > books.order.expiresAt ? 'late_payment' : null;
  }
}

/** Money that arrived is a fact: it is booked as paid and, in the same transaction, due to go back. */
function giveBack(
  books: Books,
  paid: Attempt,
  reason: SurplusReason,
  transfers: readonly Transfer[],
  now: number,
): Settlement {
  const refund: Refund = {
    stationNumber: paid.stationNumber,
    refundRef: makeRefundRef(paid.attemptRef, reason),
    orderId: paid.orderId,
    attemptRef: paid.attemptRef,
    provider: paid.provider,
    reason,
    amountMinor: paid.paidMinor,
    currency: paid.currency,
    state: 'due',
    dueAt: now,
    nextTryAt: now,
    tries: 0,
    finishedAt: null,
  };
  return {
    books: { ...books, refunds: [...books.refunds, refund] },
    transfers: [...transfers, bookRefundDue(booking(paid, paid.paidMinor, now), refund.refundRef)],
    judgement: reason,
  };
}

/** Another attempt that is still open can only cost the driver twice: it is to be closed at once. */
const pollOthersNow = (books: Books, paid: Attempt, now: number): Books => ({
  ...books,
  attempts: books.attempts.map((one) => (one !== paid && one.pollAt !== null ? { ...one, pollAt: now } : one)),
});

/** The service says that money was paid and went back. Where we asked for it, it is known; otherwise the permit is void. */
function settleRefundedElsewhere(books: Books, attempt: Attempt, fact: PaymentFact, judge: Judge): Settlement {
  const ours = books.refunds.some((refund) => refund.attemptRef === attempt.attemptRef);
  if (ours || attempt.state === 'refunded') return unchanged(books, 'known');
  const paidMinor = holdsMoney(attempt) ? attempt.paidMinor : (fact.amount?.minor ?? 0);
  const refunded: Attempt = {
    ...attempt,
    state: attemptAfter(attempt.state, 'refunded'),
    unknown: false,
    providerPaymentId: fact.providerPaymentId ?? attempt.providerPaymentId,
    paidAt: attempt.paidAt ?? fact.paidAt ?? judge.now,
    paidMinor,
    refundedMinor: paidMinor,
    pollAt: null,
  };
  const transfers =
    paidMinor === 0
      ? []
      : [bookRefundedElsewhere(booking(refunded, paidMinor, judge.now), refunded.provider, refunded.attemptRef)];
  if (!holdsMoney(attempt) && paidMinor > 0)
    transfers.unshift(bookPaid(booking(refunded, paidMinor, judge.now), refunded.provider, refunded.attemptRef));
  const voided = voidIfPaidBy(replaceAttempt(books, refunded), refunded, judge.now);
  return { ...voided, transfers, judgement: 'refunded_elsewhere' };
}

/** All money of the attempt that paid the order went back: its permit is void, and the terminal is told. */
function voidIfPaidBy(books: Books, attempt: Attempt, now: number): Decided {
  if (books.permit === null || books.permit.attemptRef !== attempt.attemptRef) return { books };
  const state = permitAfter(books.permit.state, 'revoked');
  const permit = { ...books.permit, state, stateAt: now };
  const order = { ...books.order, state: orderAfter(books.order.state, 'refunded') };
  const events: NewStationEvent[] = state === books.permit.state ? [] : [permitRevokedEvent(permit)];
  return { books: { ...books, order, permit }, events };
}

/** What a payment service said of a refund. Accepted is not refunded; abnormal stays owed, and a person must look. */
export function decideRefund(books: Books, fact: RefundFact, now: number): Settlement {
  const refund = books.refunds.find((one) => one.refundRef === fact.refundRef);
  if (refund === undefined) return unchanged(books, 'attempt_unknown');
  if (fact.state === 'not_found') return unchanged(books, 'recorded');
  if (
    fact.amount !== undefined &&
    (fact.amount.minor !== refund.amountMinor || fact.amount.currency !== refund.currency)
  )
    return unchanged(books, 'integrity');
  const event = fact.state === 'processing' || fact.state === 'succeeded' ? fact.state : 'abnormal';
  const state = refundAfter(refund.state, event);
  if (state === refund.state) return unchanged(books, 'known');
  const finished = state === 'succeeded';
  const next: Refund = {
    ...refund,
    state,
    nextTryAt: state === 'requested' ? nextRefundTryAt(refund.tries, now) : null,
    finishedAt: finished ? now : null,
  };
  const withRefund = replaceRefund(books, next);
  return finished
    ? { ...moneyWentBack(withRefund, next, now), judgement: 'refund_recorded' }
    : { books: withRefund, judgement: 'refund_recorded' };
}

function moneyWentBack(books: Books, refund: Refund, now: number): Decided {
  const transfers = [
    bookRefundDone(
      {
        stationNumber: refund.stationNumber,
        orderId: refund.orderId,
        amountMinor: refund.amountMinor,
        currency: refund.currency,
        madeAt: now,
      },
      refund.provider,
      refund.refundRef,
    ),
  ];
  const attempt = books.attempts.find((one) => one.attemptRef === refund.attemptRef);
  if (attempt === undefined) throw new Error(`refund ${refund.refundRef} has no attempt`);
  const refundedMinor = attempt.refundedMinor + refund.amountMinor;
  const whole = refundedMinor >= attempt.paidMinor;
  const refunded = {
    ...attempt,
    refundedMinor,
    state: attemptAfter(attempt.state, whole ? 'refunded' : 'partly_refunded'),
  };
  const after = replaceAttempt(books, refunded);
  return whole ? { ...voidIfPaidBy(after, refunded, now), transfers } : { books: after, transfers };
}

const booking = (attempt: Attempt, amountMinor: number, madeAt: number) => ({
  stationNumber: attempt.stationNumber,
  orderId: attempt.orderId,
  amountMinor,
  currency: attempt.currency,
  madeAt,
});
