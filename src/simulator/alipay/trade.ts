import { dayMs } from '../../base/clock.ts';
import { beijingDigits, beijingPlain } from '../service/beijing.ts';
import { randomDigits } from '../service/random-text.ts';
import { type ApiAnswer, done, notExist, refuse } from './api-answer.ts';
import type { Claims, Ledger, Payment, Trade } from './ledger.ts';
import { writeYuan } from './money.ts';

/** So long after it was paid a trade can be given back; then it is finished. */
export const refundableMs = 365 * dayMs;

export type PayRefusal = 'payment_unknown' | 'already_paid' | 'payment_closed' | 'past_time_expire';
export type PayOutcome =
  | { readonly kind: 'paid'; readonly payment: Payment }
  | { readonly kind: 'refused'; readonly reason: PayRefusal };

export type PayWish = {
  /** Pays although the time has run out, or after a close: money that came late. Never twice. */
  readonly evenIfLate?: boolean;
  readonly claims?: Claims;
};

/** Why this payment cannot be paid now, in the order of checking, or null. */
export function whyNotPayable(payment: Payment | undefined, nowMs: number, evenIfLate = false): PayRefusal | null {
  if (payment === undefined) return 'payment_unknown';
  if ((payment.trade?.paidAtMs ?? null) !== null) return 'already_paid';
  if (evenIfLate) return null;
  if (payment.trade?.status === 'TRADE_CLOSED') return 'payment_closed';
  return nowMs > payment.lastPayableMs ? 'past_time_expire' : null;
}

/** The payer scans the code, or signs in on the page: from now on there is a trade. Null where it cannot be paid any more. */
export function beginTrade(ledger: Ledger, payment: Payment | undefined, evenIfLate = false): Payment | null {
  const nowMs = ledger.timeline.now();
  if (payment === undefined || whyNotPayable(payment, nowMs, evenIfLate) !== null) return null;
  if (payment.trade !== null) return payment;
  const buyerId = `2088${randomDigits(ledger.random, 12)}`;
  const tradeNo = `${beijingDigits(nowMs).slice(0, 8)}22001${randomDigits(ledger.random, 15)}`;
  const trade: Trade = {
    tradeNo,
    status: 'WAIT_BUYER_PAY',
    buyerId,
    createdAtMs: nowMs,
    paidAtMs: null,
    closedAtMs: null,
  };
  const begun: Payment = { ...payment, trade };
  ledger.savePayment(begun);
  return begun;
}

/** The payer confirms; scanning and signing in are part of it where they have not been done. */
export function payTrade(ledger: Ledger, payment: Payment | undefined, wish: PayWish = {}): PayOutcome {
  const nowMs = ledger.timeline.now();
  const reason = whyNotPayable(payment, nowMs, wish.evenIfLate);
  const begun = beginTrade(ledger, payment, wish.evenIfLate);
  if (begun === null || begun.trade === null) return { kind: 'refused', reason: reason ?? 'payment_unknown' };
  const paid: Payment = {
    ...begun,
    trade: { ...begun.trade, status: 'TRADE_SUCCESS', paidAtMs: nowMs, closedAtMs: null },
    claims: wish.claims ?? {},
  };
  ledger.savePayment(paid);
  return { kind: 'paid', payment: paid };
}

/** The payer turns away. The trade stays payable, as it does in reality. */
export function declineTrade(ledger: Ledger, payment: Payment | undefined): boolean {
  if (payment === undefined || whyNotPayable(payment, ledger.timeline.now()) !== null) return false;
  ledger.savePayment({ ...payment, declinedAtMs: ledger.timeline.now() });
  return true;
}

/** Ends a trade that waits for its payer; null where none does. */
export function endTrade(ledger: Ledger, payment: Payment | undefined): Payment | null {
  if (payment?.trade?.status !== 'WAIT_BUYER_PAY') return null;
  const ended: Payment = {
    ...payment,
    trade: { ...payment.trade, status: 'TRADE_CLOSED', closedAtMs: ledger.timeline.now() },
  };
  ledger.savePayment(ended);
  return ended;
}

export const totalFenOf = (payment: Payment): number => payment.claims.totalFen ?? payment.totalFen;

/** TRADE_FINISHED is a trade that was paid and has grown too old to be given back. */
export const statusOf = (trade: Trade, nowMs: number): Trade['status'] | 'TRADE_FINISHED' =>
  trade.status === 'TRADE_SUCCESS' && nowMs > (trade.paidAtMs ?? 0) + refundableMs ? 'TRADE_FINISHED' : trade.status;

export const logonIdOf = (buyerId: string): string => `${buyerId.slice(4, 7)}***@example.com`;

/** By `trade_no`, which wins, or `out_trade_no`. Undefined where there is no trade (yet). */
export function findTrade(
  ledger: Ledger,
  named: { readonly out_trade_no?: string | undefined; readonly trade_no?: string | undefined },
): (Payment & { readonly trade: Trade }) | undefined {
  const { out_trade_no: outTradeNo = '', trade_no: tradeNo = '' } = named;
  const payment = tradeNo === '' ? ledger.findPayment(outTradeNo) : ledger.findByTradeNo(tradeNo);
  return payment === undefined || payment.trade === null ? undefined : { ...payment, trade: payment.trade };
}

export function queryTrade(ledger: Ledger, named: Parameters<typeof findTrade>[1]): ApiAnswer {
  const payment = findTrade(ledger, named);
  if (payment === undefined) return notExist;
  const { trade } = payment;
  const total = writeYuan(totalFenOf(payment));
  const received = trade.status === 'TRADE_SUCCESS' ? total : '0.00';
  return done({
    trade_no: trade.tradeNo,
    out_trade_no: payment.outTradeNo,
    trade_status: statusOf(trade, ledger.timeline.now()),
    total_amount: total,
    receipt_amount: received,
    buyer_pay_amount: received,
    invoice_amount: received,
    point_amount: '0.00',
    buyer_logon_id: logonIdOf(trade.buyerId),
    buyer_user_id: trade.buyerId,
    buyer_user_type: 'PRIVATE',
    ...(trade.paidAtMs === null ? {} : { send_pay_date: beijingPlain(trade.paidAtMs) }),
  });
}

/** The answer, and the trade where it was closed by this. */
export function closeTrade(
  ledger: Ledger,
  named: Parameters<typeof findTrade>[1],
): { readonly answer: ApiAnswer; readonly closed: Payment | null } {
  const payment = findTrade(ledger, named);
  if (payment === undefined) return { answer: notExist, closed: null };
  const closed = endTrade(ledger, payment);
  if (closed === null) return { answer: refuse('ACQ.TRADE_STATUS_ERROR', '交易状态不合法'), closed: null };
  return { answer: done({ trade_no: payment.trade.tradeNo, out_trade_no: payment.outTradeNo }), closed };
}
