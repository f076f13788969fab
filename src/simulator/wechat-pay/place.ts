import { isIP } from 'node:net';
import { z } from 'zod';
import { dayMs, hourMs, minuteMs } from '../../base/clock.ts';
import { type ApiAnswer, answer, refusal } from './api-answer.ts';
import { beijingDigits } from '../service/beijing.ts';
import { canonicalText } from '../service/canonical.ts';
import { type Ledger, type Payment } from './ledger.ts';
import { randomDigits, randomHex } from '../service/random-text.ts';

const h5UrlLivesMs = 5 * minuteMs;
const codeLivesMs = 2 * hourMs;
const payableMs = 7 * dayMs;
const soonestExpiryMs = minuteMs;

export type TradePath = 'h5' | 'jsapi' | 'native';
const tradeTypes = { h5: 'MWEB', jsapi: 'JSAPI', native: 'NATIVE' } as const;

const loopbackHosts = ['127.0.0.1', 'localhost', '[::1]'];

/** The real service takes public https only; here plain http on the machine itself passes too. A query string is refused by both. */
export function isNotifyUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.search !== '' || text.includes('?') || url.hash !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopbackHosts.includes(url.hostname));
}

const orderBody = z.object({
  appid: z.string().min(1).max(32),
  mchid: z.string().min(1).max(32),
  description: z.string().min(1).max(127),
  out_trade_no: z.string().regex(/^[0-9A-Za-z_\-|*]{6,32}$/),
  time_expire: z.iso.datetime({ offset: true }).optional(),
  notify_url: z.string().max(255).refine(isNotifyUrl),
  amount: z.object({ total: z.int().min(1).max(10_000_000_000), currency: z.literal('CNY').default('CNY') }),
  payer: z.object({ openid: z.string().min(1).max(128) }).optional(),
  scene_info: z
    .object({
      payer_client_ip: z.string().refine((text) => isIP(text) !== 0),
      h5_info: z.object({ type: z.string().min(1) }).optional(),
    })
    .optional(),
});

export type PlaceSettings = { readonly merchantId: string; readonly appId: string; readonly cashierUrl: string };

/**
 * One of the three order calls. The same number again needs the same parameters, gives a fresh link and makes the old one void; refusals
 * in the order of checking: PARAM_ERROR, APPID_MCHID_NOT_MATCH, OUT_TRADE_NO_USED, ORDERPAID, ORDER_CLOSED.
 */
export function placeOrder(ledger: Ledger, settings: PlaceSettings, path: TradePath, body: unknown): ApiAnswer {
  const parsed = orderBody.safeParse(body);
  if (!parsed.success) return refusal(400, 'PARAM_ERROR', `参数错误: ${parsed.error.issues[0]?.path.join('.') ?? ''}`);
  const order = parsed.data;
  if (path === 'jsapi' && order.payer === undefined) return refusal(400, 'PARAM_ERROR', '参数错误: payer.openid');
  if (path === 'h5' && order.scene_info?.h5_info === undefined)
    return refusal(400, 'PARAM_ERROR', '参数错误: scene_info.h5_info');
  if (order.mchid !== settings.merchantId || order.appid !== settings.appId) {
    return refusal(400, 'APPID_MCHID_NOT_MATCH', 'appid和mchid不匹配');
  }
  const nowMs = ledger.timeline.now();
  const parameters = canonicalText({ path, body });
  const before = ledger.findPayment(order.out_trade_no);
  if (before !== undefined && before.parameters !== parameters)
    return refusal(403, 'OUT_TRADE_NO_USED', '商户订单号重复');
  if (before?.state === 'SUCCESS' || before?.state === 'REFUND') return refusal(403, 'ORDERPAID', '订单已支付');
  if (before?.state === 'CLOSED') return refusal(400, 'ORDER_CLOSED', '订单已关闭');
  const lastPayableMs = order.time_expire === undefined ? nowMs + payableMs : Date.parse(order.time_expire);
  if (before === undefined && lastPayableMs < nowMs + soonestExpiryMs)
    return refusal(400, 'PARAM_ERROR', '参数错误: time_expire');
  const payment: Payment = {
    outTradeNo: order.out_trade_no,
    tradeType: tradeTypes[path],
    description: order.description,
    totalFen: order.amount.total,
    currency: order.amount.currency,
    notifyUrl: order.notify_url,
    openid: order.payer?.openid ?? null,
    parameters,
    createdAtMs: before?.createdAtMs ?? nowMs,
    lastPayableMs: before?.lastPayableMs ?? lastPayableMs,
    ...makeLink(ledger, settings, path),
    state: 'NOTPAY',
    transactionId: null,
    paidAtMs: null,
    declinedAtMs: null,
    claims: {},
  };
  ledger.savePayment(payment);
  return answer(
    path === 'h5'
      ? { h5_url: payment.link }
      : path === 'native'
        ? { code_url: payment.link }
        : { prepay_id: payment.prepayId },
  );
}

function makeLink(
  ledger: Ledger,
  settings: PlaceSettings,
  path: TradePath,
): Pick<Payment, 'prepayId' | 'link' | 'linkDiesMs'> {
  const nowMs = ledger.timeline.now();
  const prepayId = `wx${beijingDigits(nowMs)}${randomHex(ledger.random, 10)}`;
  const links = {
    h5: `${settings.cashierUrl}/checkmweb?prepay_id=${prepayId}&package=${randomDigits(ledger.random, 9)}`,
    native: `weixin://wxpay/bizpayurl?pr=${randomHex(ledger.random, 4)}zz`,
    jsapi: prepayId,
  };
  return { prepayId, link: links[path], linkDiesMs: nowMs + (path === 'h5' ? h5UrlLivesMs : codeLivesMs) };
}
