import { z } from 'zod';
import type { Evidence, RefundFact, RefundInput } from '../provider.ts';
import { formatYuan } from '../yuan.ts';
import { type Seller, yuanText } from './trade.ts';

const reasonCharactersMax = 256;

/** The same input gives the same body, so that a repeat under the same `out_request_no` is the same refund. */
export const refundRequestBody = (input: RefundInput) => ({
  out_trade_no: input.attemptRef,
  out_request_no: input.refundRef,
  refund_amount: formatYuan(input.amount.minor),
  refund_reason: Array.from(input.reason).slice(0, reasonCharactersMax).join(''),
});

/** `refund_fee` is left out on purpose: it is what has gone back of this trade in all, not by this request. */
const refundAnswer = z.object({
  out_trade_no: z.string(),
  trade_no: z.string(),
  fund_change: z.enum(['Y', 'N']).default('N'),
});

export type RefundAnswer = z.infer<typeof refundAnswer>;

/** The refund in a decoded answer, or null where it is none. */
export function readRefund(body: unknown): RefundAnswer | null {
  const parsed = refundAnswer.safeParse(body);
  return parsed.success ? parsed.data : null;
}

/** Whose refund an answer tells of: an app sees those of its own seller alone. Which of his apps made the payment is not said. */
export type RefundOrigin = { readonly seller: Seller; readonly evidence: Evidence };

/** `Y`: this request moved the money. `N`: it moved nothing, because it was a repeat, or has not yet; the query for the refund tells. */
export const factOfRefund = (
  input: RefundInput,
  { fund_change: moved }: RefundAnswer,
  { seller, evidence }: RefundOrigin,
): RefundFact => ({
  source: 'refund',
  refundRef: input.refundRef,
  attemptRef: input.attemptRef,
  state: moved === 'Y' ? 'succeeded' : 'processing',
  merchantId: seller.sellerId,
  liveMode: seller.liveMode,
  evidence: { ...evidence, providerCode: `fund_change=${moved}` },
});

const refundQueryAnswer = z.object({
  out_trade_no: z.string().optional(),
  out_request_no: z.string().optional(),
  refund_status: z.string().optional(),
  refund_amount: yuanText.optional(),
});

export type RefundQueryAnswer = z.infer<typeof refundQueryAnswer>;

/** The answer to a query for a refund, or null where it is none. */
export function readRefundQuery(body: unknown): RefundQueryAnswer | null {
  const parsed = refundQueryAnswer.safeParse(body);
  return parsed.success ? parsed.data : null;
}

/**
 * Only REFUND_SUCCESS is ever documented for a refund like ours. Where there is no status, Alipay has not received the request, or it failed, or
 * it is younger than ten seconds: not found, so it is asked for again by the same number, which can never give back twice.
 */
function stateOf(status: string | undefined): RefundFact['state'] {
  switch (status) {
    case undefined:
    case '':
      return 'not_found';
    case 'REFUND_SUCCESS':
      return 'succeeded';
    case 'REFUND_FAIL':
      return 'abnormal';
    default:
      return 'processing';
  }
}

export function factOfRefundQuery(
  refund: { readonly refundRef: string; readonly attemptRef: string },
  answer: RefundQueryAnswer,
  { seller, evidence }: RefundOrigin,
): RefundFact {
  const state = stateOf(answer.refund_status);
  return {
    source: 'query',
    refundRef: refund.refundRef,
    attemptRef: refund.attemptRef,
    state,
    ...(state === 'not_found' || answer.refund_amount === undefined
      ? {}
      : { amount: { minor: answer.refund_amount, currency: 'CNY' } }),
    merchantId: seller.sellerId,
    liveMode: seller.liveMode,
    evidence: { ...evidence, providerCode: answer.refund_status ?? 'no refund_status' },
  };
}
