import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { Aes, Formatter, Rsa } from 'wechatpay-axios-plugin';
import { systemRandom } from '../../../base/random.ts';
import { createWechatPay } from './wechat-pay.ts';

/** `wechatpay-axios-plugin` judges our client without our simulator: it reads what we sign, and writes what we must read. */
const merchant = generateKeyPairSync('rsa', { modulusLength: 2048 });
const platform = generateKeyPairSync('rsa', { modulusLength: 2048 });
const publicPem = (key: typeof merchant): string => key.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const merchantPublic = Rsa.from(publicPem(merchant), Rsa.KEY_TYPE_PUBLIC);
const platformPrivate = Rsa.from(
  platform.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  Rsa.KEY_TYPE_PRIVATE,
);
const apiV3Key = 'a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb';
const serial = 'PUB_KEY_ID_0119000091912026';
const nowMs = Date.parse('2026-11-02T04:00:00Z');

type Sent = { readonly url: string; readonly init: RequestInit };

/** A service made of the other library: it takes anything, and signs a fixed answer. */
function clientWithAnswer(answer: string, sent: Sent[]) {
  return createWechatPay({
    merchantId: '1900009191',
    appId: 'wx8888888888888888',
    merchantSerial: '1DDE55AD98ED71D6',
    merchantPrivateKey: merchant.privateKey,
    apiV3Key,
    platformKeys: { [serial]: publicPem(platform) },
    preferredSerial: serial,
    baseUrl: 'https://api.mch.weixin.qq.com',
    clock: () => nowMs,
    random: systemRandom,
    async fetch(url, init = {}) {
      assert.equal(typeof url, 'string');
      sent.push({ url: typeof url === 'string' ? url : '', init });
      return new Response(answer, { headers: signedByPlatform(answer) });
    },
  });
}

function signedByPlatform(body: string): Record<string, string> {
  const timestamp = String(nowMs / 1000);
  const nonce = Formatter.nonce();
  const signature = Rsa.sign(Formatter.response(timestamp, nonce, body), platformPrivate);
  return {
    'wechatpay-timestamp': timestamp,
    'wechatpay-nonce': nonce,
    'wechatpay-serial': serial,
    'wechatpay-signature': signature,
  };
}

const order = {
  attemptRef: '00001A0KQ3X7V9M2ABCDEFGH01',
  amount: { minor: 20_000, currency: 'CNY' },
  subject: '92# 1号枪',
  surface: 'wechat.jsapi',
  expiresAt: nowMs + 900_000,
  notifyUrl: 'https://pay.example.com/notify',
  returnUrl: 'https://pay.example.com/orders/1',
  payer: { ip: '203.0.113.7', userAgent: 'test', openId: 'oUpF8uMuAJO' },
} as const;
const options = { signal: new AbortController().signal, timeoutMs: 1000 };

test('another library finds our requests well signed and our JSAPI call too, and we believe its answer', async () => {
  const sent: Sent[] = [];
  const created = await clientWithAnswer('{"prepay_id":"wx261153585405162d4d02642eabe7000000"}', sent).create(
    order,
    options,
  );
  const [{ url, init } = { url: '', init: {} }] = sent;
  assert.equal(url, 'https://api.mch.weixin.qq.com/v3/pay/transactions/jsapi');
  const headers = new Headers(init.headers);
  const field = (name: string): string =>
    new RegExp(`[ ,]${name}="([^"]+)"`).exec(headers.get('authorization') ?? '')?.[1] ?? '';
  const body = typeof init.body === 'string' ? init.body : '';
  const text = Formatter.request('POST', '/v3/pay/transactions/jsapi', field('timestamp'), field('nonce_str'), body);
  assert.equal(Rsa.verify(text, field('signature'), merchantPublic), true);
  assert.deepEqual(
    [field('mchid'), field('serial_no'), headers.get('wechatpay-serial')],
    ['1900009191', '1DDE55AD98ED71D6', serial],
  );
  assert.deepEqual(JSON.parse(body), {
    appid: 'wx8888888888888888',
    mchid: '1900009191',
    description: '92# 1号枪',
    out_trade_no: order.attemptRef,
    time_expire: '2026-11-02T12:15:00+08:00',
    notify_url: 'https://pay.example.com/notify',
    amount: { total: 20_000, currency: 'CNY' },
    payer: { openid: 'oUpF8uMuAJO' },
  });
  assert.equal(created.next.kind, 'jsapi');
  const {
    appId = '',
    timeStamp = '',
    nonceStr = '',
    package: packageText = '',
    paySign = '',
  } = created.next.kind === 'jsapi' ? created.next.params : {};
  assert.equal(
    Rsa.verify(Formatter.joinedByLineFeed(appId, timeStamp, nonceStr, packageText), paySign, merchantPublic),
    true,
  );
});

test('we read a notification that another library sealed and signed', () => {
  const plain = {
    mchid: '1900009191',
    appid: 'wx8888888888888888',
    out_trade_no: order.attemptRef,
    transaction_id: '4200001',
    trade_state: 'SUCCESS',
    success_time: '2026-11-02T11:59:58+08:00',
    amount: { total: 20_000, currency: 'CNY' },
  };
  const nonce = 'Kj7QIyUiYx1q';
  const ciphertext = Aes.AesGcm.encrypt(JSON.stringify(plain), apiV3Key, nonce, 'transaction');
  const resource = {
    algorithm: 'AEAD_AES_256_GCM',
    ciphertext,
    nonce,
    associated_data: 'transaction',
    original_type: 'transaction',
  };
  const body = JSON.stringify({
    id: 'n1',
    event_type: 'TRANSACTION.SUCCESS',
    resource_type: 'encrypt-resource',
    resource,
  });
  const result = clientWithAnswer('{}', []).parseNotification({
    rawBody: Buffer.from(body),
    headers: signedByPlatform(body),
    receivedAt: nowMs,
  });
  assert.deepEqual(result.kind === 'payment' ? [result.fact.state, result.fact.amount?.minor] : result, [
    'paid',
    20_000,
  ]);
});
