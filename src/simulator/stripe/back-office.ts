import { secondMs } from '../../base/clock.ts';
import { createOrderedEndings } from '../service/ordered-endings.ts';
import { type Book, type Charge, makeId, type Refund, refundNameOf, type Session } from './book.ts';
import type { EventBook } from './events.ts';
import { chargeObject, disputeObject, refundObject } from './objects.ts';
import { beginRefund, finishRefund, type RefundEnding, type RefundWish } from './refunds.ts';

const refundTakesMs = 3 * secondMs;
/** What a dispute costs whoever is paid, in minor units. */
const disputeFeeMinor = 2_000;

/** Where money goes back, or away. */
export type BackOffice = {
  refund(wish: RefundWish): Refund;
  /** Ends a refund now. False where it cannot end so. */
  endRefund(ref: string, ending: RefundEnding): boolean;
  /** How the next `times` refunds shall end; after them refunds succeed again. */
  endNextRefunds(ending: RefundEnding, times: number): void;
  /** A person gives money back in Stripe's dashboard, with no mark of the merchant's. Null where so much is not there. */
  refundByHand(session: Session | undefined, amountMinor: number): Refund | null;
  /** The payer has his bank take the money back. False where there is nothing to take, or it is taken already. */
  dispute(session: Session | undefined): boolean;
  /** Sends what stands on the balance to the bank account. */
  payOut(currency: string): void;
};

/** Refunds that the book still has under way go on. */
export function openBackOffice(book: Book, events: EventBook): BackOffice {
  const endings = createOrderedEndings<RefundEnding>();
  const chargeOf = (session: Session | undefined): Charge | undefined =>
    book.charges.get(book.intents.get(session?.intentId ?? null)?.chargeId ?? null);

  function tell(refund: Refund, types: readonly string[], withCharge: boolean): void {
    const about = refundNameOf(refund);
    const charge = book.charges.get(refund.chargeId);
    const happened = types.map((type) => ({ type, about, object: refundObject(refund) }));
    const told =
      withCharge && charge !== undefined
        ? [{ type: 'charge.refunded', about, object: chargeObject(charge, book) }]
        : [];
    events.announce([...happened, ...told]);
  }

  function finishLater(refund: Refund): void {
    book.timeline.after(refundTakesMs, async () => {
      if (book.refunds.get(refund.id)?.status !== 'pending') return;
      office.endRefund(refund.id, endings.take() ?? 'succeeded');
      await events.settled();
    });
  }

  const office: BackOffice = {
    refund(wish) {
      const refund = beginRefund(book, wish);
      tell(refund, ['refund.created'], true);
      finishLater(refund);
      return refund;
    },
    endRefund(ref, ending) {
      const refund = finishRefund(book, book.findRefund(ref), ending);
      if (refund === null) return false;
      // The same under its older name too, as Stripe still tells it.
      const types = ['refund.updated', 'charge.refund.updated'];
      tell(refund, ending === 'failed' ? [...types, 'refund.failed'] : types, false);
      return true;
    },
    endNextRefunds: (ending, times) => endings.order(ending, times),
    refundByHand(session, amountMinor) {
      const charge = chargeOf(session);
      if (charge?.status !== 'succeeded' || amountMinor > charge.amountMinor - charge.refundedMinor) return null;
      return office.refund({ charge, amountMinor, metadata: {}, reason: 'requested_by_customer' });
    },
    dispute(session) {
      const charge = chargeOf(session);
      if (charge?.status !== 'succeeded' || charge.disputed) return false;
      const createdAtMs = book.secondNow();
      const { currency, amountMinor, intentId, id: chargeId } = charge;
      const id = makeId(book.random, 'du_');
      const movementId = makeId(book.random, 'txn_');
      book.movements.put({
        id: movementId,
        type: 'adjustment',
        amountMinor: 0 - amountMinor,
        feeMinor: disputeFeeMinor,
        currency,
        createdAtMs,
        sourceId: id,
        description: `Chargeback withdrawal for ${chargeId}`,
      });
      book.charges.put({ ...charge, disputed: true });
      const dispute = book.disputes.put({ id, intentId, chargeId, amountMinor, currency, createdAtMs, movementId });
      events.announce([
        { type: 'charge.dispute.created', about: session?.reference ?? id, object: disputeObject(dispute) },
      ]);
      return true;
    },
    payOut(currency) {
      const ofCurrency = book.movements.list().filter((one) => one.currency === currency);
      const balanceMinor = ofCurrency.reduce((sum, one) => sum + one.amountMinor - one.feeMinor, 0);
      book.movements.put({
        id: makeId(book.random, 'txn_'),
        type: 'payout',
        amountMinor: 0 - balanceMinor,
        feeMinor: 0,
        currency,
        createdAtMs: book.secondNow(),
        sourceId: makeId(book.random, 'po_'),
        description: 'STRIPE PAYOUT',
      });
    },
  };
  for (const refund of book.refunds.list()) if (refund.status === 'pending') finishLater(refund);
  return office;
}
