import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { bridgeWaitMsMax, requireWeb, takeAction, type Told } from './next-action.ts';

const params = { appId: 'wx1', package: 'prepay_id=1' };
const next = { kind: 'jsapi', params } as const;

/** As much of a browser's window as the way to WeChat touches. */
class SmallWindow extends EventTarget {
  readonly document = new EventTarget();
  readonly location = { assign: (url: string) => void this.went.push(url) };
  readonly went: string[] = [];
  WeixinJSBridge?: { invoke(name: string, params: object, answered: (answer: { err_msg: string }) => void): void };
}

/** A bridge that answers as told, and what it was asked. */
function bridge(window: SmallWindow, answer: string): unknown[] {
  const asked: unknown[] = [];
  window.WeixinJSBridge = {
    invoke(name, given, answered) {
      asked.push([name, given]);
      answered({ err_msg: `get_brand_wcpay_request:${answer}` });
    },
  };
  return asked;
}

/** What is read of a window here is there. */
const asWindow = (small: SmallWindow): Window => small as unknown as Window;

function take(window: SmallWindow) {
  const told: Told[] = [];
  const end = takeAction(next, asWindow(window), (one) => told.push(one));
  return { told, end };
}

void describe('a cashier', () => {
  it('lies on the web, never in a script', () => {
    assert.equal(requireWeb('https://wx.tenpay.com/x'), 'https://wx.tenpay.com/x');
    for (const address of ['javascript:alert(1)', 'data:text/html,x', ' https://x', '//x', 'weixin://x']) {
      assert.throws(() => requireWeb(address), /no address of a cashier/);
    }
  });

  it('is gone to by its address', () => {
    const window = new SmallWindow();
    takeAction({ kind: 'redirect', url: 'https://wx.tenpay.com/x' }, asWindow(window), () => undefined);
    assert.deepEqual(window.went, ['https://wx.tenpay.com/x']);
  });
});

void describe("WeChat's own payment", () => {
  it('is opened with what the cloud gave, and tells how it was left', () => {
    for (const [answer, told] of [
      ['ok', 'ok'],
      ['cancel', 'cancel'],
      ['fail', 'fail'],
      ['fail_invalid appid', 'fail'],
    ] as const) {
      const window = new SmallWindow();
      const asked = bridge(window, answer);
      assert.deepEqual(take(window).told, [told]);
      assert.deepEqual(asked, [['getBrandWCPayRequest', params]]);
    }
  });

  it('waits for the bridge that WeChat puts in late, and is opened once however often it was pressed', () => {
    const window = new SmallWindow();
    take(window).end();
    const { told } = take(window);
    const asked = bridge(window, 'ok');
    for (let times = 0; times < 2; times += 1) window.document.dispatchEvent(new Event('WeixinJSBridgeReady'));
    assert.equal(asked.length, 1);
    assert.deepEqual(told, ['ok']);
  });

  it('has failed when WeChat puts in no bridge', () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const window = new SmallWindow();
      const { told } = take(window);
      mock.timers.tick(bridgeWaitMsMax - 1);
      assert.deepEqual(told, []);
      mock.timers.tick(1);
      assert.deepEqual(told, ['fail']);
      const asked = bridge(window, 'ok');
      window.document.dispatchEvent(new Event('WeixinJSBridgeReady'));
      assert.deepEqual(asked, [], 'the driver may have gone on to something else');
    } finally {
      mock.timers.reset();
    }
  });
});
