import { z } from 'zod';
import { formatMoneyMinor } from '../../base/money.ts';
import { type ApiAnswer, missing, refusal } from './api-answer.ts';
import { type Book, type Charge, makeId, type Refund } from './book.ts';
import { expand, isRefused, metadata, readParameters, wholeNumber } from './parameters.ts';

const createParameters = z.strictObject({
  payment_intent: z.string().max(255).optional(),
  charge: z.string().max(255).optional(),
  amount: wholeNumber.refine((minor) => minor >= 1).optional(),
  reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer']).optional(),
  metadata,
  expand,
});

export type RefundWish = { readonly charge: Charge; readonly amountMinor: number } & Pick<
  Refund,
  'metadata' | 'reason'
>;
export type ReadRefundWish =
  | { readonly wish: RefundWish; readonly expand: readonly string[] }
  | { readonly refused: ApiAnswer };

/** Refusals in the order of checking: the parameters, no such payment, not paid, nothing left of it, more than is left. */
export function readRefundWish(book: Book, parameters: unknown): ReadRefundWish {
  const read = readParameters(createParameters, parameters);
  if (isRefused(read)) return { refused: read };
  const { payment_intent: intentId = null, charge: chargeId = null, amount, reason = null } = read;
  if ((intentId === null) === (chargeId === null))
    return {
      refused: refusal(400, {
        message: 'One of the following params should be provided for this request: payment_intent or charge.',
      }),
    };
  const intent = book.intents.get(intentId);
  if (intentId !== null && intent === undefined)
    return { refused: missing('payment_intent', intentId, 'payment_intent') };
  const charge = book.charges.get(chargeId ?? intent?.chargeId ?? null);
  if (chargeId !== null && charge === undefined) return { refused: missing('charge', chargeId, 'charge') };
  if (charge?.status !== 'succeeded')
    return {
      refused: refusal(400, {
        message: `This PaymentIntent (${intentId ?? chargeId}) does not have a successful charge to refund.`,
      }),
    };
  const leftMinor = charge.amountMinor - charge.refundedMinor;
  if (leftMinor <= 0)
    return {
      refused: refusal(400, {
        code: 'charge_already_refunded',
        message: `Charge ${charge.id} has already been refunded.`,
      }),
    };
  const amountMinor = amount ?? leftMinor;
  if (amountMinor > leftMinor) {
    const show = (minor: number): string =>
      `${formatMoneyMinor(minor, charge.currency.toUpperCase())} ${charge.currency}`;
    const message = `Refund amount (${show(amountMinor)}) is greater than unrefunded amount on charge (${show(leftMinor)})`;
    return { refused: refusal(400, { param: 'amount', message }) };
  }
  return { wish: { charge, amountMinor, reason, metadata: read.metadata }, expand: read.expand };
}

/** Begins a refund: the balance is charged and the charge counts it at once, whenever the bank gives the money back. */
export function beginRefund(book: Book, { charge, amountMinor, metadata: marks, reason }: RefundWish): Refund {
  const createdAtMs = book.secondNow();
  const { currency, intentId } = charge;
  const id = makeId(book.random, 're_');
  const movement = book.movements.put({
    id: makeId(book.random, 'txn_'),
    type: 'refund',
    amountMinor: 0 - amountMinor,
    currency,
    feeMinor: 0,
    createdAtMs,
    sourceId: id,
    description: 'REFUND FOR CHARGE',
  });
  book.charges.put({ ...charge, refundedMinor: charge.refundedMinor + amountMinor });
  return book.refunds.put({
    id,
    intentId,
    chargeId: charge.id,
    amountMinor,
    currency,
    createdAtMs,
    status: 'pending',
    metadata: marks,
    reason,
    movementId: movement.id,
    failureMovementId: null,
  });
}

export const refundEndings = ['succeeded', 'failed', 'canceled'] as const;
export type RefundEnding = (typeof refundEndings)[number];

/**
 * Ends a refund, or null where it cannot end so. A refund that succeeded can fail all the same, weeks later, when the bank sends the money back; then
 * it is on the balance again, and the charge counts it no more.
 */
export function finishRefund(book: Book, refund: Refund | undefined, ending: RefundEnding): Refund | null {
  if (refund === undefined) return null;
  const canEnd = refund.status === 'pending' || (refund.status === 'succeeded' && ending === 'failed');
  if (!canEnd) return null;
  if (ending === 'succeeded') return book.refunds.put({ ...refund, status: ending });
  const { id: sourceId, amountMinor, currency } = refund;
  const movement = book.movements.put({
    id: makeId(book.random, 'txn_'),
    type: 'refund_failure',
    amountMinor,
    currency,
    feeMinor: 0,
    createdAtMs: book.secondNow(),
    sourceId,
    description: 'REFUND FAILURE',
  });
  const charge = book.charges.get(refund.chargeId);
  if (charge !== undefined) book.charges.put({ ...charge, refundedMinor: charge.refundedMinor - amountMinor });
  return book.refunds.put({ ...refund, status: ending, failureMovementId: movement.id });
}
