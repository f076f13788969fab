import { z } from 'zod';
import { type ApiAnswer, done, invalidParameter, notExist, refuse } from './api-answer.ts';
import type { Ledger, Payment, Refund } from './ledger.ts';
import { readYuan, sum, writeYuan } from './money.ts';
import { endTrade, findTrade, logonIdOf, statusOf, totalFenOf } from './trade.ts';

/**
 * How a refund ends: `SUCCESS` at once; `LATER` moves nothing yet and is done by itself after a while; `FAILED` moves nothing and says so only by its
 * query; `REFUSED` is refused because the merchant's balance is too small.
 */
export const refundEndings = ['SUCCESS', 'LATER', 'FAILED', 'REFUSED'] as const;
export type RefundEnding = (typeof refundEndings)[number];

const refundContent = z.object({
  out_trade_no: z.string().max(64).optional(),
  trade_no: z.string().max(64).optional(),
  refund_amount: z.string(),
  refund_reason: z.string().max(256).optional(),
  out_request_no: z
    .string()
    .regex(/^[\w-]{1,64}$/)
    .optional(),
});

/** The answer, and the refund as it stands where this call has moved it. */
export type RefundAnswer = { readonly answer: ApiAnswer; readonly moved: Refund | null };

const refused = (answer: ApiAnswer): RefundAnswer => ({ answer, moved: null });

/** What has gone back of a trade. */
export const refundedFenOf = (ledger: Ledger, outTradeNo: string): number =>
  sum(
    ledger
      .refundsOf(outTradeNo)
      .filter(({ status }) => status === 'SUCCESS')
      .map(({ refundFen }) => refundFen),
  );

/**
 * Gives money back. The same number with the same amount is the same refund. Refusals in the order of checking: INVALID_PARAMETER, TRADE_NOT_EXIST,
 * DISCORDANT_REPEAT_REQUEST, TRADE_STATUS_ERROR, TRADE_HAS_FINISHED, REFUND_AMT_NOT_EQUAL_TOTAL, REASON_TRADE_REFUND_FEE_ERR,
 * SELLER_BALANCE_NOT_ENOUGH.
 */
export function giveBack(ledger: Ledger, content: unknown, nextEnding: () => RefundEnding): RefundAnswer {
  const parsed = refundContent.safeParse(content);
  const refundFen = parsed.success ? readYuan(parsed.data.refund_amount) : null;
  if (!parsed.success || refundFen === null || refundFen < 1) return refused(invalidParameter('refund_amount'));
  const payment = findTrade(ledger, parsed.data);
  if (payment === undefined) return refused(notExist);
  const outRequestNo = parsed.data.out_request_no ?? payment.trade.tradeNo;
  const before = ledger.findRefund(payment.outTradeNo, outRequestNo);
  if (before !== undefined && before.refundFen !== refundFen)
    return refused(refuse('ACQ.DISCORDANT_REPEAT_REQUEST', '不一致的请求'));
  if (before !== undefined && before.status !== 'FAILED')
    return { answer: answerOf(ledger, payment, 'N'), moved: null };
  const why = whyNotRefundable(ledger, payment, refundFen, parsed.data.out_request_no !== undefined);
  if (why !== null) return refused(why);
  const ending = nextEnding();
  if (ending === 'REFUSED') return refused(refuse('ACQ.SELLER_BALANCE_NOT_ENOUGH', '卖家余额不足'));
  const nowMs = ledger.timeline.now();
  const refund: Refund = {
    outRequestNo,
    outTradeNo: payment.outTradeNo,
    refundFen,
    createdAtMs: before?.createdAtMs ?? nowMs,
    finishedAtMs: null,
    status: 'PENDING',
  };
  ledger.saveRefund(refund);
  const moved = ending === 'LATER' ? refund : endRefund(ledger, refund, ending);
  return { answer: answerOf(ledger, payment, moved?.status === 'SUCCESS' ? 'Y' : 'N'), moved };
}

function whyNotRefundable(
  ledger: Ledger,
  payment: NonNullable<ReturnType<typeof findTrade>>,
  refundFen: number,
  isNumbered: boolean,
): ApiAnswer | null {
  const status = statusOf(payment.trade, ledger.timeline.now());
  if (status === 'TRADE_FINISHED') return refuse('ACQ.TRADE_HAS_FINISHED', '交易已完结');
  if (payment.trade.paidAtMs === null) return refuse('ACQ.TRADE_STATUS_ERROR', '交易状态不合法');
  const totalFen = totalFenOf(payment);
  if (!isNumbered && refundFen !== totalFen)
    return refuse('ACQ.REFUND_AMT_NOT_EQUAL_TOTAL', '撤销或退款金额与订单金额不一致');
  const live = ledger.refundsOf(payment.outTradeNo).filter((one) => one.status !== 'FAILED');
  return sum(live.map((one) => one.refundFen)) + refundFen > totalFen
    ? refuse('ACQ.REASON_TRADE_REFUND_FEE_ERR', '退款金额无效')
    : null;
}

/** Ends a refund that is under way, or did not succeed before; null where it has. A trade of which nothing is left is closed. */
export function endRefund(
  ledger: Ledger,
  { outTradeNo, outRequestNo }: Refund,
  ending: 'SUCCESS' | 'FAILED',
): Refund | null {
  const refund = ledger.findRefund(outTradeNo, outRequestNo);
  const payment = ledger.findPayment(outTradeNo);
  if (refund === undefined || refund.status === 'SUCCESS' || payment === undefined || payment.trade === null)
    return null;
  const nowMs = ledger.timeline.now();
  const ended: Refund = { ...refund, status: ending, finishedAtMs: nowMs };
  ledger.saveRefund(ended);
  if (refundedFenOf(ledger, outTradeNo) >= totalFenOf(payment))
    ledger.savePayment({ ...payment, trade: { ...payment.trade, status: 'TRADE_CLOSED', closedAtMs: nowMs } });
  return ended;
}

/** `refund_fee` is what has gone back in all, not by this call. */
function answerOf(ledger: Ledger, payment: NonNullable<ReturnType<typeof findTrade>>, moved: 'Y' | 'N'): ApiAnswer {
  const { tradeNo, buyerId } = payment.trade;
  return done({
    trade_no: tradeNo,
    out_trade_no: payment.outTradeNo,
    buyer_logon_id: logonIdOf(buyerId),
    buyer_user_id: buyerId,
    fund_change: moved,
    refund_fee: writeYuan(refundedFenOf(ledger, payment.outTradeNo)),
  });
}

/** Of a refund that Alipay does not know, or that has not succeeded, it says nothing: an answer without a status. */
export function queryRefund(
  ledger: Ledger,
  named: { readonly out_trade_no?: string | undefined; readonly trade_no?: string | undefined },
  outRequestNo: string,
): ApiAnswer {
  const payment = findTrade(ledger, named);
  if (payment === undefined) return notExist;
  const refund = ledger.findRefund(payment.outTradeNo, outRequestNo);
  if (refund === undefined) return done({});
  return done({
    trade_no: payment.trade.tradeNo,
    out_trade_no: payment.outTradeNo,
    out_request_no: refund.outRequestNo,
    total_amount: writeYuan(totalFenOf(payment)),
    refund_amount: writeYuan(refund.refundFen),
    ...(refund.status === 'SUCCESS' ? { refund_status: 'REFUND_SUCCESS' } : {}),
  });
}

/** The answer, the trade where it was closed by this, and the refund where money went back by this. */
export type CancelAnswer = RefundAnswer & { readonly closed: Payment | null };

/** Makes undone whatever there is: nothing, a trade that waits, or one that was paid, whose money goes back. */
export function cancelTrade(ledger: Ledger, named: Parameters<typeof findTrade>[1]): CancelAnswer {
  const outTradeNo = named.out_trade_no ?? '';
  const payment = findTrade(ledger, named);
  if (payment === undefined)
    return { answer: done({ out_trade_no: outTradeNo, retry_flag: 'N' }), closed: null, moved: null };
  const undone = (action: Readonly<Record<string, string>>): ApiAnswer =>
    done({ trade_no: payment.trade.tradeNo, out_trade_no: payment.outTradeNo, retry_flag: 'N', ...action });
  const closed = endTrade(ledger, payment);
  if (closed !== null) return { answer: undone({ action: 'close' }), closed, moved: null };
  const leftFen = totalFenOf(payment) - refundedFenOf(ledger, payment.outTradeNo);
  if (payment.trade.status === 'TRADE_CLOSED' || leftFen <= 0) return { answer: undone({}), closed: null, moved: null };
  if (statusOf(payment.trade, ledger.timeline.now()) === 'TRADE_FINISHED')
    return { answer: refuse('ACQ.TRADE_HAS_FINISHED', '交易已完结'), closed: null, moved: null };
  const rest = {
    out_trade_no: payment.outTradeNo,
    refund_amount: writeYuan(leftFen),
    out_request_no: payment.trade.tradeNo,
  };
  const { moved } = giveBack(ledger, rest, () => 'SUCCESS');
  return { answer: undone({ action: 'refund' }), closed: null, moved };
}
