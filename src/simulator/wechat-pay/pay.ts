import { type ApiAnswer, answer, noContent, refusal } from './api-answer.ts';
import { beijingInstant } from '../service/beijing.ts';
import { type Claims, type Ledger, type Payment } from './ledger.ts';
import { randomDigits } from '../service/random-text.ts';

export type PayRefusal = 'payment_unknown' | 'already_paid' | 'payment_closed' | 'link_expired' | 'past_time_expire';
export type PayOutcome =
  | { readonly kind: 'paid'; readonly payment: Payment }
  | { readonly kind: 'refused'; readonly reason: PayRefusal };

export type PayWish = {
  /** Pays although link or time_expire have run out, or after a close: money that came late. Never twice. */
  readonly evenIfLate?: boolean;
  readonly claims?: Claims;
};

/** Why this payment cannot be paid now, in the order of checking, or null. */
export function whyNotPayable(payment: Payment | undefined, nowMs: number, evenIfLate = false): PayRefusal | null {
  if (payment === undefined) return 'payment_unknown';
  if (payment.state === 'SUCCESS' || payment.state === 'REFUND') return 'already_paid';
  if (evenIfLate) return null;
  if (payment.state === 'CLOSED') return 'payment_closed';
  if (nowMs > payment.lastPayableMs) return 'past_time_expire';
  return nowMs > payment.linkDiesMs ? 'link_expired' : null;
}

/** The payer confirms. */
export function payOrder(ledger: Ledger, payment: Payment | undefined, wish: PayWish = {}): PayOutcome {
  const nowMs = ledger.timeline.now();
  const reason = whyNotPayable(payment, nowMs, wish.evenIfLate);
  if (payment === undefined || reason !== null) return { kind: 'refused', reason: reason ?? 'payment_unknown' };
  const paid: Payment = {
    ...payment,
    state: 'SUCCESS',
    transactionId: `42000${randomDigits(ledger.random, 23)}`,
    paidAtMs: nowMs,
    openid: payment.openid ?? `o${randomDigits(ledger.random, 27)}`,
    claims: wish.claims ?? {},
  };
  ledger.savePayment(paid);
  return { kind: 'paid', payment: paid };
}

/** The payer turns away. The order stays payable, as it does in reality. */
export function declineOrder(ledger: Ledger, payment: Payment | undefined): boolean {
  if (payment?.state !== 'NOTPAY') return false;
  ledger.savePayment({ ...payment, declinedAtMs: ledger.timeline.now() });
  return true;
}

export type Merchant = { readonly merchantId: string; readonly appId: string };

const stateTexts = { NOTPAY: '订单未支付', SUCCESS: '支付成功', REFUND: '转入退款', CLOSED: '订单已关闭' } as const;

/** A transaction as query and notification tell it. */
export function describePayment(payment: Payment, merchant: Merchant): object {
  const { claims } = payment;
  const total = claims.totalFen ?? payment.totalFen;
  const currency = claims.currency ?? payment.currency;
  const paid = payment.paidAtMs !== null;
  return {
    mchid: claims.mchid ?? merchant.merchantId,
    appid: claims.appid ?? merchant.appId,
    out_trade_no: payment.outTradeNo,
    trade_state: payment.state,
    trade_state_desc: stateTexts[payment.state],
    trade_type: payment.tradeType,
    attach: '',
    ...(payment.transactionId === null ? {} : { transaction_id: payment.transactionId }),
    ...(payment.paidAtMs === null ? {} : { bank_type: 'OTHERS', success_time: beijingInstant(payment.paidAtMs) }),
    payer: paid ? { openid: payment.openid } : {},
    amount: { total, currency, ...(paid ? { payer_total: total, payer_currency: currency } : {}) },
  };
}

export function queryPayment(payment: Payment | undefined, mchid: string | null, merchant: Merchant): ApiAnswer {
  if (mchid !== merchant.merchantId) return refusal(400, 'PARAM_ERROR', '参数错误: mchid');
  return payment === undefined
    ? refusal(404, 'ORDER_NOT_EXIST', '订单不存在')
    : answer(describePayment(payment, merchant));
}

/** Only a close makes a link void for good. */
export function closePayment(
  ledger: Ledger,
  payment: Payment | undefined,
  mchid: unknown,
  merchant: Merchant,
): ApiAnswer {
  if (mchid !== merchant.merchantId) return refusal(400, 'PARAM_ERROR', '参数错误: mchid');
  if (payment === undefined) return refusal(404, 'ORDER_NOT_EXIST', '订单不存在');
  if (payment.state === 'CLOSED') return refusal(400, 'ORDER_CLOSED', '订单已关闭');
  if (payment.state !== 'NOTPAY') return refusal(400, 'ORDERPAID', '订单已支付');
  ledger.savePayment({ ...payment, state: 'CLOSED' });
  return noContent;
}
