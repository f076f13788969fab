import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { readAlipayKeys, readAppKey } from './keys.ts';
import { clientWith, trialKeys } from './testing/trial-alipay.ts';

const { app, alipay, base64Of } = trialKeys;
const wrapped = (text: string): string => text.replaceAll(/(.{64})/g, '$1\n');
const next = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });

test('an app key is read in every form in which tools write it', () => {
  const forms = [
    app.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    app.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    base64Of(app.privateKey, 'pkcs8'),
    base64Of(app.privateKey, 'pkcs1'),
    `${wrapped(base64Of(app.privateKey, 'pkcs8'))}\r\n`,
  ];
  for (const form of forms) assert.ok(readAppKey(form).equals(app.privateKey), form.slice(0, 40));
});

test('what is no private RSA key is refused by the name of its setting, and is not in the message', () => {
  const wrong = [
    '',
    'not base64!',
    base64Of(app.publicKey, 'spki'),
    base64Of(app.privateKey, 'pkcs8').slice(0, -8),
    `${base64Of(app.privateKey, 'pkcs8')}\n${base64Of(app.privateKey, 'pkcs8')}`,
    curve.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  ];
  for (const text of wrong) {
    assert.throws(
      () => readAppKey(text),
      (error) => {
        assert.ok(error instanceof Error);
        assert.match(error.message, /^appPrivateKey is no private RSA key/);
        assert.ok(text.length < 20 || !error.message.includes(text.slice(0, 20)));
        return true;
      },
    );
  }
});

test("Alipay's keys are read one after another, in PEM or in base64, whole or in lines", () => {
  const both = [alipay.publicKey, next];
  const forms = [
    both.map((key) => key.export({ type: 'spki', format: 'pem' }).toString()).join('\n'),
    both.map((key) => base64Of(key, 'spki')).join('\n'),
    both.map((key) => base64Of(key, 'spki')).join(', '),
    both.map((key) => wrapped(base64Of(key, 'spki'))).join('\n'),
  ];
  for (const form of forms) {
    const keys = readAlipayKeys(form);
    assert.deepEqual(
      keys.map(({ key }) => base64Of(key, 'spki')),
      both.map((key) => base64Of(key, 'spki')),
    );
    assert.equal(new Set(keys.map(({ id }) => id)).size, 2);
  }
});

test("a private key and the app's own public key are refused, with what to give instead", () => {
  for (const type of ['pkcs8', 'pkcs1'] as const) {
    const pem = app.privateKey.export({ type, format: 'pem' }).toString();
    assert.throws(() => readAlipayKeys(pem), /publicKeys holds a private key: give the 支付宝公钥 of the app/);
    assert.throws(() => readAlipayKeys(`${base64Of(alipay.publicKey, 'spki')}\n${pem}`), /holds a private key/);
  }
  const ofAlipay = base64Of(alipay.publicKey, 'spki');
  const own = base64Of(app.publicKey, 'spki');
  for (const alipayPublicKeys of [own, `${ofAlipay}\n${own}`])
    assert.throws(() => clientWith({ alipayPublicKeys }), /the app's own public key \(应用公钥\): give the 支付宝公钥/);
  clientWith({ alipayPublicKeys: ofAlipay });
});

test("no key, a broken key and the app's own private key are refused", () => {
  const good = base64Of(alipay.publicKey, 'spki');
  const wrong = [
    '',
    good.slice(4),
    good.slice(0, -4),
    `${good}\nMIIB`,
    base64Of(app.privateKey, 'pkcs8'),
    curve.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  ];
  for (const text of wrong) assert.throws(() => readAlipayKeys(text), /publicKeys holds something/);
});
