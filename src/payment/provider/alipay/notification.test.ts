import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { assert as assertProperty, constantFrom, dictionary, nat, property, string, uint8Array } from 'fast-check';
import { makeRefundRef } from '../../../base/ids.ts';
import type { Fields, NotificationResult, RawNotification } from '../provider.ts';
import { readAlipayKeys } from './keys.ts';
import { notificationBytesMax, readNotification, replies } from './notification.ts';
import { canonicalText, sortedText } from './parameters.ts';
import { publishedNotification } from './published-vectors.ts';
import { rsa2, signedForm, trialApp, trialKeys, trialNotice, trialNowMs, trialRef } from './testing/trial-alipay.ts';

const keys = readAlipayKeys(trialKeys.alipayPublicKey);
const read = (notification: RawNotification): NotificationResult =>
  readNotification({ alipayKeys: keys, liveMode: true }, notification);
const readForm = (changes: Fields = {}): NotificationResult => read(signedForm({ ...trialNotice, ...changes }));
const reasonOf = (result: NotificationResult): string => (result.kind === 'rejected' ? result.reason : result.kind);
const formOf = (fields: Fields): RawNotification => ({
  rawBody: Buffer.from(new URLSearchParams(fields).toString()),
  headers: {},
  receivedAt: trialNowMs,
});

test('a payment becomes a fact with money, merchant and app, and nothing of the payer is in it', () => {
  const result = readForm();
  assert.equal(result.kind, 'payment');
  if (result.kind !== 'payment') return;
  const { evidence, ...fact } = result.fact;
  assert.equal(result.dedupeId, trialNotice.notify_id);
  assert.deepEqual(fact, {
    source: 'notification',
    attemptRef: trialRef,
    state: 'paid',
    providerPaymentId: trialNotice.trade_no,
    amount: { minor: 20_000, currency: 'CNY' },
    merchantId: trialApp.sellerId,
    appId: trialApp.appId,
    liveMode: true,
    paidAt: Date.parse('2026-11-02T03:59:58Z'),
    authenticated: true,
  });
  assert.equal(evidence.keyId, keys[0]?.id);
  assert.equal(evidence.providerCode, 'TRADE_SUCCESS');
  const kept = Buffer.from(result.bodyToKeep ?? []).toString();
  const text = JSON.stringify(result.fact) + kept;
  assert.ok(!text.includes('2088102534368455') && !text.includes('xud'), text);
  assert.equal(new URLSearchParams(kept).get('total_amount'), '200.00');
  assert.equal(
    readForm({ buyer_id: '', buyer_open_id: '074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5' }).kind,
    'payment',
  );
});

test('every trade_status has its meaning, and TRADE_CLOSED has two', () => {
  const stateOf = (changes: Fields): string => {
    const result = readForm(changes);
    return result.kind === 'payment' ? result.fact.state : reasonOf(result);
  };
  assert.equal(stateOf({ trade_status: 'TRADE_FINISHED' }), 'paid');
  assert.equal(stateOf({ trade_status: 'WAIT_BUYER_PAY', gmt_payment: '' }), 'pending');
  assert.equal(stateOf({ trade_status: 'TRADE_CLOSED', gmt_payment: '', gmt_close: '2026-11-02 12:00:00' }), 'closed');
  assert.equal(stateOf({ trade_status: 'TRADE_CLOSED' }), 'refunded');
  assert.equal(stateOf({ refund_fee: '0.00' }), 'paid');
  assert.equal(stateOf({ trade_status: 'PAID' }), 'malformed');
});

test('a refund of ours is told as made, with merchant and app, without the amount, because Alipay tells the sum of all', () => {
  const refundRef = makeRefundRef(trialRef, 'staff', 2);
  for (const trade_status of ['TRADE_SUCCESS', 'TRADE_CLOSED']) {
    const result = readForm({ trade_status, refund_fee: '150.00', out_biz_no: refundRef });
    assert.equal(result.kind, 'refund');
    if (result.kind !== 'refund') return;
    const { evidence: _evidence, ...fact } = result.fact;
    assert.deepEqual(fact, {
      source: 'notification',
      refundRef,
      attemptRef: trialRef,
      state: 'succeeded',
      merchantId: trialApp.sellerId,
      appId: trialApp.appId,
      liveMode: true,
    });
  }
});

test('of a refund made at Alipay itself the notice tells only the sum of all: it is a hint to ask', () => {
  const { out_trade_no: _ref, ...rest } = trialNotice;
  const whole = { trade_status: 'TRADE_CLOSED', refund_fee: '200.00' };
  for (const result of [
    readForm({ refund_fee: '50.00', out_biz_no: 'HZRF001' }),
    read(signedForm({ ...rest, out_trade_no: trialRef, ...whole })),
  ]) {
    const { kind, attemptRef } = result.kind === 'hint' ? result : { ...result, attemptRef: null };
    assert.deepEqual([kind, attemptRef], ['hint', trialRef]);
  }
});

test('a notice of another time is a hint to ask, and a refund is believed whenever it comes', () => {
  const hint = {
    kind: 'hint',
    dedupeId: trialNotice.notify_id,
    attemptRef: trialRef,
    providerPaymentId: trialNotice.trade_no,
  };
  assert.equal(readForm({ notify_time: '2026-11-02 11:55:01' }).kind, 'payment');
  assert.deepEqual(readForm({ notify_time: '2026-11-02 11:55:00' }), hint);
  assert.deepEqual(readForm({ notify_time: '2026-11-02 12:05:00' }), hint);
  assert.deepEqual(readForm({ notify_time: '2026-11-12 12:00:00' }), hint);
  assert.deepEqual(readForm({ notify_time: 'yesterday' }), hint);
  assert.equal(
    readForm({
      notify_time: '2026-11-01 11:00:00',
      refund_fee: '1.00',
      out_biz_no: makeRefundRef(trialRef, 'staff', 1),
    }).kind,
    'refund',
  );
});

test('each refusal has its name, in the order of checking', () => {
  const good = new URLSearchParams(Buffer.from(signedForm(trialNotice).rawBody).toString());
  const changed = (changes: Fields): string => reasonOf(read(formOf({ ...Object.fromEntries(good), ...changes })));
  const bytes = (text: string): RawNotification => ({
    rawBody: Buffer.from(text),
    headers: {},
    receivedAt: trialNowMs,
  });
  assert.equal(changed({}), 'payment');
  assert.equal(reasonOf(read(bytes('x'.repeat(notificationBytesMax + 1)))), 'malformed');
  assert.equal(
    reasonOf(read({ rawBody: Uint8Array.of(0xff, 0xfe), headers: {}, receivedAt: trialNowMs })),
    'malformed',
  );
  assert.equal(reasonOf(read(bytes(`${good.toString()}&total_amount=200.00`))), 'malformed');
  assert.equal(changed({ sign_type: 'RSA', charset: 'gbk' }), 'bad_signature');
  assert.equal(changed({ sign_type: 'MD5' }), 'bad_signature');
  assert.equal(changed({ charset: 'gbk', sign: '' }), 'malformed');
  assert.equal(changed({ sign: '' }), 'bad_signature');
  assert.equal(changed({ total_amount: '0.01' }), 'bad_signature');
  assert.equal(changed({ seller_id: '2088000000000000' }), 'bad_signature');
  assert.equal(changed({ extra: 'x' }), 'bad_signature');
  assert.equal(reasonOf(readForm({ notify_id: '' })), 'malformed');
  assert.equal(reasonOf(readForm({ total_amount: '200' })), 'payment');
  assert.equal(reasonOf(readForm({ total_amount: '-200.00' })), 'malformed');
  assert.equal(reasonOf(readForm({ total_amount: '1e4' })), 'malformed');
  assert.equal(reasonOf(readForm({ trade_no: '' })), 'malformed');
  assert.deepEqual(readForm({ notify_type: 'servicemarket_order_notify' }), {
    kind: 'ignored',
    dedupeId: trialNotice.notify_id,
    type: 'servicemarket_order_notify',
  });
});

test('a form that is truly signed, but with SHA-1 because it says so itself, is refused', () => {
  const { sign_type: _type, ...fields } = { ...trialNotice, sign_type: '' };
  const proof = sign('RSA-SHA1', Buffer.from(canonicalText(fields)), trialKeys.alipay.privateKey).toString('base64');
  assert.equal(reasonOf(read(formOf({ ...fields, sign: proof, sign_type: 'RSA' }))), 'bad_signature');
  assert.equal(reasonOf(read(formOf({ ...fields, sign: proof, sign_type: 'RSA2' }))), 'bad_signature');
});

test('a kind that is signed with sign_type among its values is read too', () => {
  const fields = { ...trialNotice, sign_type: 'RSA2' };
  assert.equal(read(formOf({ ...fields, sign: rsa2(canonicalText(fields)) })).kind, 'payment');
});

test('an empty value may be signed or not', () => {
  const fields = { ...trialNotice, body: '' };
  const asSigned = (text: string) => read(formOf({ ...fields, sign_type: 'RSA2', sign: rsa2(text) })).kind;
  assert.deepEqual([asSigned(canonicalText(fields)), asSigned(sortedText(fields))], ['payment', 'payment']);
});

test('old and new keys are accepted while they are changed, and no other', () => {
  const next = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const both = readAlipayKeys(`${trialKeys.alipayPublicKey}\n${trialKeys.base64Of(next.publicKey, 'spki')}`);
  const byNext = signedForm(trialNotice, next.privateKey);
  assert.equal(reasonOf(readNotification({ alipayKeys: keys, liveMode: true }, byNext)), 'bad_signature');
  const result = readNotification({ alipayKeys: both, liveMode: true }, byNext);
  assert.equal(result.kind === 'payment' ? result.fact.evidence.keyId : '', both[1]?.id);
  assert.equal(readNotification({ alipayKeys: both, liveMode: true }, signedForm(trialNotice)).kind, 'payment');
});

test('the notification that Alipay published holds, and not with another amount', () => {
  const { publicKey, parameters } = publishedNotification;
  const published = { alipayKeys: readAlipayKeys(publicKey), liveMode: true };
  const received = { ...formOf(parameters), receivedAt: Date.parse('2019-08-15T07:56:26Z') };
  const result = readNotification(published, received);
  assert.deepEqual(
    result.kind === 'payment' ? [result.fact.state, result.fact.amount?.minor, result.fact.attemptRef] : result,
    ['paid', 10, '20190815155618536-564-57'],
  );
  const dearer = formOf({ ...parameters, total_amount: '0.11' });
  assert.equal(reasonOf(readNotification(published, dearer)), 'bad_signature');
});

test('one character changed in any value is refused', () => {
  const good = Object.fromEntries(new URLSearchParams(Buffer.from(signedForm(trialNotice).rawBody).toString()));
  const names = Object.keys(trialNotice);
  assertProperty(
    property(constantFrom(...names), nat(), (name, place) => {
      const value = Array.from(good[name] ?? '');
      const at = place % value.length;
      value[at] = value[at] === '7' ? '8' : '7';
      const result = reasonOf(read(formOf({ ...good, [name]: value.join('') })));
      assert.ok(result === 'bad_signature' || (name === 'charset' && result === 'malformed'), `${name} ${result}`);
    }),
    { numRuns: 200 },
  );
});

test('whatever bytes arrive, an answer comes back and nothing is thrown', () => {
  assertProperty(
    property(uint8Array({ maxLength: 500 }), (rawBody) => {
      assert.equal(read({ rawBody, headers: {}, receivedAt: trialNowMs }).kind, 'rejected');
    }),
  );
  for (const text of ['%', 'a=%&sign=%E0%A4%A&sign_type=RSA2', '__proto__=1&sign_type=RSA2&sign=x', '&&=&=']) {
    assert.equal(read({ rawBody: Buffer.from(text), headers: {}, receivedAt: trialNowMs }).kind, 'rejected', text);
  }
  assertProperty(
    property(dictionary(string({ minLength: 1 }), string()), (fields) => {
      const { sign: _sign, sign_type: _type, charset: _charset, ...rest } = fields;
      assert.ok(['malformed', 'bad_signature'].includes(reasonOf(read(signedForm(rest)))));
    }),
    { numRuns: 50 },
  );
});

test('Alipay reads the body: success, or it comes again', () => {
  assert.deepEqual([replies.accepted.body, replies.rejected.body, replies.try_again.body], ['success', 'fail', 'fail']);
  assert.deepEqual([replies.accepted.status, replies.rejected.status, replies.try_again.status], [200, 400, 503]);
});
