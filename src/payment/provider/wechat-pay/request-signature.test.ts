import assert from 'node:assert/strict';
import { generateKeyPairSync, verify } from 'node:crypto';
import { test } from 'node:test';
import { signJsapiCall } from './jsapi-call.ts';
import { authorizeRequest } from './request-signature.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const clock = () => 1_554_208_460_999;
const random = (byteCount: number) => new Uint8Array(byteCount).fill(0xab);
const merchant = { merchantId: '1900009191', merchantSerial: '1DDE55AD', merchantKey: privateKey };
const nonce = 'AB'.repeat(16);

const holds = (text: string, signature: string): boolean =>
  verify('sha256', Buffer.from(text), publicKey, Buffer.from(signature, 'base64'));

test('a GET signs an empty last line, and its header names merchant, nonce, second and serial', async () => {
  const header = await authorizeRequest(
    { method: 'GET', target: '/v3/certificates?a=1', body: '' },
    merchant,
    clock,
    random,
  );
  const start = `WECHATPAY2-SHA256-RSA2048 mchid="1900009191",nonce_str="${nonce}",timestamp="1554208460",serial_no="1DDE55AD",signature="`;
  assert.ok(header.startsWith(start), header);
  const signature = header.slice(start.length, -1);
  assert.ok(holds(`GET\n/v3/certificates?a=1\n1554208460\n${nonce}\n\n`, signature));
});

test('a POST signs the body as it is sent', async () => {
  const header = await authorizeRequest(
    { method: 'POST', target: '/v3/x', body: '{"a":"油"}' },
    merchant,
    clock,
    random,
  );
  const signature = /signature="([^"]+)"$/.exec(header)?.[1] ?? '';
  assert.ok(holds(`POST\n/v3/x\n1554208460\n${nonce}\n{"a":"油"}\n`, signature));
});

test('the page inside WeChat gets a paySign over app, second, nonce and package', async () => {
  const settings = { appId: 'wx8888888888888888', merchantKey: privateKey, clock, random };
  const { paySign = '', ...rest } = await signJsapiCall('wx2016', settings);
  assert.deepEqual(rest, {
    appId: 'wx8888888888888888',
    timeStamp: '1554208460',
    nonceStr: nonce,
    package: 'prepay_id=wx2016',
    signType: 'RSA',
  });
  assert.ok(holds(`wx8888888888888888\n1554208460\n${nonce}\nprepay_id=wx2016\n`, paySign));
});
