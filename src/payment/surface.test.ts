import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PaymentSurface } from './provider/provider.ts';
import { chooseSurface } from './surface.ts';

const wechat = ['wechat.jsapi', 'wechat.h5', 'wechat.native'] as const;
const alipay = ['alipay.wap', 'alipay.qr'] as const;
const card = ['card.hosted'] as const;

const insideWechat =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.60(0x1800)';
const insideAlipay =
  'Mozilla/5.0 (Linux; Android 14) Chrome/120 Mobile Safari/537.36 AlipayClient/10.6.0 Language/zh-Hans';
const phone = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36';
const harmony = 'Mozilla/5.0 (Phone; OpenHarmony 5.0) HarmonyOS ArkWeb/4.1';
const desk = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36';

const table: readonly (readonly [
  browser: string,
  userAgent: string,
  surfaces: readonly PaymentSurface[],
  payerIsKnown: boolean,
  fits: PaymentSurface | undefined,
])[] = [
  ['WeChat', insideWechat, wechat, true, 'wechat.jsapi'],
  ['WeChat that cannot say who pays', insideWechat, wechat, false, 'wechat.native'],
  ['WeChat', insideWechat, alipay, true, 'alipay.qr'],
  ['WeChat', insideWechat, card, true, 'card.hosted'],
  ['Alipay', insideAlipay, alipay, false, 'alipay.wap'],
  ['Alipay', insideAlipay, wechat, false, 'wechat.native'],
  ['a phone', phone, wechat, true, 'wechat.h5'],
  ['a phone', phone, alipay, false, 'alipay.wap'],
  ['a phone', harmony, wechat, false, 'wechat.h5'],
  ['a phone', phone, card, false, 'card.hosted'],
  ['a desk', desk, wechat, true, 'wechat.native'],
  ['a desk', desk, alipay, false, 'alipay.qr'],
  ['a desk', '', card, false, 'card.hosted'],
  ['a desk', desk, ['wechat.h5'], false, undefined],
];

for (const [browser, userAgent, surfaces, payerIsKnown, fits] of table) {
  test(`in ${browser}, of ${surfaces.join(', ')} it is ${fits ?? 'none'} that fits`, () => {
    assert.equal(chooseSurface({ surfaces, userAgent, payerIsKnown }), fits);
  });
}
