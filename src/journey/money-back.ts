import type { RefundReason } from '../base/ids.ts';
import { orderAfter } from '../order/order.ts';
import { type Attempt, attemptAfter } from '../payment/attempt.ts';
import type { Judgement } from '../payment/fact.ts';
import {
  bookRefundDue,
  bookRefundedElsewhere,
  liabilityAccount,
  refundsPayableAccount,
  salesAccount,
  type TakenFrom,
  type Transfer,
} from '../payment/ledger.ts';
import type { PaymentFact } from '../payment/provider/provider.ts';
import { keptMinor, makeRefund, nextRefundTryAt, refundAfter, type RefundTerms } from '../payment/refund.ts';
import { permitAfter } from '../permit/permit.ts';
import type { NewStationEvent } from '../station/station-feed.sql.ts';
import type { Books, Decided } from './books.ts';
import { permitRevokedEvent } from './permit-slip.ts';

/** What was decided on one fact. */
export type Settlement = Decided & { readonly judgement: Judgement };

export const unchanged = (books: Books, judgement: Judgement): Settlement => ({ books, judgement });

/** The attempt with the money that a fact says it was paid with. */
export const withMoney = (attempt: Attempt, fact: PaymentFact, now: number): Attempt => ({
  ...attempt,
  state: attemptAfter(attempt.state, 'paid'),
  unknown: false,
  providerPaymentId: fact.providerPaymentId ?? attempt.providerPaymentId,
  paidAt: attempt.paidAt ?? fact.paidAt ?? now,
  paidMinor: fact.amount?.minor ?? 0,
  pollAt: null,
});

export type SurplusReason = Extract<RefundReason, 'integrity' | 'overpayment' | 'second_payment' | 'late_payment'>;

/** When a fact is judged, and what its service says of refunds. */
export type Judging = { readonly now: number; readonly refundPromiseDays: RefundTerms['refundPromiseDays'] };

/** Money that arrived is a fact: it is booked as paid and, in the same transaction, due to go back. */
export function giveBack(
  books: Books,
  paid: Attempt,
  reason: SurplusReason,
  transfers: readonly Transfer[],
  { now, refundPromiseDays }: Judging,
): Settlement {
  const amountMinor = paid.paidMinor - paid.refundedMinor;
  const refund = makeRefund(paid, { reason, amountMinor, refundPromiseDays }, now);
  return {
    books: { ...books, refunds: [...books.refunds, refund] },
    transfers: [...transfers, bookRefundDue(booking(paid, amountMinor, now), refund.refundRef)],
    judgement: reason,
  };
}

/** All money of the attempt that paid the order went back: its permit is void, and the terminal is told. */
export function voidIfPaidBy(books: Books, attempt: Attempt, now: number): Decided {
  if (books.permit === null || books.permit.attemptRef !== attempt.attemptRef) return { books };
  const state = permitAfter(books.permit.state, 'revoked');
  const permit = { ...books.permit, state, stateAt: now };
  const order = { ...books.order, state: orderAfter(books.order.state, 'refunded') };
  const events: NewStationEvent[] = state === books.permit.state ? [] : [permitRevokedEvent(permit)];
  return { books: { ...books, order, permit }, events };
}

/** Once it is known what the driver got, that much was sold to him, for the payment that gave the permit and no other. */
export const takenFrom = ({ dispense, permit }: Books, { attemptRef }: Pick<Attempt, 'attemptRef'>): TakenFrom =>
  dispense !== null && permit?.attemptRef === attemptRef ? salesAccount : liabilityAccount;

/** Money that went back at the service itself: out of what we had kept, and beyond that out of what is on its way to the driver already. */
export function bookGoneElsewhere(
  books: Books,
  attempt: Attempt,
  gone: { readonly amountMinor: number; readonly reference: string },
  now: number,
): readonly Transfer[] {
  const fromKeptMinor = Math.min(gone.amountMinor, keptMinor(attempt, books.refunds));
  const parts = [
    [fromKeptMinor, takenFrom(books, attempt)],
    [gone.amountMinor - fromKeptMinor, refundsPayableAccount],
  ] as const;
  return parts.flatMap(([minor, from]) =>
    minor > 0 ? [bookRefundedElsewhere(booking(attempt, minor, now), attempt.provider, gone.reference, from)] : [],
  );
}

/**
 * A service gives back no more than it has left: a refund of ours that somebody there was quicker than will never be made. It is no sum to wait for any
 * more; whether the driver has all of his money, a person must see.
 */
export const endImpossible = (books: Books, attempt: Attempt, now: number): Books => ({
  ...books,
  refunds: books.refunds.map((refund) =>
    refund.attemptRef === attempt.attemptRef &&
    (refund.state === 'due' || refund.state === 'requested') &&
    refund.amountMinor > attempt.paidMinor - attempt.refundedMinor
      ? { ...refund, state: refundAfter(refund.state, 'abnormal'), nextTryAt: nextRefundTryAt(refund.tries, now) }
      : refund,
  ),
});

export const booking = (attempt: Attempt, amountMinor: number, madeAt: number) => ({
  stationNumber: attempt.stationNumber,
  orderId: attempt.orderId,
  amountMinor,
  currency: attempt.currency,
  madeAt,
});
