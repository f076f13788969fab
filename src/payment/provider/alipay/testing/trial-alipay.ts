import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { systemRandom } from '../../../../base/random.ts';
import { formatBeijingPlain } from '../../beijing-time.ts';
import type { Fields, RawNotification } from '../../provider.ts';
import { type AlipayOptions, createAlipay } from '../alipay.ts';
import { canonicalText } from '../parameters.ts';

/** An app and an Alipay made for tests; the keys are made once a process. */
const app = generateKeyPairSync('rsa', { modulusLength: 2048 });
const alipay = generateKeyPairSync('rsa', { modulusLength: 2048 });

const der = (key: KeyObject, type: 'spki' | 'pkcs8' | 'pkcs1'): string => {
  const bytes = type === 'spki' ? key.export({ type, format: 'der' }) : key.export({ type: type, format: 'der' });
  return bytes.toString('base64');
};

export const trialKeys = {
  app,
  alipay,
  appPrivateKey: der(app.privateKey, 'pkcs8'),
  appPublicKey: der(app.publicKey, 'spki'),
  alipayPublicKey: der(alipay.publicKey, 'spki'),
  alipayPrivateKey: der(alipay.privateKey, 'pkcs8'),
  base64Of: der,
};

export const trialNowMs = Date.parse('2026-11-02T04:00:00.000Z');
export const trialApp = { appId: '2021000122671080', sellerId: '2088531891668739' } as const;
export const trialRef = '00001A0KQ3X7V9M2ABCDEFGH01';

export const rsa2 = (text: string, key: KeyObject = alipay.privateKey): string =>
  sign('RSA-SHA256', Buffer.from(text), key).toString('base64');

/** The headers that Alipay puts on an answer, and its body. */
export function signedAnswer(body: unknown, status = 200, changes: Fields = {}): Response {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const timestamp = changes['alipay-timestamp'] ?? String(trialNowMs);
  const headers = {
    'alipay-timestamp': timestamp,
    'alipay-nonce': 'n0nce',
    'alipay-signature': rsa2(`${timestamp}\nn0nce\n${text}\n`),
    'alipay-trace-id': 'trace-1',
    ...changes,
  };
  return new Response(text, { status, headers });
}

export type SentCall = { readonly url: string; readonly init: RequestInit };

/** Our client, whose calls go nowhere: each is kept, and gets the next of these answers. */
export const clientWithAnswers = (...answers: readonly (Response | Error)[]) => clientWith({}, ...answers);

/** The same, opened with other options. */
export function clientWith(changes: Partial<AlipayOptions>, ...answers: readonly (Response | Error)[]) {
  const waiting = [...answers];
  const sent: SentCall[] = [];
  const client = createAlipay({
    ...trialApp,
    appPrivateKey: trialKeys.appPrivateKey,
    alipayPublicKeys: trialKeys.alipayPublicKey,
    baseUrl: 'https://openapi.alipay.com',
    clock: () => trialNowMs,
    random: systemRandom,
    async fetch(url, init = {}) {
      sent.push({ url: url instanceof Request ? url.url : url.toString(), init });
      const answer = waiting.shift();
      if (answer instanceof Response) return answer;
      throw answer ?? new Error('no answer is left');
    },
    ...changes,
  });
  return { client, sent };
}

export const trialOptions = { signal: new AbortController().signal, timeoutMs: 1000 };

export const trialOrder = {
  attemptRef: trialRef,
  amount: { minor: 20_000, currency: 'CNY' },
  subject: '92# 1号枪',
  surface: 'alipay.qr',
  expiresAt: trialNowMs + 900_000,
  notifyUrl: 'https://pay.example.com/v1/notifications/alipay',
  returnUrl: 'https://pay.example.com/orders/1?lang=zh',
  payer: { ip: '203.0.113.7', userAgent: 'test' },
} as const;

export const trialNotice = {
  notify_id: '2026110200222120000624450559358070',
  notify_type: 'trade_status_sync',
  notify_time: formatBeijingPlain(trialNowMs),
  charset: 'utf-8',
  version: '1.0',
  app_id: trialApp.appId,
  auth_app_id: trialApp.appId,
  seller_id: trialApp.sellerId,
  seller_email: 'station@example.com',
  out_trade_no: trialRef,
  trade_no: '2026110222001468450512505578',
  trade_status: 'TRADE_SUCCESS',
  total_amount: '200.00',
  receipt_amount: '200.00',
  gmt_create: '2026-11-02 11:59:50',
  gmt_payment: '2026-11-02 11:59:58',
  subject: '92# 1号枪 100% 100+1',
  fund_bill_list: '[{"amount":"200.00","fundChannel":"ALIPAYACCOUNT"}]',
  buyer_id: '2088102534368455',
  buyer_logon_id: 'xud***@126.com',
} as const;

/** A form as Alipay posts it, signed over its values. */
export function signedForm(fields: Fields, key?: KeyObject): RawNotification {
  const form = { ...fields, sign_type: 'RSA2', sign: rsa2(canonicalText(fields), key) };
  return { rawBody: Buffer.from(new URLSearchParams(form).toString()), headers: {}, receivedAt: trialNowMs };
}
