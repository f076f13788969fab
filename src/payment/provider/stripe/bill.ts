import { z } from 'zod';
import { dayMs, secondMs } from '../../../base/clock.ts';
import { type BillRow, type CallOptions, ProviderError } from '../provider.ts';
import { type Caller, unbelievable } from './call.ts';
import { attemptKey } from './session.ts';
import { refundBody, refundedAttemptOf, refundRefOf, stateByStatus, type StripeRefund } from './refund.ts';

/**
 * Stripe has no bill of its own for a day; it is read from the movements on the account's balance. A day is a day of UTC, as in Stripe's reports unless
 * another zone is asked for: stations of one account lie in any zone.
 */
const pageRows = 100;
const pagesMax = 2_000;

const metadata = z.record(z.string(), z.string()).nullish();

const chargeBody = z.object({
  id: z.string(),
  object: z.literal('charge'),
  amount: z.int(),
  amount_captured: z.int(),
  currency: z.string().length(3),
  payment_intent: z.string().nullish(),
  metadata,
});

/** Disputes and other things that money moves for. */
const otherSource = z.object({ id: z.string(), payment_intent: z.string().nullish(), metadata });

const movementBody = z.object({
  id: z.string(),
  amount: z.int(),
  fee: z.int(),
  currency: z.string().length(3),
  created: z.int(),
  type: z.string(),
  description: z.string().nullish(),
  source: z.union([chargeBody, refundBody, otherSource, z.string()]).nullish(),
});

type Movement = z.infer<typeof movementBody>;
type Charge = z.infer<typeof chargeBody>;

const page = z.object({ has_more: z.boolean(), data: z.array(movementBody) });

/** Milliseconds since 1970 at which a day of UTC (`2026-11-21`) begins. Throws `ProviderError` `rejected` for what is no day. */
export function readDay(date: string): number {
  const startMs = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(startMs) || !new Date(startMs).toISOString().startsWith(date))
    throw new ProviderError('rejected', 'bill', `${date} is no day`);
  return startMs;
}

/** Payments that are looked up in one bill because a row of them bears no mark of ours. */
const lookedUpMax = 500;

const intentBody = z.object({ object: z.literal('payment_intent'), metadata });

/**
 * The rows of a day, newest first. Each call has the whole time limit of the options; the signal ends them all. Rows that a person at Stripe or a payer's
 * bank has caused name only the payment, which is asked for its attempt.
 */
export async function* readBill(call: Caller, date: string, options: CallOptions): AsyncGenerator<BillRow> {
  const startMs = readDay(date);
  const created = { gte: startMs / secondMs, lt: (startMs + dayMs) / secondMs };
  const attempts = new Map<string, string>();
  async function attemptOf({ providerPaymentId: paymentId }: BillRow): Promise<string> {
    const known = attempts.get(paymentId);
    if (known !== undefined || !paymentId.startsWith('pi_') || attempts.size >= lookedUpMax) return known ?? '';
    const { body, evidence } = await call('bill', options, (client) => client.paymentIntents.retrieve(paymentId));
    const intent = intentBody.safeParse(body);
    if (!intent.success) throw unbelievable('bill', 'it is no PaymentIntent', evidence);
    const attemptRef = intent.data.metadata?.[attemptKey] ?? '';
    attempts.set(paymentId, attemptRef);
    return attemptRef;
  }
  let after: string | undefined;
  for (let number = 1; number <= pagesMax; number += 1) {
    const rest = after === undefined ? {} : { starting_after: after };
    const { body, evidence } = await call('bill', options, (client) =>
      client.balanceTransactions.list({ created, limit: pageRows, expand: ['data.source'], ...rest }),
    );
    const parsed = page.safeParse(body);
    if (!parsed.success) throw unbelievable('bill', 'it is no list of balance transactions', evidence);
    for (const movement of parsed.data.data) {
      const row = rowOf(movement);
      if (row === null) continue;
      yield row.kind !== 'payment' && row.attemptRef === '' ? { ...row, attemptRef: await attemptOf(row) } : row;
    }
    after = parsed.data.data.at(-1)?.id;
    if (!parsed.data.has_more || after === undefined) return;
  }
  throw new ProviderError('unknown', 'bill', `Stripe's bill of ${date} has more than ${pagesMax * pageRows} rows`);
}

/** Null for money that Stripe pays out to the bank: it was ours before and is ours after. */
function rowOf(movement: Movement): BillRow | null {
  const { type, source } = movement;
  if (type.startsWith('payout')) return null;
  const object = typeof source === 'object' && source !== null && 'object' in source ? source : null;
  if ((type === 'charge' || type === 'payment') && object?.object === 'charge') return paymentRow(movement, object);
  if ((type === 'refund' || type === 'payment_refund') && object?.object === 'refund')
    return refundRow(movement, object);
  return otherRow(movement);
}

/** What the payer paid in his currency; where Stripe turned it into another for us, the fee is in that one and cannot stand here. */
function paymentRow(movement: Movement, charge: Charge): BillRow {
  return {
    ...shared(movement, charge.payment_intent, charge.currency),
    kind: 'payment',
    attemptRef: charge.metadata?.[attemptKey] ?? '',
    amount: { minor: charge.amount_captured, currency: charge.currency.toUpperCase() },
  };
}

function refundRow(movement: Movement, refund: StripeRefund): BillRow {
  return {
    ...shared(movement, refund.payment_intent, refund.currency),
    kind: 'refund',
    attemptRef: refundedAttemptOf(refund) ?? '',
    refundRef: refundRefOf(refund),
    refundState: stateByStatus[refund.status],
    amount: { minor: refund.amount, currency: refund.currency.toUpperCase() },
  };
}

/** Disputes, fees of Stripe's own, refunds that failed and came back: in the currency of the account, negative where money leaves us. */
function otherRow(movement: Movement): BillRow {
  const { source, type, description, amount, currency } = movement;
  const object = typeof source === 'object' ? source : null;
  return {
    ...shared(movement, object?.payment_intent, currency),
    kind: 'other',
    attemptRef: object?.metadata?.[attemptKey] ?? '',
    amount: { minor: amount, currency: currency.toUpperCase() },
    description: description == null ? type : `${type}: ${description}`,
  };
}

const shared = (movement: Movement, paymentId: string | null | undefined, rowCurrency: string) => ({
  providerPaymentId: paymentId ?? '',
  at: movement.created * secondMs,
  ...(movement.currency === rowCurrency ? { feeMinor: movement.fee } : {}),
});
