import { z } from 'zod';
import type { Random } from '../../base/random.ts';
import { beijingDigits, beijingPlain } from '../service/beijing.ts';
import type { NewNotice } from '../service/notice.ts';
import { randomDigits } from '../service/random-text.ts';
import type { Credentials } from './credentials.ts';
import type { Payment, Refund, Trade } from './ledger.ts';
import { writeYuan } from './money.ts';
import { logonIdOf, statusOf, totalFenOf } from './trade.ts';

/** The fields of one notification that stay the same over all its tries; time and signature are each delivery's own. */
export const noticeFields = z.record(z.string(), z.string());

/** What a refund adds: the sum of all that went back, and whose turn it was. */
export type GivenBack = { readonly refund: Refund; readonly refundedFen: number };

export type NoticeWish = {
  readonly payment: Payment & { readonly trade: Trade };
  readonly givenBack: GivenBack | null;
  readonly nowMs: number;
  readonly random: Random;
};

/** A notice of a trade as it stands now. */
export function writeNotice(
  { payment, givenBack, nowMs, random }: NoticeWish,
  { appId, sellerId }: Pick<Credentials, 'appId' | 'sellerId'>,
  url: string,
): NewNotice {
  const { trade, claims } = payment;
  const id = `${beijingDigits(nowMs).slice(0, 8)}00222${randomDigits(random, 21)}`;
  const total = writeYuan(totalFenOf(payment));
  const status = statusOf(trade, nowMs);
  const app = claims.appId ?? appId;
  const fields = {
    notify_id: id,
    notify_type: 'trade_status_sync',
    charset: 'utf-8',
    version: '1.0',
    app_id: app,
    auth_app_id: app,
    seller_id: claims.sellerId ?? sellerId,
    seller_email: 'station@example.com',
    buyer_id: trade.buyerId,
    buyer_logon_id: logonIdOf(trade.buyerId),
    out_trade_no: payment.outTradeNo,
    trade_no: trade.tradeNo,
    trade_status: status,
    subject: payment.subject,
    total_amount: total,
    gmt_create: beijingPlain(trade.createdAtMs),
    ...(trade.paidAtMs === null ? {} : paidFields(total, trade.paidAtMs)),
    ...(trade.closedAtMs === null ? {} : { gmt_close: beijingPlain(trade.closedAtMs) }),
    ...(givenBack === null ? {} : refundFields(givenBack, nowMs)),
  };
  const event = givenBack === null ? status : 'REFUND';
  return { id, about: givenBack?.refund.outRequestNo ?? payment.outTradeNo, event, url, body: JSON.stringify(fields) };
}

const paidFields = (total: string, paidAtMs: number) => ({
  receipt_amount: total,
  buyer_pay_amount: total,
  invoice_amount: total,
  point_amount: '0.00',
  fund_bill_list: JSON.stringify([{ amount: total, fundChannel: 'ALIPAYACCOUNT' }]),
  gmt_payment: beijingPlain(paidAtMs),
});

const refundFields = ({ refund, refundedFen }: GivenBack, nowMs: number) => ({
  refund_fee: writeYuan(refundedFen),
  send_back_fee: writeYuan(refund.refundFen),
  out_biz_no: refund.outRequestNo,
  gmt_refund: `${beijingPlain(refund.finishedAtMs ?? nowMs)}.000`,
});
