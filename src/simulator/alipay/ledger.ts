import { z } from 'zod';
import type { Random } from '../../base/random.ts';
import type { Store } from '../service/store.sql.ts';
import type { Timeline } from '../service/timeline.ts';

/** The oldest payments beyond this are forgotten, with their refunds. */
export const paymentsMax = 100_000;

/** What a payment says of itself where a test wants an authentic lie: other money, another app or merchant. */
const claims = z.object({
  totalFen: z.int().positive().optional(),
  appId: z.string().max(32).optional(),
  sellerId: z.string().max(32).optional(),
});

const paymentRecord = z.object({
  outTradeNo: z.string(),
  surface: z.enum(['WAP', 'QR']),
  subject: z.string(),
  totalFen: z.int(),
  notifyUrl: z.string().nullable(),
  returnUrl: z.string().nullable(),
  quitUrl: z.string().nullable(),
  /** Everything the merchant sent, in one canonical text: once there is a trade, a repeat must be equal to it. */
  parameters: z.string(),
  /** What the payer's code or page names. */
  token: z.string(),
  placedAtMs: z.int(),
  lastPayableMs: z.int(),
  /** Null until the payer has scanned or signed in: before that Alipay knows no trade. */
  trade: z
    .object({
      tradeNo: z.string(),
      status: z.enum(['WAIT_BUYER_PAY', 'TRADE_SUCCESS', 'TRADE_CLOSED']),
      buyerId: z.string(),
      createdAtMs: z.int(),
      paidAtMs: z.int().nullable(),
      closedAtMs: z.int().nullable(),
    })
    .nullable(),
  declinedAtMs: z.int().nullable(),
  claims,
});

const refundRecord = z.object({
  outRequestNo: z.string(),
  outTradeNo: z.string(),
  refundFen: z.int(),
  createdAtMs: z.int(),
  finishedAtMs: z.int().nullable(),
  status: z.enum(['PENDING', 'SUCCESS', 'FAILED']),
});

export type Claims = z.infer<typeof claims>;
export const claimsMessage = claims;
export type Payment = z.infer<typeof paymentRecord>;
export type Trade = NonNullable<Payment['trade']>;
export type Refund = z.infer<typeof refundRecord>;

/** Everything that the service remembers of one merchant's trade. */
export type Ledger = {
  readonly timeline: Timeline;
  readonly random: Random;
  findPayment(outTradeNo: string): Payment | undefined;
  findByToken(token: string): Payment | undefined;
  findByTradeNo(tradeNo: string): Payment | undefined;
  /** Oldest first. */
  listPayments(): Payment[];
  savePayment(payment: Payment): void;
  /** Refunds are numbered within their trade. */
  findRefund(outTradeNo: string, outRequestNo: string): Refund | undefined;
  refundsOf(outTradeNo: string): Refund[];
  listRefunds(): Refund[];
  saveRefund(refund: Refund): void;
};

/** The ledger that `store` has kept. */
export function openLedger(store: Store, timeline: Timeline, random: Random): Ledger {
  const payments = new Map<string, Payment>();
  const byToken = new Map<string, string>();
  const byTradeNo = new Map<string, string>();
  const refunds = new Map<string, Map<string, Refund>>();
  const keyOf = (refund: Refund): string => `${refund.outTradeNo}/${refund.outRequestNo}`;

  function keepPayment(payment: Payment): void {
    const before = payments.get(payment.outTradeNo);
    if (before !== undefined && before.token !== payment.token) byToken.delete(before.token);
    payments.set(payment.outTradeNo, payment);
    byToken.set(payment.token, payment.outTradeNo);
    if (payment.trade !== null) byTradeNo.set(payment.trade.tradeNo, payment.outTradeNo);
  }

  function keepRefund(refund: Refund): void {
    const ofTrade = refunds.get(refund.outTradeNo) ?? new Map<string, Refund>();
    refunds.set(refund.outTradeNo, ofTrade.set(refund.outRequestNo, refund));
  }

  function forgetOldest(): void {
    const [oldest] = payments.values();
    if (payments.size <= paymentsMax || oldest === undefined) return;
    payments.delete(oldest.outTradeNo);
    byToken.delete(oldest.token);
    byTradeNo.delete(oldest.trade?.tradeNo ?? '');
    store.remove('payment', oldest.outTradeNo);
    for (const refund of refunds.get(oldest.outTradeNo)?.values() ?? []) store.remove('refund', keyOf(refund));
    refunds.delete(oldest.outTradeNo);
  }

  for (const value of store.findAll('payment')) keepPayment(paymentRecord.parse(value));
  for (const value of store.findAll('refund')) keepRefund(refundRecord.parse(value));
  return {
    timeline,
    random,
    findPayment: (outTradeNo) => payments.get(outTradeNo),
    findByToken: (token) => payments.get(byToken.get(token) ?? ''),
    findByTradeNo: (tradeNo) => payments.get(byTradeNo.get(tradeNo) ?? ''),
    listPayments: () => [...payments.values()],
    savePayment(payment) {
      keepPayment(payment);
      store.put('payment', payment.outTradeNo, payment);
      forgetOldest();
    },
    findRefund: (outTradeNo, outRequestNo) => refunds.get(outTradeNo)?.get(outRequestNo),
    refundsOf: (outTradeNo) => [...(refunds.get(outTradeNo)?.values() ?? [])],
    listRefunds: () => [...refunds.values()].flatMap((ofTrade) => [...ofTrade.values()]),
    saveRefund(refund) {
      keepRefund(refund);
      store.put('refund', keyOf(refund), refund);
    },
  };
}
