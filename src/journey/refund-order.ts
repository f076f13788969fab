import { type Clock, dayMs } from '../base/clock.ts';
import { isRefusal, type Refusal, refuse } from '../base/problem.ts';
import type { Database } from '../database/database.ts';
import type { OrderKey } from '../order/order.ts';
import type { Attempt } from '../payment/attempt.ts';
import { bookRefundDue } from '../payment/ledger.ts';
import { keptMinor, makeRefund, type Refund, type RefundTerms } from '../payment/refund.ts';
import { type Books, type Decided, lockBooks, storeChanges } from './books.ts';
import { booking, takenFrom, voidIfPaidBy } from './money-back.ts';
import type { WantsEvent } from '../outgoing/subscription.ts';
import type { Signal } from './signal.ts';

/**
 * Money goes back because a person says so, the whole or a part, with the reason and the person's name in the books; or because the station
 * did not keep its promise. Here it is decided and written; `refund-payment.ts` makes it happen.
 */
export type RefundOrder = (wish: RefundWish) => Promise<Refunded | Refusal>;

export type RefundWish = OrderKey & {
  readonly idempotencyKey: string;
  /** Minor units; null: all that is left. */
  readonly amountMinor: number | null;
  readonly reason: string;
  /** The person's name. */
  readonly by: string;
  /** An operator's word, where the whole goes back though the driver has his fuel: the permit was used, or something was dispensed. */
  readonly evenIfRedeemed: boolean;
};

export type Refunded = { readonly books: Books; readonly refund: Refund };

export type RefundOrderWorld = {
  readonly db: Database;
  readonly now: Clock;
  readonly signal: Signal;
  readonly wantsEvent: WantsEvent;
  /** What the service that was paid through says of refunds. */
  readonly refundTerms: (attempt: Attempt) => RefundTerms;
};

export const refundNoteLengthMax = 200;
export const personNameLengthMax = 64;
/** Services take fifty partial refunds of one payment (WeChat Pay). */
export const staffRefundsMax = 45;

export const createRefundOrder =
  (world: RefundOrderWorld): RefundOrder =>
  (wish) =>
    changeBooks(world, wish, (books, now) => decideStaffRefund(books, wish, world.refundTerms, now));

export type RefundDecision = Decided & { readonly refund: Refund };

/** Locks one order's books, decides on them, and stores the decision with all that follows from it. */
export async function changeBooks<Decision extends Decided>(
  { db, now: clock, signal, wantsEvent }: Omit<RefundOrderWorld, 'refundTerms'>,
  key: OrderKey,
  decide: (books: Books, now: number) => Decision | Refusal,
): Promise<Decision | Refusal> {
  const now = clock();
  const stored = await db.transaction(async (tx) => {
    const before = await lockBooks(tx, [key]);
    const books = before.get(key.orderId);
    if (books === undefined) return refuse('order_unknown');
    const decided = decide(books, now);
    if (isRefusal(decided)) return decided;
    const { transfers = [], events = [] } = decided;
    const after = new Map([[key.orderId, decided.books]]);
    return { decided, told: await storeChanges(tx, { before, after, transfers, events, facts: [] }, now, wantsEvent) };
  });
  if (isRefusal(stored)) return stored;
  signal.tell({ orderIds: [key.orderId], events: stored.told });
  return stored.decided;
}

/**
 * Refuses, in this order: idempotency_key_reused, refund_reason_invalid, refund_nothing_paid, refund_amount_unknown, refund_amount_invalid, refund_above_paid,
 * refund_too_late, refund_too_many, refund_permit_redeemed.
 */
export function decideStaffRefund(
  books: Books,
  wish: Omit<RefundWish, keyof OrderKey>,
  refundTerms: RefundOrderWorld['refundTerms'],
  now: number,
): RefundDecision | Refusal {
  const repeated = books.refunds.find((one) => one.idempotencyKey === wish.idempotencyKey);
  if (repeated !== undefined) return answerRepeated(books, repeated, wish);
  if (!isText(wish.reason, refundNoteLengthMax) || !isText(wish.by, personNameLengthMax))
    return refuse('refund_reason_invalid');
  const paid = refundable(books);
  if (isRefusal(paid)) return paid;
  const leftMinor = keptMinor(paid, books.refunds);
  const amountMinor = wish.amountMinor ?? leftMinor;
  if (!Number.isSafeInteger(amountMinor) || amountMinor <= 0) return refuse('refund_amount_invalid');
  if (amountMinor > leftMinor) return refuse('refund_above_paid', { leftMinor });
  const { refundPromiseDays, refundWindowDays } = refundTerms(paid);
  if (now > (paid.paidAt ?? now) + refundWindowDays * dayMs) return refuse('refund_too_late', { refundWindowDays });
  const earlier = books.refunds.filter((one) => one.attemptRef === paid.attemptRef && one.reason === 'staff').length;
  if (earlier >= staffRefundsMax) return refuse('refund_too_many');
  const overridden = amountMinor === leftMinor && hasHisFuel(books);
  if (overridden && !wish.evenIfRedeemed) return refuse('refund_permit_redeemed');
  const { idempotencyKey } = wish;
  const order = { note: wish.reason.trim(), orderedBy: wish.by.trim(), overridden, idempotencyKey };
  const refund = makeRefund(paid, { reason: 'staff', amountMinor, refundPromiseDays, part: earlier + 1, order }, now);
  return payBack(books, paid, refund, now);
}

/** He used his permit, or it is known that the pump gave him something. */
const hasHisFuel = ({ permit, dispense }: Books): boolean =>
  permit?.state === 'redeemed' || (dispense?.volumeMilli ?? 0) > 0;

function answerRepeated(
  books: Books,
  refund: Refund,
  wish: Omit<RefundWish, keyof OrderKey>,
): RefundDecision | Refusal {
  const same =
    refund.note === wish.reason.trim() &&
    refund.orderedBy === wish.by.trim() &&
    (wish.amountMinor === null || wish.amountMinor === refund.amountMinor);
  return same ? { books, refund } : refuse('idempotency_key_reused');
}

const isText = (text: string, lengthMax: number): boolean => {
  const { length } = text.trim();
  return length >= 1 && length <= lengthMax && !/\p{Cc}/u.test(text);
};

/** The payment that the order was paid by; of every other one the whole goes back by itself. */
export function refundable(books: Books): Attempt | Refusal {
  const paid = books.attempts.find((one) => one.attemptRef === books.permit?.attemptRef);
  if (paid === undefined || keptMinor(paid, books.refunds) === 0) return refuse('refund_nothing_paid');
  // Somebody gave money back at the service, and it does not say how much.
  return paid.integrity === 'refunded_unknown_amount' ? refuse('refund_amount_unknown') : paid;
}

/** The refund is due from now on; where it is the rest of the money, the permit is void at once and not only when the money is back. */
export function payBack(books: Books, paid: Attempt, refund: Refund, now: number): RefundDecision {
  const after: Books = { ...books, refunds: [...books.refunds, refund] };
  const transfers = [bookRefundDue(booking(paid, refund.amountMinor, now), refund.refundRef, takenFrom(books, paid))];
  const nothingIsLeft = keptMinor(paid, after.refunds) === 0;
  return { ...(nothingIsLeft ? voidIfPaidBy(after, paid, now) : { books: after }), transfers, refund };
}

/**
 * The station promised the slip and no device of its brought it out in time: the money goes back. Null where the promise was kept meanwhile,
 * or somebody was quicker, or the driver was fuelled without a slip.
 */
export function decideUndelivered(books: Books, terms: RefundTerms, now: number): RefundDecision | null {
  const isOut = !['issued', 'sent', 'undeliverable'].includes(books.permit?.state ?? '');
  const paid = refundable(books);
  if (isOut || books.dispense !== null || isRefusal(paid)) return null;
  const amountMinor = keptMinor(paid, books.refunds);
  const { refundPromiseDays } = terms;
  return payBack(books, paid, makeRefund(paid, { reason: 'undelivered', amountMinor, refundPromiseDays }, now), now);
}

/** Gives the money of an order back whose slip is late; nothing where it is out by now. */
export async function refundUndelivered(world: RefundOrderWorld, key: OrderKey): Promise<Refund | null> {
  const answer = await changeBooks(world, key, (books, now) => {
    const paid = refundable(books);
    const decided = isRefusal(paid) ? null : decideUndelivered(books, world.refundTerms(paid), now);
    return decided ?? { books, refund: null };
  });
  return isRefusal(answer) ? null : answer.refund;
}
