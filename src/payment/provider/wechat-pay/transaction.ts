import { z } from 'zod';
import type { Evidence, PaymentFact, PaymentState } from '../provider.ts';
import { digestPayer } from '../payer.ts';
import { parseInstant } from '../beijing-time.ts';

/** A transaction as query and notification give it. Of whoever paid only a digest goes on, so that no evidence can hold the openid. */
const transactionBody = z.object({
  appid: z.string(),
  mchid: z.string(),
  out_trade_no: z.string(),
  transaction_id: z.string().optional(),
  trade_state: z.enum(['SUCCESS', 'REFUND', 'NOTPAY', 'CLOSED', 'ACCEPT', 'REVOKED', 'USERPAYING', 'PAYERROR']),
  success_time: z.string().optional(),
  payer: z.object({ openid: z.string().max(128).nullish() }).optional(),
  amount: z.object({ total: z.int().nonnegative(), currency: z.string().length(3).default('CNY') }).optional(),
});

export type Transaction = z.infer<typeof transactionBody>;

/**
 * WeChat Pay's trade_state as ours. PAYERROR and USERPAYING belong to payment codes and may still become SUCCESS; REFUND says only that it was
 * paid and something went back, not how much.
 */
export const stateByTradeState = {
  SUCCESS: 'paid',
  REFUND: 'refunded',
  NOTPAY: 'pending',
  CLOSED: 'closed',
  ACCEPT: 'pending',
  REVOKED: 'closed',
  USERPAYING: 'pending',
  PAYERROR: 'pending',
} as const satisfies Record<Transaction['trade_state'], PaymentState>;

/** The transaction in a decoded JSON body, or null where it is none, or is paid and does not say what with. */
export function readTransaction(body: unknown): Transaction | null {
  const parsed = transactionBody.safeParse(body);
  if (!parsed.success) return null;
  const state = stateByTradeState[parsed.data.trade_state];
  const complete = parsed.data.amount !== undefined && (parsed.data.transaction_id ?? '') !== '';
  return (state === 'paid' || state === 'refunded') && !complete ? null : parsed.data;
}

/** `amount` is what the order cost (`total`), not what the payer gave after coupons: that is what the merchant is owed. */
export function factOfTransaction(
  transaction: Transaction,
  source: 'query' | 'notification',
  evidence: Evidence,
): PaymentFact {
  const { amount, transaction_id: paymentId, success_time: successTime, payer } = transaction;
  const openId = payer?.openid ?? '';
  const paidAt = successTime === undefined ? null : parseInstant(successTime);
  return {
    source,
    attemptRef: transaction.out_trade_no,
    state: stateByTradeState[transaction.trade_state],
    merchantId: transaction.mchid,
    appId: transaction.appid,
    liveMode: true,
    authenticated: true,
    evidence: { ...evidence, providerCode: transaction.trade_state },
    ...(paymentId === undefined || paymentId === '' ? {} : { providerPaymentId: paymentId }),
    ...(amount === undefined ? {} : { amount: { minor: amount.total, currency: amount.currency } }),
    ...(paidAt === null ? {} : { paidAt }),
    ...(openId === '' ? {} : { payerSha256: digestPayer(openId) }),
  };
}
