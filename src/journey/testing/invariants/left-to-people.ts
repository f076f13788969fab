import type { Attempt } from '../../../payment/attempt.ts';
import type { Refund } from '../../../payment/refund.ts';
import type { House } from '../house.ts';
import { leftMinor, type Trade } from '../service/payment-service.ts';
import { hasBounced, stateThere, tradeOf } from './truth.ts';

/** What no rule can end, so that a person does: he is told of it by an alarm, each day again, or by a difference between the books and a bill. */

/** Money in another currency than was asked for. */
export const isInSuspense = ({ rows }: House, { attemptRef }: Trade): boolean =>
  [...rows.ledger.keys()].some((id) => id.startsWith('unmatched:') && id.endsWith(`:${attemptRef}`));

/** The service told that something went back, and not how much. */
export const isAmountUnknown = ({ integrity }: Attempt): boolean => integrity === 'refunded_unknown_amount';

/** Somebody at the service's desk gave the money back before ours was asked for, and the service refuses ours. */
export function isTakenThere(house: House, refund: Refund): boolean {
  const trade = tradeOf(house, refund);
  return trade !== undefined && refund.amountMinor > leftMinor(trade) && stateThere(house, refund) === 'not_found';
}

/** A bank sent it back and no message of it came. The bill tells the sum, by which one of two refunds of that sum cannot be told from the other. */
export const isNamelessReturn = (house: House, refund: Refund): boolean =>
  hasBounced(house, refund) &&
  house.rows.books.refunds.some(
    (one) => one !== refund && one.attemptRef === refund.attemptRef && one.amountMinor === refund.amountMinor,
  );

/** A refund made at the desk of which we heard a part without its name before: the bill has another sum for it. */
export const isHeardInParts = (house: House, attempt: Attempt): boolean =>
  house.rows.books.refunds.some(
    ({ attemptRef, refundRef, amountMinor, reason }) =>
      attemptRef === attempt.attemptRef &&
      reason === 'elsewhere' &&
      tradeOf(house, attempt)?.refunds.some((one) => one.refundRef === refundRef && one.minor !== amountMinor),
  );
