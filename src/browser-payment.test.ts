import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { phone, startBrowser } from './testing/browser.ts';
import { buildPages } from './testing/built-pages.ts';
import {
  choose,
  drive,
  leaveCashier,
  lookedMsMax,
  payAtCashier,
  payByWechat,
  pumpLink,
  requireBrowser,
  type Story,
} from './testing/drive.ts';
import { startStationDay, type StationDay } from './testing/station-day.ts';

/** How a driver pays, changes his mind, is not believed too early and gets money back: on the real pages, in a real Chromium. */

const started = await startBrowser();
const skip = typeof started === 'string' ? started : false;
const desk: BrowserContextOptions = { viewport: { width: 1280, height: 900 }, locale: 'en-GB' };
const insideWechat: BrowserContextOptions = {
  ...phone('en-US'),
  userAgent: `${phone('en-US').userAgent ?? ''} MicroMessenger/8.0.50`,
};

describe('a driver who pays', { skip }, () => {
  let day: StationDay;

  before(async () => {
    await buildPages();
    day = await startStationDay(1003);
  });

  after(async () => {
    await requireBrowser(started).close();
    await day.stop();
  });

  const live = (options: BrowserContextOptions, story: Story): Promise<void> => drive(started, day, options, story);

  /** Orders 100 yuan of diesel and presses "pay". */
  async function order(page: Page): Promise<void> {
    await page.goto(pumpLink(day, 1003, 6));
    await choose(page, /^0#/);
    await page.getByRole('button', { name: '¥100' }).click();
    await payByWechat(page);
    await page.getByRole('button', { name: sum }).click();
  }

  const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true });
  const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
  const newestPayment = () => day.wechatPay.control.payments().at(-1) ?? assert.fail('there is no payment');
  const calls = (operation: string): number =>
    day.wechatPay.control.traffic().filter((line) => line.operation === operation).length;
  const ordersOf = (page: Page): string => new URL(page.url()).pathname;

  test('comes back from the cashier with the back button, and sees how the order stands', () =>
    live(phone('en-US'), async (page) => {
      await order(page);
      const returnUrl = await leaveCashier(page, day);
      await page.goBack();
      await heading(page, 'Checking your payment').waitFor();
      await button(page, 'Open WeChat Pay').click({ timeout: lookedMsMax });
      await payAtCashier(page, day, /^¥97\.\d\d$/, 'Pay');
      await heading(page, 'Paid. Passage permit').waitFor();
      assert.equal(page.url(), returnUrl);
    }));

  test('comes back with words of the cashier in the address, which are gone at once', () =>
    live(phone('en-US'), async (page) => {
      await order(page);
      await page.goto(`${await leaveCashier(page, day)}?out_trade_no=1&sign=a%2Bb`);
      await heading(page, 'Checking your payment').waitFor();
      assert.equal(new URL(page.url()).search, '');
      assert.equal(day.wechatPay.control.pay(newestPayment().outTradeNo).kind, 'paid');
      await heading(page, 'Paid. Passage permit').waitFor();
    }));

  test('sees how the order stands when the browser brings the page back from its memory', () =>
    live(desk, async (page) => {
      await order(page);
      await page.getByText(/^Scan with WeChat Pay to pay/).waitFor();
      const read = page.waitForRequest(
        (request) => new URL(request.url()).pathname === `/v1/orders${ordersOf(page).slice(2)}`,
      );
      await page.evaluate(`window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))`);
      await read;
      assert.equal(day.wechatPay.control.pay(newestPayment().outTradeNo).kind, 'paid');
      await heading(page, 'Paid. Passage permit').waitFor();
    }));

  test('goes home and back to the order without being sent to the cashier again', () =>
    live(desk, async (page) => {
      await order(page);
      await page.getByText(/^Scan with WeChat Pay to pay/).waitFor();
      const before = calls('create');
      await page.getByRole('link', { name: 'Order fuel' }).click();
      await page.goBack();
      await page.getByText(/^Scan with WeChat Pay to pay/).waitFor();
      assert.equal(calls('create'), before);
    }));

  test('finds no way to pay while the payment service is down, is told so, and pays when it is back', () =>
    live(desk, async (page, watched) => {
      await page.clock.install();
      await page.goto(pumpLink(day, 1003, 6));
      await choose(page, /^0#/);
      await page.getByRole('button', { name: '¥100' }).click();
      await payByWechat(page);
      await takeDown(day);
      await button(page, sum).click();
      await page.getByText('Nothing can be paid by phone just now. Please pay at the counter').waitFor();
      assert.equal(await page.getByRole('button', { name: sum }).count(), 0);
      await day.cloud.journey.services.probe();
      await page.clock.fastForward(15_000);
      await button(page, sum).click();
      await page.getByText(/^Scan with WeChat Pay to pay/).waitFor();
      assert.equal(watched.forgive(/status of 503 .*\/payments/), 1);
    }));

  test('called the order off, yet paid: reads why the money goes back, and by when', () =>
    live(desk, async (page) => {
      await order(page);
      await page.getByText(/^Scan with WeChat Pay to pay/).waitFor();
      await button(page, 'Cancel this order').click();
      await button(page, 'Yes, cancel').click();
      await heading(page, 'Order cancelled').waitFor();
      day.wechatPay.control.endNextRefunds('ABNORMAL');
      const { outTradeNo } = newestPayment();
      assert.equal(day.wechatPay.control.pay(outTradeNo, { evenIfLate: true }).kind, 'paid');
      await page.getByText('The money came after the order had ended.').waitFor();
      await page.getByText('A person is looking after it').waitFor();
      const [refund] = day.wechatPay.control.refunds().filter((one) => one.outTradeNo === outTradeNo);
      assert.ok(refund !== undefined && day.wechatPay.control.endRefund(refund.outRefundNo, 'SUCCESS'));
      await page.getByText('It went back the way it was paid.').waitFor();
      const text = await page.locator('.refunds').innerText();
      assert.match(text, /¥97\.\d\d\s+given back/);
      assert.match(text, /A bank may take until \w+ \d{1,2}, \d{4} to show it/);
      assert.match(text, /give the order number below/);
    }));

  describe('inside WeChat', () => {
    /** WeChat's bridge, behind which the payer answers as told: each call takes the next answer, `ok` once he has paid. */
    async function bridge({ context }: { readonly context: WatchedContext }, answers: string[]): Promise<void> {
      await context.exposeFunction('askPayer', (name: string, params: Readonly<Record<string, string>>) => {
        assert.equal(name, 'getBrandWCPayRequest');
        assert.equal(params['package'], `prepay_id=${newestPayment().prepayId}`);
        const answer = answers.shift() ?? assert.fail('nobody expected that WeChat is asked again');
        if (answer === 'ok') assert.equal(day.wechatPay.control.pay(newestPayment().outTradeNo).kind, 'paid');
        return answer;
      });
      await context.addInitScript({ content: bridgeScript });
    }

    test('is known to WeChat without a tap, turns away, taps again, and pays', () =>
      live(insideWechat, async (page, watched) => {
        await bridge(watched, ['cancel', 'ok']);
        const before = calls('signIn');
        await order(page);
        await button(page, 'Pay in WeChat').waitFor();
        assert.match(page.url(), /\/o\/[0-9A-Z]{24}$/);
        const payment = newestPayment();
        assert.equal(payment.tradeType, 'JSAPI');
        assert.match(payment.openid ?? '', /^o/);
        await page.reload();
        await button(page, 'Pay in WeChat').click();
        await heading(page, 'Paid. Passage permit').waitFor();
        assert.equal(calls('signIn') - before, 1);
        assert.equal(watched.forgive(/status of 422 .*\/payments/), 1);
      }));

    test('comes with a code that was used, is not sent round for ever, and scans another code instead', () =>
      live(insideWechat, async (page, watched) => {
        await bridge(watched, ['cancel']);
        let used = '';
        page.on('request', (request) => {
          const { searchParams } = new URL(request.url());
          used = searchParams.get('state') === null ? used : (searchParams.get('code') ?? used);
        });
        await order(page);
        await button(page, 'Pay in WeChat').waitFor();
        const orderUrl = page.url();
        await page.goto(`${orderUrl}?code=${used}&state=${orderUrl.slice(-24)}`);
        await page.getByText('WeChat did not say who pays.').waitFor();
        assert.equal(page.url(), orderUrl);
        await button(page, 'Show a code to scan').click();
        await page.getByText('Scan this code with another phone.').waitFor();
        assert.equal(newestPayment().tradeType, 'NATIVE');
        assert.equal(watched.forgive(/status of 422 .*\/payments/), 2);
      }));

    test('is sent to WeChat again for a code that has grown old, and pays', () =>
      live(insideWechat, async (page, watched) => {
        await bridge(watched, ['cancel', 'ok']);
        await order(page);
        await button(page, 'Pay in WeChat').waitFor();
        const orderUrl = page.url();
        await page.evaluate(`localStorage.setItem('forecourt.signed-in', Date.now() - 60_000)`);
        await page.goto(`${orderUrl}?code=0123456789abcdef&state=${orderUrl.slice(-24)}`);
        await heading(page, 'Paid. Passage permit').waitFor();
        assert.equal(watched.forgive(/status of 422 .*\/payments/), 3);
      }));

    test('wants a code to scan while WeChat cannot close the payment, insists, pays both, and gets one back', () =>
      live(insideWechat, async (page, watched) => {
        await bridge(watched, ['fail']);
        await order(page);
        await page.getByText('WeChat did not open its payment.').waitFor();
        const first = newestPayment();
        day.wechatPay.control.addFault({ operation: 'close', kind: 'rate_limited', times: 2 });
        await button(page, 'Show a code to scan').click();
        await heading(page, 'Checking your payment').waitFor();
        await page.getByText('cannot be called off just now and may still go through').waitFor();
        await button(page, 'Pay by WeChat Pay all the same').click();
        await page.getByText('If both get paid, the second payment goes back by itself.').waitFor();
        await button(page, 'Yes, pay').click();
        await page.getByText('Scan this code with another phone.').waitFor();
        const second = newestPayment();
        assert.notEqual(second.outTradeNo, first.outTradeNo);
        for (const { outTradeNo } of [second, first]) assert.equal(day.wechatPay.control.pay(outTradeNo).kind, 'paid');
        await heading(page, 'Paid. Passage permit').waitFor();
        await page.getByText('This order had been paid already, so the second payment goes back.').waitFor();
        watched.forgive(/status of 4(09|22) .*\/payments/);
      }));
  });
});

/** As WeChat puts it into its pages, for the one call that a cashier needs. */
const bridgeScript = `window.WeixinJSBridge = {
  invoke: (name, params, answered) =>
    askPayer(name, params).then((answer) => answered({ err_msg: 'get_brand_wcpay_request:' + answer })),
};`;

/** 100 yuan less the members' discount of this station. */
const sum = /^Pay ¥97\.\d\d$/;

type WatchedContext = Parameters<Story>[1]['context'];

/** Lets three calls go unanswered, after which the cloud does not offer the method any more. */
async function takeDown({ cloud, wechatPay }: StationDay): Promise<void> {
  const provider = cloud.journey.services.accounts.forNew('wechat-pay', 1003) ?? assert.fail('there is no account');
  for (let misses = 0; misses < 3; misses += 1) {
    wechatPay.control.addFault({ operation: 'query', kind: 'html_502' });
    const asked = provider.query({ attemptRef: 'NOBODY' }, { signal: new AbortController().signal, timeoutMs: 4_000 });
    await assert.rejects(asked);
  }
}
