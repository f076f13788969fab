import { createHash } from 'node:crypto';
import { dayMs, hourMs, minuteMs } from '../../base/clock.ts';
import { type ApiAnswer, answer, refusal } from './api-answer.ts';
import { beijingDay, beijingPlain } from '../service/beijing.ts';
import { type Ledger, type Payment, type Refund } from './ledger.ts';
import { randomHex } from '../service/random-text.ts';
import type { Merchant } from './pay.ts';

const readyAfterMs = dayMs + 10 * hourMs;
const keptMs = 92 * dayMs;
const addressLivesMs = 5 * minuteMs;
const addressesMax = 1000;
/** What the service keeps of each payment, in hundredths of a percent. */
const feeBasisPoints = 60;

const columns =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注';
const summaryColumns = '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额';

const yuan = (fen: number): string =>
  `${fen < 0 ? '-' : ''}${Math.floor(Math.abs(fen) / 100)}.${String(Math.abs(fen) % 100).padStart(2, '0')}`;
const feeYuan = (fen: number): string => `${yuan(fen)}000`;
const feeOf = (fen: number): number => Math.round((fen * feeBasisPoints) / 10_000);
const join = (fields: readonly string[]): string => fields.map((field) => `\`${field}`).join(',');
const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

function paymentLine(payment: Payment, merchant: Merchant): string {
  const total = payment.claims.totalFen ?? payment.totalFen;
  const rate = `${feeBasisPoints / 100}%`;
  const trade = [payment.tradeType, 'SUCCESS', 'OTHERS', payment.currency, yuan(total), '0.00'];
  return join([
    ...lineHead(payment, payment.paidAtMs ?? 0, merchant),
    ...trade,
    '0',
    '0',
    '0.00',
    '0.00',
    '',
    '',
    ...lineGoods(payment),
    feeYuan(feeOf(total)),
    rate,
    yuan(total),
    '0.00',
    '',
  ]);
}

function refundLine(refund: Refund, payment: Payment, merchant: Merchant): string {
  const trade = [payment.tradeType, 'REFUND', 'OTHERS', payment.currency, '0.00', '0.00'];
  const back = [refund.refundId, refund.outRefundNo, yuan(refund.refundFen), '0.00', 'ORIGINAL', refund.status];
  const fee = feeYuan(0 - feeOf(refund.refundFen));
  return join([
    ...lineHead(payment, refund.createdAtMs, merchant),
    ...trade,
    ...back,
    ...lineGoods(payment),
    fee,
    `${feeBasisPoints / 100}%`,
    '0.00',
    yuan(refund.refundFen),
    '',
  ]);
}

const lineHead = (payment: Payment, atMs: number, merchant: Merchant): string[] => [
  beijingPlain(atMs),
  merchant.appId,
  merchant.merchantId,
  '0',
  '',
  payment.transactionId ?? '',
  payment.outTradeNo,
  payment.openid ?? '',
];

const lineGoods = (payment: Payment): string[] => [payment.description, ''];

/** The trade bill of one day in Beijing: UTF-8 with a byte order mark, back-ticked fields, yuan. Null for a day without trade. */
export function writeBill(ledger: Ledger, day: string, merchant: Merchant): Buffer | null {
  const payments = ledger.listPayments().filter((one) => one.paidAtMs !== null && beijingDay(one.paidAtMs) === day);
  const refunds = ledger.listRefunds().filter((one) => beijingDay(one.createdAtMs) === day && one.status !== 'CLOSED');
  if (payments.length + refunds.length === 0) return null;
  const totals = payments.map((one) => one.claims.totalFen ?? one.totalFen);
  const backs = refunds.map((one) => one.refundFen);
  const fees = sum(totals.map(feeOf)) - sum(backs.map(feeOf));
  const lines = [
    ...payments.map((one) => paymentLine(one, merchant)),
    ...refunds.flatMap((refund) => {
      const payment = ledger.findPayment(refund.outTradeNo);
      return payment === undefined ? [] : [refundLine(refund, payment, merchant)];
    }),
  ];
  const summary = join([
    String(lines.length),
    yuan(sum(totals)),
    yuan(sum(backs)),
    '0.00',
    feeYuan(fees),
    yuan(sum(totals)),
    yuan(sum(backs)),
  ]);
  return Buffer.from(`\uFEFF${[columns, ...lines, summaryColumns, summary].join('\r\n')}\r\n`);
}

export type Bills = {
  /** Answers a bill request with the file's address and SHA-1. */
  order(day: string | null, origin: string): ApiAnswer;
  fetch(token: string | null): ApiAnswer;
};

/** `atOnce` gives today's bill too, which the real service has only after ten the next morning. */
export function createBills(ledger: Ledger, merchant: Merchant, atOnce: boolean): Bills {
  const addresses = new Map<string, { readonly file: Buffer; readonly diesMs: number }>();
  return {
    order(day, origin) {
      const nowMs = ledger.timeline.now();
      const dayStartMs = /^\d{4}-\d\d-\d\d$/.test(day ?? '') ? Date.parse(`${day}T00:00:00+08:00`) : Number.NaN;
      if (day === null || Number.isNaN(dayStartMs)) return refusal(400, 'PARAM_ERROR', '参数错误: bill_date');
      if (nowMs - dayStartMs > keptMs) return refusal(400, 'INVALID_REQUEST', '账单日期超过三个月');
      if (!atOnce && nowMs < dayStartMs + readyAfterMs)
        return refusal(400, 'STATEMENT_CREATING', '账单生成中，请于次日10点后再试');
      const file = writeBill(ledger, day, merchant);
      if (file === null) return refusal(400, 'NO_STATEMENT_EXIST', '账单文件不存在');
      const token = randomHex(ledger.random, 24);
      addresses.set(token, { file, diesMs: nowMs + addressLivesMs });
      for (const [old, { diesMs }] of addresses)
        if (diesMs < nowMs || addresses.size > addressesMax) addresses.delete(old);
      const sha1 = createHash('sha1').update(file).digest('hex');
      return answer({
        hash_type: 'SHA1',
        hash_value: sha1,
        download_url: `${origin}/v3/billdownload/file?token=${token}`,
      });
    },
    fetch(token) {
      const address = addresses.get(token ?? '');
      if (address === undefined || address.diesMs < ledger.timeline.now())
        return refusal(400, 'INVALID_REQUEST', '下载地址已失效');
      return { status: 200, body: undefined, file: address.file };
    },
  };
}
