import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { readCloudConfig } from './cloud-config.ts';

test('yesterday is reconciled at half past ten of Beijing, at another time that is named, or never by itself', () => {
  const reconcileAt = (text?: string) => {
    const config = readCloudConfig({}, text === undefined ? {} : { FORECOURT_RECONCILE_AT: text });
    return 'mistakes' in config ? config.mistakes : config.reconcileAtMs;
  };
  assert.deepEqual(
    [reconcileAt(), reconcileAt('00:00'), reconcileAt('23:59'), reconcileAt('never')],
    [37_800_000, 0, 86_340_000, null],
  );
  for (const text of ['', '24:00', '10.30', '9:00', 'always'])
    assert.deepEqual(reconcileAt(text), ['FORECOURT_RECONCILE_AT must be a time such as 10:30, or never'], text);
});

test("an account in Alipay's sandbox pays with test money, which is taken only where that is said", () => {
  const pair = () =>
    generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
  const sandbox = {
    ALIPAY_APP_ID: '9021000122671080',
    ALIPAY_SELLER_ID: '2088721000000007',
    ALIPAY_APP_PRIVATE_KEY: pair().privateKey,
    ALIPAY_PUBLIC_KEYS: pair().publicKey,
    ALIPAY_URL: 'https://openapi-sandbox.dl.alipaydev.com',
    FORECOURT_PUBLIC_URL: 'https://pay.example',
  };
  const mistakes = (changes: Record<string, string>) => {
    const config = readCloudConfig({}, { ...sandbox, ...changes });
    return 'mistakes' in config ? config.mistakes : [];
  };
  assert.deepEqual(mistakes({}), ['account main at alipay pays with test money: FORECOURT_TEST_MONEY=yes takes it']);
  assert.deepEqual(mistakes({ FORECOURT_TEST_MONEY: 'yes' }), []);
  assert.deepEqual(mistakes({ ALIPAY_URL: 'https://openapi.alipay.com' }), []);
});
