import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { requireWeb } from './next-action.ts';
import { surfaceFor } from './surface.ts';

const wechat = 'Mozilla/5.0 (Linux; Android 10) AppleWebKit/537.36 Chrome/86 Mobile Safari/537.36 MicroMessenger/8.0.2';
const phone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Mobile/15E148 Safari/604.1';
const desk = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36';

void describe('WeChat Pay opens', () => {
  it('by a QR code for another phone inside WeChat, which does not tell who pays', () =>
    assert.equal(surfaceFor('wechat-pay', wechat), 'wechat.native'));
  it('by the H5 page on a phone', () => assert.equal(surfaceFor('wechat-pay', phone), 'wechat.h5'));
  it('by a QR code on a desk', () => assert.equal(surfaceFor('wechat-pay', desk), 'wechat.native'));
  it('and no other method, as such', () => assert.equal(surfaceFor('alipay', phone), undefined));
});

void describe('a cashier', () => {
  it('lies on the web, never in a script', () => {
    assert.equal(requireWeb('https://wx.tenpay.com/x'), 'https://wx.tenpay.com/x');
    for (const address of ['javascript:alert(1)', 'data:text/html,x', ' https://x', '//x', 'weixin://x']) {
      assert.throws(() => requireWeb(address), /no address of a cashier/);
    }
  });
});
