import { z } from 'zod';
import { parseBeijingPlain } from '../beijing-time.ts';
import type { Evidence, PaymentFact, PaymentState } from '../provider.ts';
import { parseYuan } from '../yuan.ts';

export const tradeStatuses = z.enum(['WAIT_BUYER_PAY', 'TRADE_SUCCESS', 'TRADE_FINISHED', 'TRADE_CLOSED']);

/** `200.00` yuan as fen. */
export const yuanText = z.string().transform((text, context) => {
  const fen = parseYuan(text);
  if (fen !== null && fen >= 0) return fen;
  context.addIssue({ code: 'custom', message: 'no amount in yuan' });
  return z.NEVER;
});

/**
 * A trade as query tells it. Of whoever paid nothing goes on: no attempt at Alipay is made for one payer, so there is nobody to compare him with, and the digest
 * of a number of sixteen digits is undone in minutes.
 */
const tradeBody = z.object({
  out_trade_no: z.string(),
  trade_no: z.string().min(1),
  trade_status: tradeStatuses,
  total_amount: yuanText,
  /** When the money was paid; not there where it never was. */
  send_pay_date: z.string().optional(),
});

export type Trade = z.infer<typeof tradeBody>;

/** The trade in a decoded answer, or null where it is none. */
export function readTrade(body: unknown): Trade | null {
  const parsed = tradeBody.safeParse(body);
  return parsed.success ? parsed.data : null;
}

/** TRADE_CLOSED has two meanings, which only the day of payment tells apart: never paid, or paid and given back whole. */
export function stateOfTrade(status: z.infer<typeof tradeStatuses>, wasPaid: boolean): PaymentState {
  switch (status) {
    case 'WAIT_BUYER_PAY':
      return 'pending';
    case 'TRADE_SUCCESS':
    case 'TRADE_FINISHED':
      return 'paid';
    case 'TRADE_CLOSED':
      return wasPaid ? 'refunded' : 'closed';
  }
}

/** Whose trades these keys and this app see; in the sandbox none of them is of money. */
export type Seller = { readonly appId: string; readonly sellerId: string; readonly liveMode: boolean };

/**
 * An answer to a query names neither app nor seller. It is signed with the key that Alipay has for the app that asked, and an app sees the trades of its own
 * seller alone; the app is the one that the attempt was made with.
 */
export function factOfTrade(trade: Trade, seller: Seller, evidence: Evidence): PaymentFact {
  const state = stateOfTrade(trade.trade_status, (trade.send_pay_date ?? '') !== '');
  const isMoney = state === 'paid' || state === 'refunded';
  const paidAt = parseBeijingPlain(trade.send_pay_date ?? '');
  return {
    source: 'query',
    attemptRef: trade.out_trade_no,
    state,
    providerPaymentId: trade.trade_no,
    amount: { minor: trade.total_amount, currency: 'CNY' },
    // A trade that was given back in part stays TRADE_SUCCESS, and nothing here tells how much it was.
    ...(state === 'refunded' ? { refundedMinor: trade.total_amount } : {}),
    merchantId: seller.sellerId,
    ...(isMoney ? { appId: seller.appId } : {}),
    liveMode: seller.liveMode,
    authenticated: true,
    evidence: { ...evidence, providerCode: trade.trade_status },
    ...(paidAt === null ? {} : { paidAt }),
  };
}
