import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { assert as assertProperty, nat, property } from 'fast-check';
import { judgeSignature, probePrefix, readPlatformKeys } from './platform-signature.ts';
import { publishedNotification as published } from './published-vectors.ts';

const keys = readPlatformKeys({ [published.serial]: published.certificate });
const sentMs = Number(published.timestamp) * 1000;
const body = Buffer.from(published.body);
const headers: Readonly<Record<string, string>> = {
  'wechatpay-timestamp': published.timestamp,
  'wechatpay-nonce': published.nonce,
  'wechatpay-serial': published.serial,
  'wechatpay-signature': published.signature,
};

const judge = (
  changed: Readonly<Record<string, string | undefined>> = {},
  nowMs = sentMs,
  bytes: Uint8Array = body,
) => {
  const all = { ...headers, ...changed };
  return judgeSignature(keys, (name) => all[name], bytes, nowMs);
};

test('a certificate that has ended is no key any more, and one with another serial is refused at the start', () => {
  const endedMs = Date.UTC(2031, 3, 27);
  const late = { 'wechatpay-timestamp': String(endedMs / 1000) };
  assert.equal(judge(late, endedMs), 'unknown_key');
  assert.throws(() => readPlatformKeys({ '7AB0': published.certificate }), /7AB0 has the serial D7CE59D1F522D701/);
  assert.throws(() => readPlatformKeys({ PUB_KEY_ID_01: 'no key' }), /PUB_KEY_ID_01 is no public key/);
});

test('a private key, a key of another kind and a broken certificate are refused by their serial, with what to give instead', () => {
  const pem = { format: 'pem', type: 'pkcs8' } as const;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const wrong = [
    [rsa.privateKey.export(pem).toString(), /PUB_KEY_ID_01 is a private key: give WeChat Pay's own public key/],
    [rsa.privateKey.export({ ...pem, type: 'pkcs1' }).toString(), /is a private key: give/],
    [curve.publicKey.export({ ...pem, type: 'spki' }).toString(), /PUB_KEY_ID_01 is no RSA key: give/],
    [published.certificate.slice(0, 200), /PUB_KEY_ID_01 is no public key in PEM: give/],
  ] as const;
  for (const [text, message] of wrong) assert.throws(() => readPlatformKeys({ PUB_KEY_ID_01: text }), { message });
  const good = rsa.publicKey.export({ ...pem, type: 'spki' }).toString();
  assert.equal(readPlatformKeys({ PUB_KEY_ID_01: good }).size, 1);
});

test('the signature that WeChat Pay published holds', () => {
  assert.equal(judge(), 'verified');
});

test('one bit changed anywhere in the body or the signature is refused', () => {
  const signature = Buffer.from(published.signature, 'base64');
  const flip = (bytes: Buffer, bit: number): Buffer => {
    const copy = Buffer.from(bytes);
    const index = Math.floor(bit / 8) % copy.length;
    copy[index] = (copy[index] ?? 0) ^ (1 << (bit % 8));
    return copy;
  };
  assertProperty(
    property(nat(), (bit) => {
      assert.equal(judge({}, sentMs, flip(body, bit)), 'bad_signature');
      assert.equal(judge({ 'wechatpay-signature': flip(signature, bit).toString('base64') }), 'bad_signature');
    }),
    { numRuns: 200 },
  );
});

test('a message is stale when its clock is 300 seconds from ours in either direction, and not a millisecond before', () => {
  assert.equal(judge({}, sentMs + 299_999), 'verified');
  assert.equal(judge({}, sentMs - 299_999), 'verified');
  assert.equal(judge({}, sentMs + 300_000), 'stale');
  assert.equal(judge({}, sentMs - 300_000), 'stale');
});

test('each refusal has its name, and the earlier one wins', () => {
  const wrong = {
    'wechatpay-signature': `${probePrefix}abc`,
    'wechatpay-serial': 'NOT_OURS',
    'wechatpay-timestamp': String(Number(published.timestamp) - 400),
  };
  assert.equal(judge({ ...wrong, 'wechatpay-nonce': undefined }), 'unsigned');
  assert.equal(judge({ ...wrong, 'wechatpay-timestamp': '1e9' }), 'unsigned');
  assert.equal(judge(wrong), 'probe');
  assert.equal(judge({ ...wrong, 'wechatpay-signature': published.signature }), 'unknown_key');
  assert.equal(judge({ 'wechatpay-timestamp': wrong['wechatpay-timestamp'] }), 'stale');
  assert.equal(judge({ 'wechatpay-nonce': `${published.nonce}0` }), 'bad_signature');
});

test('a serial that every object has by birth is no key', () => {
  assert.equal(judge({ 'wechatpay-serial': 'constructor' }), 'unknown_key');
});
