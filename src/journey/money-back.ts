import type { RefundReason } from '../base/ids.ts';
import { orderAfter } from '../order/order.ts';
import { type Attempt, attemptAfter } from '../payment/attempt.ts';
import type { Judgement } from '../payment/fact.ts';
import { bookRefundDue, liabilityAccount, salesAccount, type TakenFrom, type Transfer } from '../payment/ledger.ts';
import type { PaymentFact } from '../payment/provider/provider.ts';
import { makeRefund, type RefundTerms } from '../payment/refund.ts';
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

/** Once it is known what the driver got, that much was sold to him. */
export const takenFrom = ({ dispense }: Books): TakenFrom => (dispense === null ? liabilityAccount : salesAccount);

export const booking = (attempt: Attempt, amountMinor: number, madeAt: number) => ({
  stationNumber: attempt.stationNumber,
  orderId: attempt.orderId,
  amountMinor,
  currency: attempt.currency,
  madeAt,
});
