import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { phone, startBrowser } from './testing/browser.ts';
import { buildPages } from './testing/built-pages.ts';
import {
  choose,
  drive,
  leaveCashier,
  payAtCashier,
  passTheCheck,
  passTimeUntil,
  payByWechat,
  pumpLink,
  requireBrowser,
  type Story,
  bringWechatBack,
  takeWechatDown,
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

const insideAlipay: BrowserContextOptions = {
  ...phone('en-US'),
  userAgent: `${phone('en-US').userAgent ?? ''} AlipayClient/10.6.0`,
};
const card = 'Card, Apple Pay, Google Pay';

describe('a driver who pays', { skip }, () => {
  let day: StationDay;

  before(async () => {
    await buildPages();
    day = await startStationDay(1003, { more: ['alipay', 'stripe'] });
  });

  after(async () => {
    await requireBrowser(started).close();
    await day.stop();
  });

  const live = (options: BrowserContextOptions, story: Story): Promise<void> => drive(started, day, options, story);

  /** Orders 100 yuan of diesel and presses "pay". */
  async function order(page: Page, method = /^WeChat Pay$/, press = sum): Promise<void> {
    await page.goto(pumpLink(day, 1003, 6));
    await choose(page, /^0#/);
    await page.getByRole('button', { name: '¥100' }).click();
    await choose(page, method);
    await page.getByRole('button', { name: press }).click();
  }

  const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true });
  const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
  const alipay = () => day.simulators.alipay ?? assert.fail('there is no Alipay');
  const stripe = () => day.simulators.stripe ?? assert.fail('there is no Stripe');
  const newestPayment = () => day.wechatPay.control.payments().at(-1) ?? assert.fail('there is no payment');
  const calls = (operation: string): number =>
    day.wechatPay.control.traffic().filter((line) => line.operation === operation).length;
  const ordersOf = (page: Page): string => new URL(page.url()).pathname;

  test('comes back from the cashier with the back button, and sees how the order stands', () =>
    live(phone('en-US'), async (page) => {
      await order(page);
      const returnUrl = await leaveCashier(page, day);
      await page.goBack();
      await passTheCheck(page);
      await button(page, 'Open WeChat Pay').click();
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
      await page.evaluate(`
        sessionStorage.setItem('forecourt.cashier', 'gone');
        window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
      `);
      await heading(page, 'Checking your payment').waitFor();
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

  test('does not find a method whose service is down, and finds it again when that is back', () =>
    live(desk, async (page, watched) => {
      await page.goto(pumpLink(day, 1003, 6));
      await choose(page, /^0#/);
      await page.getByRole('button', { name: '¥100' }).click();
      await payByWechat(page);
      await takeWechatDown(day);
      await button(page, sum).click();
      await page.getByText('The payment service cannot be reached. Choose another way of paying.').waitFor();
      assert.deepEqual(await page.locator('.choice').allInnerTexts(), ['Alipay', card]);
      await bringWechatBack(day);
      await passTimeUntil(page, page.locator('.choice', { hasText: /^WeChat Pay$/ }));
      await payByWechat(page);
      await button(page, sum).click();
      await page.getByText(/^Scan with WeChat Pay to pay/).waitFor();
      // None where the page had heard already that the service is down.
      assert.ok(watched.forgive(/status of 503 .*\/payments/) <= 1);
    }));

  test('changes from WeChat Pay to Alipay, which closes the first payment, and pays by its code', () =>
    live(desk, async (page) => {
      await order(page);
      await page.getByText(/^Scan with WeChat Pay to pay/).waitFor();
      const first = newestPayment();
      await button(page, 'Pay another way').click();
      await page.getByText('Your payment by WeChat Pay is called off first').waitFor();
      await choose(page, /^Alipay$/);
      await button(page, sum).click();
      await page.getByText(/^Scan with Alipay to pay ¥97/).waitFor();
      assert.equal(day.wechatPay.control.payment(first.outTradeNo)?.state, 'CLOSED');
      const { control } = alipay();
      assert.equal(control.pay(control.payments().at(-1)?.outTradeNo ?? '').kind, 'paid');
      await heading(page, 'Paid. Passage permit').waitFor();
      await page.getByText('Paid with').waitFor();
    }));

  test('pays on the phone at the cashier of Alipay', () =>
    live(phone('zh-CN'), async (page) => {
      await order(page, /^支付宝$/, /^支付 ¥97/);
      await page.waitForURL((url) => url.origin === alipay().url);
      await payAtAlipay(page);
      await heading(page, '已支付 · 放行凭证').waitFor();
      assert.equal(new URL(page.url()).search, '');
      await page.locator('.pairs', { hasText: '支付宝' }).waitFor();
    }));

  test('leaves the card page, is not called paid, and pays there at the second try', () =>
    live(phone('en-US'), async (page) => {
      await order(page, /^Card, Apple Pay, Google Pay$/);
      await page.waitForURL((url) => url.origin === stripe().url);
      await page.getByText('Cancel and go back').click();
      await passTheCheck(page);
      await heading(page, 'Waiting for your payment').waitFor();
      await page.getByText('Pay by card.').waitFor();
      await button(page, 'Open the card page').click();
      await button(page, 'Google Pay').click();
      await heading(page, 'Paid. Passage permit').waitFor();
      await page.locator('.pairs', { hasText: card }).waitFor();
    }));

  test('changes while WeChat cannot close the first payment, insists, pays both, and gets the second back', () =>
    live(phone('en-US'), async (page, watched) => {
      await order(page);
      await page.goto(await leaveCashier(page, day));
      const first = newestPayment();
      day.wechatPay.control.addFault({ operation: 'close', kind: 'rate_limited', times: 1_000 });
      await passTheCheck(page);
      await button(page, 'Pay another way').click();
      await choose(page, /^Alipay$/);
      await button(page, sum).click();
      await heading(page, 'Checking your payment').waitFor();
      await page.getByText('Your payment by WeChat Pay cannot be called off just now').waitFor();
      const lookedAgain = page.waitForResponse((response) => response.url().endsWith('/payments'));
      await button(page, 'Look again').click();
      assert.equal((await lookedAgain).status(), 409);
      await page.getByText(/^Looked at \d\d:\d\d:\d\d/).waitFor();
      await button(page, 'Pay by Alipay all the same').click();
      await page.getByText('If both get paid, the second payment goes back by itself.').waitFor();
      await button(page, 'Yes, pay').click();
      await page.waitForURL((url) => url.origin === alipay().url);
      await payAtAlipay(page);
      await heading(page, 'Paid. Passage permit').waitFor();
      assert.equal(day.wechatPay.control.pay(first.outTradeNo).kind, 'paid');
      day.wechatPay.control.clearFaults();
      await page.getByText('This order had been paid already, so the second payment goes back.').waitFor();
      await page.getByText('given back').waitFor();
      assert.equal(watched.forgive(/status of 409 .*\/payments/), 2);
    }));

  test('stays with the first payment when that cannot be closed, and it turns out to be paid', () =>
    live(desk, async (page, watched) => {
      await order(page);
      await page.getByText(/^Scan with WeChat Pay to pay/).waitFor();
      day.wechatPay.control.addFault({ operation: 'close', kind: 'rate_limited' });
      await button(page, 'Pay another way').click();
      await choose(page, /^Alipay$/);
      await button(page, sum).click();
      await button(page, 'Stay with WeChat Pay').click();
      await page.getByText(/^Scan with WeChat Pay to pay/).waitFor();
      assert.equal(day.wechatPay.control.pay(newestPayment().outTradeNo).kind, 'paid');
      await heading(page, 'Paid. Passage permit').waitFor();
      assert.equal(watched.forgive(/status of 409 .*\/payments/), 1);
    }));

  test('opened the page inside Alipay, which is chosen beforehand and pays there', () =>
    live(insideAlipay, async (page) => {
      await page.goto(pumpLink(day, 1003, 6));
      await choose(page, /^0#/);
      await page.getByRole('button', { name: '¥100' }).click();
      await button(page, sum).click();
      await page.waitForURL((url) => url.origin === alipay().url);
      await payAtAlipay(page);
      await heading(page, 'Paid. Passage permit').waitFor();
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

  test('got less fuel than he paid for, and reads how much, and that the difference goes back', () =>
    live(desk, async (page) => {
      await order(page);
      await page.getByText(/^Scan with WeChat Pay to pay/).waitFor();
      assert.equal(day.wechatPay.control.pay(newestPayment().outTradeNo).kind, 'paid');
      await heading(page, 'Paid. Passage permit').waitFor();
      await day.cloud.journey.recordDispense({
        stationNumber: 1003,
        orderId: page.url().slice(-24),
        volumeMilli: 10_000,
        by: 'Li Wei',
        source: 'staff',
      });
      await page.getByText(/^You got 10\.00 L of 1\d\.\d\d L; the difference goes back\.$/).waitFor();
      await page.locator('.pairs', { hasText: /Dispensed\s*10\.00 L · ¥\d\d\.\d\d/ }).waitFor();
      await page.getByText('given back').waitFor();
      assert.equal(await page.locator('.permit').count(), 1);
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

    test('pays by Alipay, whose page WeChat blocks, by a code for another phone', () =>
      live(insideWechat, async (page) => {
        await order(page, /^Alipay$/);
        await page.getByText(/^Scan with Alipay to pay/).waitFor();
        await page.getByText('Scan this code with another phone.').waitFor();
        assert.equal(await button(page, 'Pay in WeChat').count(), 0);
      }));

    test('wants a code to scan while WeChat cannot close the payment, insists, pays both, and gets one back', () =>
      live(insideWechat, async (page, watched) => {
        await bridge(watched, ['fail']);
        await order(page);
        await page.getByText('WeChat did not open its payment.').waitFor();
        const first = newestPayment();
        day.wechatPay.control.addFault({ operation: 'close', kind: 'rate_limited', times: 1_000 });
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
        day.wechatPay.control.clearFaults();
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

async function payAtAlipay(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^(Sign in to Alipay|登录支付宝)$/ }).click();
  await page.getByRole('button', { name: /^(Pay|确认支付)$/ }).click();
}
