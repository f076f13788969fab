import { z } from 'zod';
import { dayMs, hourMs } from '../../base/clock.ts';
import { canonicalText } from '../service/canonical.ts';
import { randomHex } from '../service/random-text.ts';
import { type ApiAnswer, done, invalidParameter, refuse } from './api-answer.ts';
import type { Ledger, Payment } from './ledger.ts';
import { readYuan } from './money.ts';

/** A code that nobody has scanned lives so long; a page may wait for its payer longer. */
const codeLivesMs = 2 * hourMs;
const pageLivesMs = 15 * dayMs;

const loopbackHosts = ['127.0.0.1', 'localhost', '[::1]'];

/** The real service takes public addresses only; here plain http on the machine itself passes too. A query string is refused by both. */
function isNotifyUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (text.includes('?') || url.hash !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopbackHosts.includes(url.hostname));
}

const time = z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?$/);
const webAddress = z.string().max(256);

const orderContent = z.object({
  out_trade_no: z.string().regex(/^[A-Za-z0-9_]{1,64}$/),
  total_amount: z.string().refine((text) => (readYuan(text) ?? 0) >= 1),
  subject: z
    .string()
    .min(1)
    .max(256)
    .regex(/^[^/=&]*$/),
  time_expire: time.optional(),
  product_code: z.string().max(64).optional(),
  quit_url: webAddress.optional(),
  notify_url: webAddress.refine(isNotifyUrl).optional(),
});

/** An order as it came in, from whichever version of the API. `surroundings` stood around the order's own content. */
export type PlacedOrder = {
  readonly surface: Payment['surface'];
  readonly content: unknown;
  readonly surroundings: { readonly notify_url?: string; readonly return_url?: string };
};

export type Placed = { readonly answer: ApiAnswer; readonly payment: Payment | null };

/**
 * Takes an order in. Without a trade the same number may be ordered again in any way; with one it must be the same order, and one that still waits.
 * Refusals in the order of checking: INVALID_PARAMETER, TRADE_HAS_SUCCESS, TRADE_HAS_CLOSE, CONTEXT_INCONSISTENT.
 */
export function placeOrder(ledger: Ledger, order: PlacedOrder): Placed {
  const refused = (answer: ApiAnswer): Placed => ({ answer, payment: null });
  const { notify_url: aroundNotify, return_url: returnUrl } = order.surroundings;
  const parsed = orderContent.safeParse(order.content);
  if (!parsed.success) return refused(invalidParameter(parsed.error.issues[0]?.path.join('.') ?? 'biz_content'));
  if (aroundNotify !== undefined && !isNotifyUrl(aroundNotify)) return refused(invalidParameter('notify_url'));
  const content = parsed.data;
  const nowMs = ledger.timeline.now();
  const lastPayableMs = lastMomentOf(content.time_expire, order.surface, nowMs);
  const before = ledger.findPayment(content.out_trade_no);
  const parameters = canonicalText({ surface: order.surface, content, ...order.surroundings });
  const why = whyNotAgain(before, parameters);
  if (why !== null) return refused(why);
  if (before === undefined && !(lastPayableMs > nowMs)) return refused(invalidParameter('time_expire'));
  const isSame = before !== undefined && before.parameters === parameters;
  const payment: Payment = isSame
    ? before
    : {
        outTradeNo: content.out_trade_no,
        surface: order.surface,
        subject: content.subject,
        totalFen: readYuan(content.total_amount) ?? 0,
        notifyUrl: content.notify_url ?? aroundNotify ?? null,
        returnUrl: returnUrl ?? null,
        quitUrl: content.quit_url ?? null,
        parameters,
        token: `ba${randomHex(ledger.random, 10)}`,
        placedAtMs: nowMs,
        lastPayableMs,
        trade: null,
        declinedAtMs: null,
        claims: {},
      };
  if (!isSame) ledger.savePayment(payment);
  return { answer: done({ out_trade_no: payment.outTradeNo }), payment };
}

function lastMomentOf(timeExpire: string | undefined, surface: Payment['surface'], nowMs: number): number {
  const longestMs = nowMs + (surface === 'QR' ? codeLivesMs : pageLivesMs);
  if (timeExpire === undefined) return longestMs;
  return Math.min(longestMs, Date.parse(`${timeExpire.replace(' ', 'T')}+08:00`));
}

function whyNotAgain(before: Payment | undefined, parameters: string): ApiAnswer | null {
  switch (before?.trade?.status) {
    case 'TRADE_SUCCESS':
      return refuse('ACQ.TRADE_HAS_SUCCESS', '交易已被支付');
    case 'TRADE_CLOSED':
      return refuse('ACQ.TRADE_HAS_CLOSE', '交易已经关闭');
    case 'WAIT_BUYER_PAY':
      return before?.parameters === parameters ? null : refuse('ACQ.CONTEXT_INCONSISTENT', '交易信息被篡改');
    default:
      return null;
  }
}
