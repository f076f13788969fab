import assert from 'node:assert/strict';
import { createCipheriv, generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { assert as assertProperty, dictionary, json, nat, property, string, uint8Array } from 'fast-check';
import { digestPayer } from '../payer.ts';
import type { NotificationResult, RawNotification } from '../provider.ts';
import { notificationBytesMax, readNotification, replies } from './notification.ts';
import { readApiV3Key } from './sealed-resource.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const serial = 'PUB_KEY_ID_0119000091912026';
const apiV3Text = 'a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb';
const settings = {
  merchantId: '1900000000',
  platformKeys: new Map([[serial, { key: publicKey, validUntil: null }]]),
  apiV3Keys: [readApiV3Key(apiV3Text)],
};
const nowMs = Date.parse('2026-11-02T04:00:00Z');

const transaction = {
  mchid: '1900009191',
  appid: 'wx8888888888888888',
  out_trade_no: 'ORDER01',
  transaction_id: '4200001',
  trade_state: 'SUCCESS',
  success_time: '2026-11-02T11:59:58+08:00',
  payer: { openid: 'oSecretPerson' },
  amount: { total: 20_000, payer_total: 19_000, currency: 'CNY', payer_currency: 'CNY' },
};

const refund = {
  mchid: '1900009191',
  out_trade_no: 'ORDER01',
  out_refund_no: 'RORDER01_staff',
  refund_status: 'SUCCESS',
  amount: { total: 20_000, refund: 29, payer_total: 20_000, payer_refund: 29 },
};

function seal(resource: unknown): string {
  const cipher = createCipheriv('aes-256-gcm', apiV3Text, 'Kj7QIyUiYx1q');
  cipher.setAAD(Buffer.from('aad'));
  return Buffer.concat([cipher.update(JSON.stringify(resource)), cipher.final(), cipher.getAuthTag()]).toString(
    'base64',
  );
}

const envelopeOf = (eventType: string, resource: unknown) => ({
  id: 'notice-1',
  create_time: '2026-11-02T12:00:00+08:00',
  event_type: eventType,
  resource_type: 'encrypt-resource',
  resource: {
    algorithm: 'AEAD_AES_256_GCM',
    ciphertext: seal(resource),
    nonce: 'Kj7QIyUiYx1q',
    associated_data: 'aad',
    original_type: 'x',
  },
});

function signed(body: string, secondsOff = 0): RawNotification {
  const timestamp = String(nowMs / 1000 + secondsOff);
  const signature = sign('sha256', Buffer.from(`${timestamp}\nn0nce\n${body}\n`), privateKey).toString('base64');
  const headers = {
    'wechatpay-timestamp': timestamp,
    'wechatpay-nonce': 'n0nce',
    'wechatpay-serial': serial,
    'wechatpay-signature': signature,
  };
  return { rawBody: Buffer.from(body), headers, receivedAt: nowMs };
}

const read = (notification: RawNotification): NotificationResult => readNotification(settings, notification);
const reasonOf = (result: NotificationResult): string => (result.kind === 'rejected' ? result.reason : result.kind);
const payment = () => signed(JSON.stringify(envelopeOf('TRANSACTION.SUCCESS', transaction)));

test("a payment becomes a fact with the order's total, and the payer is not in it", () => {
  const result = read(payment());
  assert.equal(result.kind, 'payment');
  if (result.kind !== 'payment') return;
  const { evidence, ...fact } = result.fact;
  assert.equal(result.dedupeId, 'notice-1');
  assert.deepEqual(fact, {
    source: 'notification',
    attemptRef: 'ORDER01',
    state: 'paid',
    providerPaymentId: '4200001',
    amount: { minor: 20_000, currency: 'CNY' },
    merchantId: '1900009191',
    appId: 'wx8888888888888888',
    liveMode: true,
    paidAt: Date.parse('2026-11-02T03:59:58Z'),
    payerSha256: digestPayer('oSecretPerson'),
    authenticated: true,
  });
  assert.equal(evidence.keyId, serial);
  assert.ok(!JSON.stringify(result).includes('oSecretPerson'));
});

test('every trade_state has its meaning', () => {
  const meanings = {
    SUCCESS: 'paid',
    REFUND: 'refunded',
    NOTPAY: 'pending',
    CLOSED: 'closed',
    ACCEPT: 'pending',
    REVOKED: 'closed',
    USERPAYING: 'pending',
    PAYERROR: 'pending',
  };
  for (const [tradeState, state] of Object.entries(meanings)) {
    const result = read(
      signed(JSON.stringify(envelopeOf('TRANSACTION.SUCCESS', { ...transaction, trade_state: tradeState }))),
    );
    assert.equal(result.kind === 'payment' ? result.fact.state : reasonOf(result), state, tradeState);
  }
  const strange = signed(JSON.stringify(envelopeOf('TRANSACTION.SUCCESS', { ...transaction, trade_state: 'PAID' })));
  assert.equal(reasonOf(read(strange)), 'malformed');
});

test('the three endings of a refund are told, in CNY though the notification names no currency', () => {
  for (const [status, state] of [
    ['SUCCESS', 'succeeded'],
    ['ABNORMAL', 'abnormal'],
    ['CLOSED', 'closed'],
  ] as const) {
    const result = read(signed(JSON.stringify(envelopeOf(`REFUND.${status}`, { ...refund, refund_status: status }))));
    assert.equal(result.kind, 'refund');
    if (result.kind !== 'refund') return;
    assert.deepEqual(
      [result.fact.refundRef, result.fact.state, result.fact.amount],
      ['RORDER01_staff', state, { minor: 29, currency: 'CNY' }],
    );
  }
});

test('a refund is of the merchant that its notification names, and of no app', () => {
  const result = read(signed(JSON.stringify(envelopeOf('REFUND.SUCCESS', refund))));
  assert.ok(result.kind === 'refund');
  const { merchantId, appId, liveMode } = result.fact;
  assert.deepEqual([merchantId, appId, liveMode], ['1900009191', undefined, true]);
});

test('a notification of another kind is acknowledged by name and has no effect', () => {
  const result = read(signed(JSON.stringify(envelopeOf('COUPON.USE', {}))));
  assert.deepEqual(result, { kind: 'ignored', dedupeId: 'notice-1', type: 'COUPON.USE' });
});

test('each refusal has its name, in the order of checking', () => {
  const good = payment();
  const withHeaders = (changes: Record<string, string>) => ({ ...good, headers: { ...good.headers, ...changes } });
  const large = signed('x'.repeat(notificationBytesMax + 1));
  assert.equal(reasonOf(read({ ...large, headers: {} })), 'malformed');
  assert.equal(reasonOf(read({ ...good, headers: {} })), 'bad_signature');
  assert.equal(
    reasonOf(read(withHeaders({ 'wechatpay-signature': 'WECHATPAY/SIGNTEST/abcd', 'wechatpay-serial': 'x' }))),
    'probe',
  );
  assert.equal(reasonOf(read(withHeaders({ 'wechatpay-serial': 'PUB_KEY_ID_OTHER' }))), 'unknown_key');
  const json = good.rawBody.toString();
  assert.equal(reasonOf(read(signed(json, 301))), 'stale');
  assert.equal(reasonOf(read(signed(json, -301))), 'stale');
  assert.equal(
    reasonOf(read({ ...good, rawBody: Buffer.from(json.replace('notice-1', 'notice-2')) })),
    'bad_signature',
  );
  assert.equal(reasonOf(read(signed('not json'))), 'malformed');
  assert.equal(reasonOf(read(signed('{"id":"1"}'))), 'malformed');
  const envelope = envelopeOf('TRANSACTION.SUCCESS', transaction);
  const otherNonce = { ...envelope, resource: { ...envelope.resource, nonce: 'Kj7QIyUiYx1r' } };
  assert.equal(reasonOf(read(signed(JSON.stringify(otherNonce)))), 'decrypt_failed');
  const weakCipher = { ...envelope, resource: { ...envelope.resource, algorithm: 'NONE' } };
  assert.equal(reasonOf(read(signed(JSON.stringify(weakCipher)))), 'malformed');
  const { amount: _amount, ...withoutAmount } = transaction;
  assert.equal(reasonOf(read(signed(JSON.stringify(envelopeOf('TRANSACTION.SUCCESS', withoutAmount))))), 'malformed');
  assert.equal(reasonOf(read(signed(JSON.stringify(envelopeOf('REFUND.SUCCESS', transaction))))), 'malformed');
});

test('one bit of the ciphertext changed is not decrypted, though the signature is made anew', () => {
  const envelope = envelopeOf('TRANSACTION.SUCCESS', transaction);
  const bytes = Buffer.from(envelope.resource.ciphertext, 'base64');
  assertProperty(
    property(nat({ max: bytes.length * 8 - 1 }), (bit) => {
      const copy = Buffer.from(bytes);
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const changed = { ...envelope, resource: { ...envelope.resource, ciphertext: copy.toString('base64') } };
      assert.equal(reasonOf(read(signed(JSON.stringify(changed)))), 'decrypt_failed');
    }),
    { numRuns: 50 },
  );
});

test('whatever bytes arrive, an answer comes back and nothing is thrown', () => {
  assertProperty(
    property(uint8Array({ maxLength: 500 }), dictionary(string(), string()), (rawBody, headers) => {
      assert.equal(read({ rawBody, headers, receivedAt: nowMs }).kind, 'rejected');
    }),
  );
  assertProperty(
    property(json(), (body) => {
      assert.equal(reasonOf(read(signed(body))), 'malformed');
    }),
    { numRuns: 30 },
  );
});

test('accepted is 204, everything else a status that makes WeChat Pay come again', () => {
  assert.deepEqual([replies.accepted.status, replies.rejected.status, replies.try_again.status], [204, 401, 503]);
  assert.equal(JSON.parse(replies.try_again.body).code, 'FAIL');
});
