import { isRefusal, type Refusal, refuse } from '../base/problem.ts';
import { type Dispense, isPlausible } from '../order/dispense.ts';
import type { Order, OrderKey } from '../order/order.ts';
import { bookSale } from '../payment/ledger.ts';
import { keptMinor, makeRefund, type Refund } from '../payment/refund.ts';
import { priceOrder } from '../station/price.ts';
import type { Books, Decided } from './books.ts';
import { booking } from './money-back.ts';
import { changeBooks, payBack, personNameLengthMax, type RefundOrderWorld, refundable } from './refund-order.ts';

/**
 * The pump stopped early: staff say how much it gave (later the pump says so itself), that much is sold, and the difference goes back by
 * itself. The books show both.
 */
export type RecordDispense = (wish: DispenseWish) => Promise<Dispensed | Refusal>;

export type DispenseWish = OrderKey & {
  readonly volumeMilli: number;
  /** The person's name. */
  readonly by: string;
  readonly source: Dispense['source'];
};

/** `refund` is null where nothing goes back. */
export type Dispensed = { readonly books: Books; readonly dispense: Dispense; readonly refund: Refund | null };

export const createRecordDispense =
  (world: RefundOrderWorld): RecordDispense =>
  (wish) =>
    changeBooks(world, wish, (books, now) => decideDispense(books, wish, world.refundTerms, now));

/**
 * Refuses, in this order: dispense_known (another volume was told), order_not_paid, dispense_volume_invalid, dispense_implausible, refund_amount_unknown,
 * refund_permit_redeemed (nothing was dispensed, and yet the permit was used: that is for an operator).
 */
export function decideDispense(
  books: Books,
  wish: Omit<DispenseWish, keyof OrderKey>,
  refundTerms: RefundOrderWorld['refundTerms'],
  now: number,
): (Decided & Dispensed) | Refusal {
  const { order } = books;
  if (books.dispense !== null) return answerRepeated(books, books.dispense, wish);
  const paid = refundable(books);
  if (isRefusal(paid)) return paid.refusal === 'refund_nothing_paid' ? refuse('order_not_paid') : paid;
  const name = wish.by.trim();
  const isMeasured = Number.isSafeInteger(wish.volumeMilli) && wish.volumeMilli >= 0;
  if (!isMeasured || wish.volumeMilli % order.station.volumeStepMilli !== 0 || !isName(name))
    return refuse('dispense_volume_invalid');
  if (!isPlausible(order, wish.volumeMilli))
    return refuse('dispense_implausible', { orderedVolumeMilli: order.volumeMilli });
  const keptNowMinor = keptMinor(paid, books.refunds);
  const payableMinor = payableFor(order, wish.volumeMilli);
  const soldMinor = Math.min(payableMinor, keptNowMinor);
  if (soldMinor === 0 && books.permit?.state === 'redeemed') return refuse('refund_permit_redeemed');
  const { stationNumber, orderId } = order;
  const { volumeMilli, source } = wish;
  const dispense = { stationNumber, orderId, volumeMilli, payableMinor, toldBy: name, source, toldAt: now };
  const sale = soldMinor > 0 ? [bookSale(booking(paid, soldMinor, now))] : [];
  const backMinor = keptNowMinor - soldMinor;
  if (backMinor === 0) return { books: { ...books, dispense }, transfers: sale, dispense, refund: null };
  const { refundPromiseDays } = refundTerms(paid);
  const wishes = { reason: 'less_dispensed', amountMinor: backMinor, refundPromiseDays } as const;
  const back = payBack(books, paid, makeRefund(paid, wishes, now), now);
  const after = { ...back.books, dispense };
  return { ...back, books: after, transfers: [...sale, ...(back.transfers ?? [])], dispense };
}

const isName = (text: string): boolean =>
  text.length >= 1 && text.length <= personNameLengthMax && !/\p{Cc}/u.test(text);

function answerRepeated(
  books: Books,
  dispense: Dispense,
  { volumeMilli }: Pick<DispenseWish, 'volumeMilli'>,
): Dispensed | Refusal {
  if (dispense.volumeMilli !== volumeMilli)
    return refuse('dispense_known', { volumeMilli: dispense.volumeMilli, by: dispense.toldBy });
  return { books, dispense, refund: books.refunds.find((one) => one.reason === 'less_dispensed') ?? null };
}

/** What so much costs at the order's own prices, never more than the order: the station bears a pump that overruns. */
function payableFor(order: Order, volumeMilli: number): number {
  if (volumeMilli >= order.volumeMilli) return order.payableMinor;
  if (volumeMilli === 0) return 0;
  const priced = priceOrder({
    rules: order.station,
    pumpPriceMilli: order.pumpPriceMilli,
    memberPriceMilli: order.memberPriceMilli,
    moneyMinor: null,
    volumeMilli,
  });
  // Less than the smallest coin's worth.
  return isRefusal(priced) ? 0 : Math.min(priced.payableMinor, order.payableMinor);
}
