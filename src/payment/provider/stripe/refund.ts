import type { Stripe } from 'stripe';
import { z } from 'zod';
import {
  type CallOptions,
  type Evidence,
  type ProviderOperation,
  ProviderError,
  type RefundFact,
  type RefundInput,
} from '../provider.ts';
import { type Caller, unbelievable } from './call.ts';
import { attemptKey } from './session.ts';

const reasonCharactersMax = 80;
const refundKey = 'refundRef';

export const refundBody = z.object({
  id: z.string().min(1),
  object: z.literal('refund'),
  amount: z.int().nonnegative(),
  currency: z.string().length(3),
  status: z.enum(['pending', 'requires_action', 'succeeded', 'failed', 'canceled']),
  payment_intent: z.string().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
});

export type StripeRefund = z.infer<typeof refundBody>;

/** One that failed, or that a person cancelled, is for a person: the money is still ours and still owed. */
export const stateByStatus = {
  pending: 'processing',
  requires_action: 'processing',
  succeeded: 'succeeded',
  failed: 'abnormal',
  canceled: 'abnormal',
} as const satisfies Record<StripeRefund['status'], RefundFact['state']>;

/** The refund in a decoded JSON body, or null where it is none. */
export function readRefund(body: unknown): StripeRefund | null {
  const parsed = refundBody.safeParse(body);
  return parsed.success ? parsed.data : null;
}

/** What we called it, where it is one of ours; a refund that a person made at Stripe bears Stripe's own name. */
export const refundRefOf = ({ id, metadata }: StripeRefund): string => metadata?.[refundKey] ?? id;

/** The payment that it gives back, where it says so. */
export const refundedAttemptOf = ({ metadata }: StripeRefund): string | undefined => metadata?.[attemptKey];

/** A refund names neither account nor mode: they are those of the key that asked, or of the event that told. */
export type RefundOrigin = {
  readonly source: 'refund' | 'query' | 'notification';
  readonly accountId: string;
  readonly liveMode: boolean;
  readonly evidence: Evidence;
};

export function factOfRefund(refund: StripeRefund, origin: RefundOrigin): RefundFact {
  const { source, accountId, liveMode, evidence } = origin;
  const attemptRef = refundedAttemptOf(refund);
  return {
    source,
    refundRef: refundRefOf(refund),
    state: stateByStatus[refund.status],
    amount: { minor: refund.amount, currency: refund.currency.toUpperCase() },
    merchantId: accountId,
    appId: accountId,
    liveMode,
    evidence: { ...evidence, providerCode: refund.status },
    ...(attemptRef === undefined ? {} : { attemptRef }),
  };
}

/** The same input gives the same parameters. */
export const refundParameters = (input: RefundInput, paymentId: string): Stripe.RefundCreateParams => ({
  payment_intent: paymentId,
  amount: input.amount.minor,
  metadata: {
    [refundKey]: input.refundRef,
    [attemptKey]: input.attemptRef,
    reason: Array.from(input.reason).slice(0, reasonCharactersMax).join(''),
  },
});

const pageRows = 100;
/** More refunds of one payment than anybody gives. */
const pagesMax = 5;

const page = z.object({ has_more: z.boolean(), data: z.array(refundBody) });

export type FoundRefund = { readonly refund: StripeRefund | null; readonly evidence: Evidence };

/**
 * Looks for one of our refunds among those of its payment. This, and not the Idempotency-Key, is what keeps a refund from being made twice: Stripe
 * forgets a key after a day, and we may ask again for a month.
 */
export async function findRefund(
  call: Caller,
  operation: ProviderOperation,
  { refundRef, paymentId }: { readonly refundRef: string; readonly paymentId: string },
  options: CallOptions,
): Promise<FoundRefund> {
  let after: string | undefined;
  for (let number = 1; number <= pagesMax; number += 1) {
    const rest = after === undefined ? {} : { starting_after: after };
    const { body, evidence } = await call(operation, options, (client) =>
      client.refunds.list({ payment_intent: paymentId, limit: pageRows, ...rest }),
    );
    const parsed = page.safeParse(body);
    if (!parsed.success) throw unbelievable(operation, 'it is no list of refunds', evidence);
    const { data, has_more: hasMore } = parsed.data;
    const refund = data.find((one) => refundRefOf(one) === refundRef || one.id === refundRef);
    after = data.at(-1)?.id;
    if (refund !== undefined || !hasMore || after === undefined) return { refund: refund ?? null, evidence };
  }
  throw new ProviderError('unknown', operation, `${paymentId} has more than ${pagesMax * pageRows} refunds at Stripe`);
}
