import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { systemRandom } from '../../../base/random.ts';
import { wechatPayService } from './service.ts';

const pair = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
const merchant = pair();
const platform = pair();

const texts = {
  merchantId: '1900000007',
  appId: 'wx0000000000000007',
  merchantSerial: '1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C',
  merchantKey: merchant.privateKey,
  apiV3Key: 'a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb',
  surfaces: 'jsapi,h5,native',
  url: 'https://api.mch.weixin.qq.com',
  appSecret: 'secret-of-the-app',
  signInUrl: 'https://open.weixin.qq.com',
  signInApiUrl: 'https://api.weixin.qq.com',
};
const tools = { account: 'north', fetch, clock: () => 0, random: systemRandom };
const open = (changes: Partial<typeof texts> = {}) => {
  const keys = { platformKeys: { PUB_KEY_ID_0119000000072026: platform.publicKey } };
  return wechatPayService.open({ texts: { ...texts, ...changes }, keys }, tools);
};

test('settings are read without the blanks around them, so that no signature and no address bears one', () => {
  const spaced = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, ` ${text}\n`]));
  const { account, origin, merchant: owner, signIn } = open(spaced);
  assert.deepEqual([account, origin], ['north', 'https://api.mch.weixin.qq.com']);
  assert.deepEqual(owner, { merchantId: '1900000007', appId: 'wx0000000000000007', liveMode: true });
  assert.match(
    signIn?.url('https://pay.example/o/1', 'A') ?? '',
    /^https:\/\/open\.weixin\.qq\.com\/connect\/oauth2\//,
  );
});

test('only the products that the merchant has signed are offered, and all where nothing is said', () => {
  assert.equal(wechatPayService.settings['surfaces']?.fallback, 'jsapi,h5,native');
  assert.deepEqual(open().capabilities.surfaces, ['wechat.jsapi', 'wechat.h5', 'wechat.native']);
  const native = open({ surfaces: 'native' });
  assert.deepEqual(native.capabilities.surfaces, ['wechat.native']);
});

test('a setting of another form is refused at the start, by its name, with what it has to be and without what it was', () => {
  const wrong = [
    [{ merchantId: 'wx0000000000000007' }, /^merchantId must be .*ten digits/],
    [{ merchantId: '19000000007' }, /^merchantId/],
    [{ appId: '1900000007' }, /^appId must be .*wx and sixteen characters/],
    [{ appId: 'wx00000000000000070' }, /^appId/],
    [{ merchantSerial: 'PUB_KEY_ID_0119000000072026' }, /^merchantSerial must be .*own API certificate: hexadecimal/],
    [{ merchantSerial: '1D:DE:55:AD' }, /^merchantSerial .* without colons/],
    [{ surfaces: 'wap,qr' }, /^surfaces must be one or several of jsapi,h5,native, not wap, qr$/],
    [{ url: 'http://api.mch.weixin.qq.com' }, /^url must be https/],
    [{ url: 'https://api.mch.weixin.qq.com/v3' }, /^url must end behind the host, as https:\/\/api\.mch\.weixin/],
    [{ signInUrl: 'http://open.weixin.qq.com' }, /^signInUrl must be https/],
    [{ signInApiUrl: 'https://api.weixin.qq.com/sns' }, /^signInApiUrl must end/],
  ] as const;
  for (const [changes, message] of wrong)
    assert.throws(
      () => open(changes),
      (error) => {
        assert.ok(error instanceof Error);
        assert.match(error.message, message);
        for (const [name, value] of Object.entries(changes))
          assert.ok(name === 'surfaces' || !error.message.includes(value), error.message);
        return true;
      },
    );
  assert.equal(open({ merchantId: '10000100' }).merchant.merchantId, '10000100');
  assert.equal(open({ url: 'http://127.0.0.1:4000' }).origin, 'http://127.0.0.1:4000');
});
