import { z } from 'zod';
import type { Random } from '../../base/random.ts';
import type { Store } from '../service/store.sql.ts';
import type { Timeline } from '../service/timeline.ts';

/** The oldest payments beyond this are forgotten, with their refunds. */
export const paymentsMax = 100_000;

/** What a payment says of itself where a test wants an authentic lie: other money, another merchant. */
const claims = z.object({
  totalFen: z.int().positive().optional(),
  currency: z.string().length(3).optional(),
  mchid: z.string().max(32).optional(),
  appid: z.string().max(32).optional(),
});

const paymentRecord = z.object({
  outTradeNo: z.string(),
  tradeType: z.enum(['JSAPI', 'MWEB', 'NATIVE']),
  description: z.string(),
  totalFen: z.int(),
  currency: z.string(),
  notifyUrl: z.string(),
  openid: z.string().nullable(),
  /** Everything the merchant sent, in one canonical text: a repeat must be equal to it. */
  parameters: z.string(),
  createdAtMs: z.int(),
  lastPayableMs: z.int(),
  prepayId: z.string(),
  /** What the payer holds: h5_url or code_url; JSAPI uses the prepay_id itself. */
  link: z.string(),
  linkDiesMs: z.int(),
  state: z.enum(['NOTPAY', 'SUCCESS', 'REFUND', 'CLOSED']),
  transactionId: z.string().nullable(),
  paidAtMs: z.int().nullable(),
  declinedAtMs: z.int().nullable(),
  claims,
});

const refundRecord = z.object({
  outRefundNo: z.string(),
  outTradeNo: z.string(),
  refundId: z.string(),
  refundFen: z.int(),
  parameters: z.string(),
  notifyUrl: z.string().nullable(),
  createdAtMs: z.int(),
  finishedAtMs: z.int().nullable(),
  status: z.enum(['PROCESSING', 'SUCCESS', 'ABNORMAL', 'CLOSED']),
});

export type Claims = z.infer<typeof claims>;
export const claimsMessage = claims;
export type Payment = z.infer<typeof paymentRecord>;
export type Refund = z.infer<typeof refundRecord>;

/** Everything that the service remembers of one merchant's trade. */
export type Ledger = {
  readonly timeline: Timeline;
  readonly random: Random;
  findPayment(outTradeNo: string): Payment | undefined;
  findPaymentByPrepay(prepayId: string): Payment | undefined;
  findPaymentByTransaction(transactionId: string): Payment | undefined;
  listPayments(): Payment[];
  savePayment(payment: Payment): void;
  findRefund(outRefundNo: string): Refund | undefined;
  refundsOf(outTradeNo: string): Refund[];
  listRefunds(): Refund[];
  saveRefund(refund: Refund): void;
};

/** The ledger that `store` has kept. */
export function openLedger(store: Store, timeline: Timeline, random: Random): Ledger {
  const payments = new Map<string, Payment>();
  const byPrepay = new Map<string, string>();
  const byTransaction = new Map<string, string>();
  const refunds = new Map<string, Map<string, Refund>>();
  const tradeOfRefund = new Map<string, string>();
  const read = <T>(kind: string, schema: z.ZodType<T>, keep: (record: T) => void): void => {
    for (const value of store.findAll(kind)) keep(schema.parse(value));
  };

  function keepPayment(payment: Payment): void {
    const before = payments.get(payment.outTradeNo);
    if (before !== undefined && before.prepayId !== payment.prepayId) byPrepay.delete(before.prepayId);
    payments.set(payment.outTradeNo, payment);
    byPrepay.set(payment.prepayId, payment.outTradeNo);
    if (payment.transactionId !== null) byTransaction.set(payment.transactionId, payment.outTradeNo);
  }

  function keepRefund(refund: Refund): void {
    const ofTrade = refunds.get(refund.outTradeNo) ?? new Map<string, Refund>();
    refunds.set(refund.outTradeNo, ofTrade.set(refund.outRefundNo, refund));
    tradeOfRefund.set(refund.outRefundNo, refund.outTradeNo);
  }

  function forgetOldest(): void {
    const [oldest] = payments.values();
    if (payments.size <= paymentsMax || oldest === undefined) return;
    payments.delete(oldest.outTradeNo);
    byPrepay.delete(oldest.prepayId);
    byTransaction.delete(oldest.transactionId ?? '');
    store.remove('payment', oldest.outTradeNo);
    for (const outRefundNo of refunds.get(oldest.outTradeNo)?.keys() ?? []) {
      tradeOfRefund.delete(outRefundNo);
      store.remove('refund', outRefundNo);
    }
    refunds.delete(oldest.outTradeNo);
  }

  read('payment', paymentRecord, keepPayment);
  read('refund', refundRecord, keepRefund);
  return {
    timeline,
    random,
    findPayment: (outTradeNo) => payments.get(outTradeNo),
    findPaymentByPrepay: (prepayId) => payments.get(byPrepay.get(prepayId) ?? ''),
    findPaymentByTransaction: (transactionId) => payments.get(byTransaction.get(transactionId) ?? ''),
    listPayments: () => [...payments.values()],
    savePayment(payment) {
      keepPayment(payment);
      store.put('payment', payment.outTradeNo, payment);
      forgetOldest();
    },
    findRefund: (outRefundNo) => refunds.get(tradeOfRefund.get(outRefundNo) ?? '')?.get(outRefundNo),
    refundsOf: (outTradeNo) => [...(refunds.get(outTradeNo)?.values() ?? [])],
    listRefunds: () => [...refunds.values()].flatMap((ofTrade) => [...ofTrade.values()]),
    saveRefund(refund) {
      keepRefund(refund);
      store.put('refund', refund.outRefundNo, refund);
    },
  };
}
