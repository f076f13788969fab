import { z } from 'zod';
import type { Evidence, RefundFact, RefundInput } from '../provider.ts';

const reasonCharactersMax = 80;

const statuses = z.enum(['SUCCESS', 'CLOSED', 'PROCESSING', 'ABNORMAL']);
const amount = z.object({ refund: z.int().nonnegative(), currency: z.string().length(3).default('CNY') });
const base = { out_refund_no: z.string(), out_trade_no: z.string(), amount };

/** Answers say `status`, notifications `refund_status` and whose it is, and a notification's amount names no currency. */
const refundBody = z.union([
  z.object({ ...base, status: statuses }).transform((refund) => ({ ...refund, mchid: null })),
  z
    .object({ ...base, refund_status: statuses, mchid: z.string() })
    .transform(({ refund_status: status, ...rest }) => ({ ...rest, status })),
]);

export type WechatPayRefund = z.infer<typeof refundBody>;

/** Accepted is not refunded: PROCESSING ends as SUCCESS, CLOSED (the money stayed) or ABNORMAL (a person must help). */
const stateByStatus = {
  SUCCESS: 'succeeded',
  CLOSED: 'closed',
  PROCESSING: 'processing',
  ABNORMAL: 'abnormal',
} as const satisfies Record<z.infer<typeof statuses>, RefundFact['state']>;

/** The refund in a decoded JSON body, or null where it is none. */
export function readRefund(body: unknown): WechatPayRefund | null {
  const parsed = refundBody.safeParse(body);
  return parsed.success ? parsed.data : null;
}

/** An answer names no merchant: a merchant sees his own refunds alone, so it is the one that asked (`merchantId`). No app is named anywhere. */
export type RefundOrigin = {
  readonly source: 'refund' | 'query' | 'notification';
  readonly merchantId: string;
  readonly evidence: Evidence;
};

export function factOfRefund(refund: WechatPayRefund, { source, merchantId, evidence }: RefundOrigin): RefundFact {
  return {
    source,
    refundRef: refund.out_refund_no,
    attemptRef: refund.out_trade_no,
    state: stateByStatus[refund.status],
    amount: { minor: refund.amount.refund, currency: refund.amount.currency },
    merchantId: refund.mchid ?? merchantId,
    liveMode: true,
    evidence: { ...evidence, providerCode: refund.status },
  };
}

/** The same input gives the same body, so that a repeat under the same `out_refund_no` is the same refund. */
export const refundRequestBody = (input: RefundInput) => ({
  out_trade_no: input.attemptRef,
  out_refund_no: input.refundRef,
  reason: Array.from(input.reason).slice(0, reasonCharactersMax).join(''),
  ...(input.notifyUrl === undefined ? {} : { notify_url: input.notifyUrl }),
  amount: { refund: input.amount.minor, total: input.paidTotal.minor, currency: input.amount.currency },
});
