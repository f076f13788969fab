import { z } from 'zod';
import { secondMs } from '../../../base/clock.ts';
import type { Evidence, PaymentFact, PaymentState } from '../provider.ts';

const metadata = z.record(z.string(), z.string()).nullish();
const currency = z.string().length(3);

const chargeBody = z.object({
  id: z.string(),
  created: z.int(),
  amount_refunded: z.int().nonnegative(),
});

const paymentIntentBody = z.object({
  id: z.string(),
  status: z.string(),
  latest_charge: z.union([z.string(), chargeBody]).nullish(),
});

/**
 * A Checkout Session, as far as it concerns us: who paid, his e-mail and his address are not read, so nothing that is kept can hold them. In an answer
 * the PaymentIntent and its charge stand inside, in an event only their names.
 */
export const sessionBody = z.object({
  id: z.string().min(1),
  object: z.literal('checkout.session'),
  created: z.int(),
  livemode: z.boolean(),
  client_reference_id: z.string().nullable(),
  metadata,
  status: z.enum(['open', 'complete', 'expired']),
  payment_status: z.enum(['paid', 'unpaid', 'no_payment_required']),
  amount_total: z.int().nonnegative().nullable(),
  currency: currency.nullable(),
  payment_intent: z.union([z.string(), paymentIntentBody]).nullish(),
  url: z.string().nullish(),
});

export type CheckoutSession = z.infer<typeof sessionBody>;

/** The session in a decoded JSON body, or null where it is none, or is paid and does not say what with. */
export function readSession(body: unknown): CheckoutSession | null {
  const parsed = sessionBody.safeParse(body);
  if (!parsed.success) return null;
  const { payment_status: paymentStatus, amount_total: amountMinor, currency: code } = parsed.data;
  const complete = amountMinor !== null && code !== null && paymentIdOf(parsed.data) !== null;
  return paymentStatus === 'paid' && !complete ? null : parsed.data;
}

/** pi_… */
export const paymentIdOf = ({ payment_intent: intent }: CheckoutSession): string | null =>
  typeof intent === 'string' ? intent : (intent?.id ?? null);

/**
 * `complete` says only that the payer came to the end of the page; money is there when `payment_status` is `paid`. A complete session whose payment
 * failed afterwards cannot be paid again, a declined card leaves an open one open.
 */
export function stateOfSession(session: CheckoutSession): PaymentState {
  if (session.payment_status === 'paid') return refundedOf(session) > 0 ? 'refunded' : 'paid';
  if (session.status === 'expired') return 'closed';
  if (session.status === 'open') return 'pending';
  return hasFailed(session) ? 'closed' : 'pending';
}

const deadIntents = ['requires_payment_method', 'canceled'];

const hasFailed = ({ payment_status: paymentStatus, payment_intent: intent }: CheckoutSession): boolean =>
  paymentStatus === 'no_payment_required' ||
  (typeof intent === 'object' && intent !== null && deadIntents.includes(intent.status));

const chargeOf = ({ payment_intent: intent }: CheckoutSession): z.infer<typeof chargeBody> | null => {
  const charge = typeof intent === 'object' ? intent?.latest_charge : null;
  return typeof charge === 'object' ? charge : null;
};

const refundedOf = (session: CheckoutSession): number => chargeOf(session)?.amount_refunded ?? 0;

/** What makes a session ours: no other system in the same account gives it this. */
export const attemptKey = 'attemptRef';

/** Our reference, which nobody can change afterwards, or null where the session was made by another system of the same account. */
export const attemptRefOf = ({ client_reference_id: reference, metadata: marks }: CheckoutSession): string | null =>
  marks?.[attemptKey] === undefined ? null : reference;

export type FactOrigin = {
  readonly source: 'query' | 'notification';
  /** The account that the secret key or the webhook's secret belongs to; sessions do not name it. */
  readonly accountId: string;
  readonly attemptRef: string;
  /** Milliseconds since 1970; used where the session holds no charge that tells. */
  readonly paidAt?: number;
  readonly evidence: Evidence;
};

/**
 * Answers of Stripe bear no signature: that they are Stripe's is known by TLS, and that they are about our account by the secret key, which is as much
 * as anything says of them. Events bear one.
 */
export function factOfSession(session: CheckoutSession, origin: FactOrigin): PaymentFact {
  const { source, accountId, attemptRef, evidence } = origin;
  const state = stateOfSession(session);
  const isMoney = state === 'paid' || state === 'refunded';
  const paymentId = paymentIdOf(session);
  const { amount_total: minor, currency: code } = session;
  const charge = chargeOf(session);
  const paidAt = charge === null ? origin.paidAt : charge.created * secondMs;
  return {
    source,
    attemptRef,
    state,
    merchantId: accountId,
    appId: accountId,
    liveMode: session.livemode,
    authenticated: true,
    evidence: { ...evidence, providerCode: `${session.status}/${session.payment_status}` },
    ...(paymentId === null ? {} : { providerPaymentId: paymentId }),
    ...(minor === null || code === null ? {} : { amount: { minor, currency: code.toUpperCase() } }),
    ...(state === 'refunded' ? { refundedMinor: refundedOf(session) } : {}),
    ...(isMoney && paidAt !== undefined ? { paidAt } : {}),
  };
}
