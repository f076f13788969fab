import { z } from 'zod';
import { dayMs, minuteMs } from '../../base/clock.ts';
import { type ApiAnswer, answer, refusal } from './api-answer.ts';
import { beijingInstant } from '../service/beijing.ts';
import { canonicalText } from '../service/canonical.ts';
import { type Ledger, type Payment, type Refund } from './ledger.ts';
import { randomDigits } from '../service/random-text.ts';
import type { Merchant } from './pay.ts';
import { isNotifyUrl } from './place.ts';

const refundWindowMs = 365 * dayMs;
const refundSpacingMs = minuteMs;
const refundsOfOneOrderMax = 50;

const refundBody = z
  .object({
    transaction_id: z.string().max(32).optional(),
    out_trade_no: z.string().max(32).optional(),
    out_refund_no: z.string().regex(/^[0-9A-Za-z_\-|*@]{1,64}$/),
    reason: z.string().max(80).optional(),
    notify_url: z.string().max(255).refine(isNotifyUrl).optional(),
    amount: z.object({ refund: z.int().min(1), total: z.int().min(1), currency: z.literal('CNY') }),
  })
  .refine((body) => body.transaction_id !== undefined || body.out_trade_no !== undefined);

const invalid = (why: string): ApiAnswer => refusal(400, 'INVALID_REQUEST', why);

/** The answer, and the refund where a new one has begun. */
export type RefundAnswer = { readonly answer: ApiAnswer; readonly begun: Refund | null };

/** Accepts a refund; the money goes later. The same number again, with the same parameters, is the same refund. */
export function beginRefund(ledger: Ledger, body: unknown): RefundAnswer {
  const parsed = refundBody.safeParse(body);
  if (!parsed.success) {
    return {
      answer: refusal(400, 'PARAM_ERROR', `参数错误: ${parsed.error.issues[0]?.path.join('.') ?? ''}`),
      begun: null,
    };
  }
  const { out_trade_no: outTradeNo, transaction_id: transactionId, out_refund_no: outRefundNo, amount } = parsed.data;
  const payment =
    transactionId === undefined ? ledger.findPayment(outTradeNo ?? '') : ledger.findPaymentByTransaction(transactionId);
  const parameters = canonicalText(body);
  const same = ledger.findRefund(outRefundNo);
  if (same !== undefined && payment !== undefined) {
    const repeated =
      same.parameters === parameters ? answer(describeRefund(same, payment)) : invalid('退款单号参数不一致');
    return { answer: repeated, begun: null };
  }
  if (payment === undefined) return { answer: refusal(404, 'RESOURCE_NOT_EXISTS', '订单不存在'), begun: null };
  const refused = whyNotRefundable(ledger, payment, amount);
  if (refused !== null) return { answer: refused, begun: null };
  const begun: Refund = {
    outRefundNo,
    outTradeNo: payment.outTradeNo,
    refundId: `50300${randomDigits(ledger.random, 24)}`,
    refundFen: amount.refund,
    parameters,
    notifyUrl: parsed.data.notify_url ?? null,
    createdAtMs: ledger.timeline.now(),
    finishedAtMs: null,
    status: 'PROCESSING',
  };
  ledger.saveRefund(begun);
  ledger.savePayment({ ...payment, state: 'REFUND' });
  return { answer: answer(describeRefund(begun, payment)), begun };
}

/** The refusals in their order: not paid, other total, too old, too many, too soon after the last, more than was paid. */
function whyNotRefundable(
  ledger: Ledger,
  payment: Payment,
  amount: { refund: number; total: number },
): ApiAnswer | null {
  if (payment.paidAtMs === null) return invalid('订单未支付');
  const paidFen = payment.claims.totalFen ?? payment.totalFen;
  if (amount.total !== paidFen) return invalid('订单金额不一致');
  const nowMs = ledger.timeline.now();
  if (nowMs - payment.paidAtMs > refundWindowMs) return invalid('订单已超过可退款的最大期限');
  const live = ledger.refundsOf(payment.outTradeNo).filter((one) => one.status !== 'CLOSED');
  if (live.length >= refundsOfOneOrderMax) return invalid('部分退款次数超过限制');
  if (live.some((one) => nowMs - one.createdAtMs < refundSpacingMs))
    return refusal(429, 'FREQUENCY_LIMITED', '频率限制');
  const refundedFen = live.reduce((sum, one) => sum + one.refundFen, 0);
  return refundedFen + amount.refund > paidFen ? invalid('退款金额大于可退金额') : null;
}

/** Ends a refund that is under way, or an abnormal one that a person has put right. */
export function finishRefund(
  ledger: Ledger,
  outRefundNo: string,
  status: 'SUCCESS' | 'ABNORMAL' | 'CLOSED',
): Refund | null {
  const refund = ledger.findRefund(outRefundNo);
  if (refund === undefined || refund.status === 'SUCCESS' || refund.status === 'CLOSED') return null;
  const finished: Refund = { ...refund, status, finishedAtMs: ledger.timeline.now() };
  ledger.saveRefund(finished);
  return finished;
}

function describeMoney(refund: Refund, payment: Payment) {
  const total = payment.claims.totalFen ?? payment.totalFen;
  return { total, refund: refund.refundFen, payer_total: total, payer_refund: refund.refundFen };
}

const receivedBy = '支付用户零钱';

/** A refund as the refund call and its query tell it. */
export function describeRefund(refund: Refund, payment: Payment): object {
  const money = describeMoney(refund, payment);
  return {
    refund_id: refund.refundId,
    out_refund_no: refund.outRefundNo,
    transaction_id: payment.transactionId,
    out_trade_no: refund.outTradeNo,
    channel: 'ORIGINAL',
    user_received_account: receivedBy,
    create_time: beijingInstant(refund.createdAtMs),
    ...(refund.status === 'SUCCESS' && refund.finishedAtMs !== null
      ? { success_time: beijingInstant(refund.finishedAtMs) }
      : {}),
    status: refund.status,
    funds_account: 'AVAILABLE',
    amount: {
      ...money,
      settlement_refund: money.refund,
      settlement_total: money.total,
      discount_refund: 0,
      currency: payment.currency,
    },
  };
}

/** A refund as a notification tells it: another word for the status, no currency. */
export function describeRefundNotice(refund: Refund, payment: Payment, merchant: Merchant): object {
  return {
    mchid: merchant.merchantId,
    transaction_id: payment.transactionId,
    out_trade_no: refund.outTradeNo,
    refund_id: refund.refundId,
    out_refund_no: refund.outRefundNo,
    refund_status: refund.status,
    ...(refund.status === 'SUCCESS' && refund.finishedAtMs !== null
      ? { success_time: beijingInstant(refund.finishedAtMs) }
      : {}),
    user_received_account: receivedBy,
    amount: describeMoney(refund, payment),
  };
}

export function queryRefund(ledger: Ledger, outRefundNo: string): ApiAnswer {
  const refund = ledger.findRefund(outRefundNo);
  const payment = refund === undefined ? undefined : ledger.findPayment(refund.outTradeNo);
  if (refund === undefined || payment === undefined) return refusal(404, 'RESOURCE_NOT_EXISTS', '退款单不存在');
  return answer(describeRefund(refund, payment));
}
