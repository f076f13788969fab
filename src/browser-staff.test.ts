import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { OrderMessage, PlacedOrderMessage } from './order/order.message.ts';
import { removeStaff } from './staff/keep-staff.ts';
import { operatorNamed } from './staff/staff-action.ts';
import { staffRights } from './staff/staff-member.ts';
import { openWatched, phone, startBrowser, type WatchedPage } from './testing/browser.ts';
import { buildPages } from './testing/built-pages.ts';
import { bearer, newKey, placePlainOrder, post, waitForOrder } from './testing/cloud.ts';
import { makeStaff } from './testing/staff.ts';
import { startStationDay, type StationDay } from './testing/station-day.ts';

/** The staff's page in a real Chromium: what a person at the station does when a driver stands before him. */

const started = await startBrowser();
const skip = typeof started === 'string' ? started : false;
const desk: BrowserContextOptions = { viewport: { width: 1280, height: 900 }, locale: 'en-GB' };

describe('staff with a real browser', { skip }, () => {
  let day: StationDay;
  /** May everything at station 1003. */
  let boss: { readonly token: string };

  before(async () => {
    await buildPages();
    day = await startStationDay(1003);
    boss = await makeStaff(day.cloud.journey.db, { rights: [...staffRights], stationNumbers: [1003] });
  });

  after(async () => {
    await browserOf(started).close();
    await day.stop();
  });

  async function work(options: BrowserContextOptions, story: (page: Page, watched: WatchedPage) => Promise<void>) {
    const watched = await openWatched(browserOf(started), [day.url], options);
    try {
      await story(watched.page, watched);
      assert.deepEqual(watched.faults, []);
    } finally {
      await watched.close();
    }
  }

  /** A driver orders 200 yuan of 95 and pays 194.42 at WeChat Pay; the slip is out. */
  async function paidOrder(plate: string): Promise<PlacedOrderMessage> {
    const placed = await placePlainOrder(day.url, { user: { plate } });
    const started = await post(
      `${day.url}/v1/orders/${placed.order.orderId}/payments`,
      { method: 'wechat-pay', surface: 'wechat.native' },
      { ...bearer(placed.accessToken), 'idempotency-key': newKey() },
    );
    assert.equal(day.wechatPay.control.pay(String(started.json['attemptRef'])).kind, 'paid');
    await waitForOrder<OrderMessage>(day.url, placed, (order) => order.state === 'fulfilled');
    return placed;
  }

  const comeIn = (page: Page, token = boss.token) => page.goto(`${day.url}/staff#token=${token}`);
  const openOrder = (page: Page, plate: string) => page.locator('.line', { hasText: plate }).click();
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

  test('give all of the money back, and the driver reads that it goes back', async () => {
    const placed = await paidOrder('京A11111');
    await work(desk, async (page) => {
      await comeIn(page);
      await openOrder(page, '京A11111');
      await page.getByRole('heading', { name: '京A11111' }).waitFor();
      await press(page, 'Give money back');
      await press(page, 'Wrong pump or fuel');
      await press(page, 'Go on');
      await page.getByRole('heading', { name: 'Give ¥194.42 back, all of it?' }).waitFor();
      const code = (await page.locator('.code-text').innerText()).trim();
      await page.getByText(`Permit ${code} becomes void at once.`).waitFor();
      await press(page, 'Give ¥194.42 back');
      await page
        .getByText(/^¥194\.42 goes back the way it was paid, and is with the driver by \w+ \d+, \d{4} at the latest\.$/)
        .waitFor();
      await page.getByText('The permit is void.').waitFor();
      await page.locator('.head-state', { hasText: 'Money given back' }).waitFor(twoReadings);
      await page.locator('.refunds', { hasText: 'by staff: Wrong pump or fuel' }).waitFor();
      assert.equal(await page.getByRole('button', { name: 'Give money back' }).count(), 0);
    });
    const order = await waitForOrder<OrderMessage>(day.url, placed, ({ refunds }) => refunds[0]?.state === 'succeeded');
    assert.deepEqual([order.state, order.permit?.state, order.payment?.state], ['refunded', 'revoked', 'refunded']);
    const [refund] = order.refunds;
    assert.deepEqual([order.refunds.length, refund?.amount, refund?.reason], [1, '194.42', 'staff']);
  });

  test('read that money is on its way, held up, and given back only when it is, and no promise outlives its refund', async () => {
    const placed = await paidOrder('桂G77777');
    await work(desk, async (page) => {
      const head = (text: string) => page.locator('.head-state', { hasText: text }).waitFor(twoReadings);
      const sum = (name: string, amount: string) =>
        page
          .locator('.pairs > div', { has: page.getByText(name, { exact: true }) })
          .getByText(amount)
          .waitFor();
      await comeIn(page);
      await openOrder(page, '桂G77777');
      await press(page, 'Give money back');
      await press(page, 'Pump out of order');
      await press(page, 'Go on');
      day.wechatPay.control.endNextRefunds('ABNORMAL');
      await press(page, 'Give ¥194.42 back');
      await page.getByText(/^¥194\.42 goes back the way it was paid/).waitFor();
      await head('Money on its way back');
      await sum('Given back', '¥0.00');
      await sum('On its way back', '¥194.42');
      await head('Refund held up, a person is needed');
      assert.equal(await page.getByText(/goes back the way it was paid/).count(), 0);
      assert.equal(await page.locator('h1:focus').count(), 1);
      await sum('Given back', '¥0.00');
      await sum('Held up, not back yet', '¥194.42');
      await page.locator('.line', { hasText: '桂G77777' }).getByText('Refund held up').waitFor(twoReadings);
      const { refunds } = await waitForOrder<OrderMessage>(day.url, placed, (order) => order.refunds.length > 0);
      assert.equal(day.wechatPay.control.endRefund(refunds[0]?.refundRef ?? '', 'SUCCESS'), true);
      await head('Money given back');
      await sum('Given back', '¥194.42');
    });
  });

  test('give a part back on a phone, and the permit stays', async () => {
    const placed = await paidOrder('沪B22222');
    await work({ ...phone('zh-CN'), viewport: { width: 360, height: 740 } }, async (page) => {
      await comeIn(page);
      await page.getByLabel('订单号、车牌、核验码或枪号').fill('b222');
      await press(page, '搜索');
      await page.getByText('京A11111').waitFor({ state: 'detached' });
      await openOrder(page, '沪B22222');
      // The names of the numbers are longest in English.
      await press(page, 'English');
      await page.getByText('Payment number').waitFor();
      for (const number of await page.locator('.pairs .whole').all()) {
        const box = (await number.boundingBox()) ?? assert.fail('a number is not drawn');
        assert.ok(box.height < 24 && box.x + box.width <= 360 - 32, JSON.stringify(box));
      }
      await press(page, '中文');
      await press(page, '退款');
      await page.getByText('部分', { exact: true }).click();
      await press(page, '下一步');
      await page.getByText('请输入 ¥0.01 至 ¥194.42 之间的金额。').waitFor();
      await page.getByLabel('金额（CNY）').fill('50');
      await page.getByLabel('原因').fill('少加油');
      await press(page, '下一步');
      await page.getByRole('heading', { name: '确认退款 ¥50.00？' }).waitFor();
      await page.getByText(/放行凭证 \S+ 仍然有效，保留 ¥144\.42。/).waitFor();
      await press(page, '退款 ¥50.00');
      await page.getByText(/^¥50\.00 将按原支付渠道退回，最迟 \d+年\d+月\d+日到账。$/).waitFor();
      await page.goBack();
      await page.locator('.line', { hasText: /有退款在途|已部分退款/ }).waitFor();
      await waitForOrder<OrderMessage>(day.url, placed, ({ refunds }) => refunds[0]?.state === 'succeeded');
      await press(page, '显示全部');
      await page.locator('.line', { hasText: '已部分退款' }).waitFor();
    });
    const order = await waitForOrder<OrderMessage>(day.url, placed, ({ refunds }) => refunds[0]?.state === 'succeeded');
    assert.deepEqual([order.state, order.permit?.state, order.refunds[0]?.amount], ['fulfilled', 'printed', '50.00']);
  });

  test('tell what the pump gave, see before what goes back, and see it after', async () => {
    const placed = await paidOrder('粤C33333');
    await work(desk, async (page, watched) => {
      await comeIn(page);
      await openOrder(page, '粤C33333');
      await press(page, 'Fuel not dispensed');
      await page.getByLabel(/^What the pump gave/).fill('250');
      await press(page, 'Go on');
      await page.getByText('This is far more than was ordered. Read the pump again.').waitFor();
      // The browser itself writes each refusal into its console.
      assert.equal(watched.forgive(/status of 422 .*dispensed/), 1);
      await page.getByLabel(/^What the pump gave/).fill('20');
      await press(page, 'Go on');
      await page.getByRole('heading', { name: 'Only 20.00 L came out, ¥41.22 goes back?' }).waitFor();
      await press(page, 'Record 20.00 L, give ¥41.22 back');
      await page.getByText(/^¥41\.22 goes back the way it was paid/).waitFor();
      await page.getByText(/^told by Li Wei, /).waitFor();
      assert.equal(await page.getByRole('button', { name: 'Fuel not dispensed' }).count(), 0);
    });
    const order = await waitForOrder<OrderMessage>(day.url, placed, ({ refunds }) => refunds[0]?.state === 'succeeded');
    assert.deepEqual([order.dispensed?.volume, order.refunds[0]?.reason], ['20.00', 'less_dispensed']);
  });

  test('do all of it by the keyboard', async () => {
    const placed = await paidOrder('苏D44444');
    await work(desk, async (page) => {
      await comeIn(page);
      await page.locator('.line').first().waitFor();
      await page.locator('#search').focus();
      await page.keyboard.type(placed.order.orderId);
      await page.keyboard.press('Enter');
      await page.locator('.line', { hasText: '苏D44444' }).waitFor();
      await tabTo(page, '.line');
      await page.keyboard.press('Enter');
      await tabTo(page, '.deeds button');
      await page.keyboard.press('Enter');
      await tabTo(page, '#reason');
      await page.keyboard.type('by keyboard');
      await page.keyboard.press('Enter');
      await tabTo(page, '.confirm .first');
      await page.keyboard.press('Enter');
      await page.getByText(/^¥194\.42 goes back/).waitFor();
      await page.locator('.notice.calm:focus').waitFor();
    });
    await waitForOrder<OrderMessage>(day.url, placed, ({ state }) => state === 'refunded');
  });

  test('see a new order without doing anything, and no more once their token was withdrawn', () =>
    work(desk, async (page, watched) => {
      const { member, token } = await makeStaff(day.cloud.journey.db, { stationNumbers: [1003] });
      await comeIn(page, token);
      await page.locator('.line').first().waitFor();
      await placePlainOrder(day.url, { user: { plate: '浙E55555' } });
      await page.locator('.line', { hasText: '浙E55555' }).waitFor({ timeout: 10_000 });
      await openOrder(page, '浙E55555');
      await page.getByText('No permit: this order does not let anybody pass.').waitFor();
      assert.equal(await page.getByRole('button', { name: 'Give money back' }).count(), 0);
      await removeStaff(day.cloud.journey.db, member.staffId, { doer: operatorNamed('chief'), now: Date.now() });
      await page.getByText('This token is not known, or it was withdrawn.').waitFor({ timeout: 10_000 });
      assert.equal(await page.getByText('浙E55555').count(), 0);
      assert.ok(watched.forgive(/status of 401/) >= 1);
    }));

  test('are let in by a token that leaves the address at once and lives as long as the tab', () =>
    work(desk, async (page, watched) => {
      await page.goto(`${day.url}/staff`);
      await page.getByLabel('Token').fill('fcs_wrong');
      await press(page, 'Come in');
      await page.getByText('This token is not known, or it was withdrawn.').waitFor();
      assert.equal(watched.forgive(/status of 401/), 1);
      await page.getByLabel('Token').fill(boss.token);
      await press(page, 'Come in');
      await page.locator('.line').first().waitFor();
      await page.reload();
      await page.locator('.line').first().waitFor();
      const other = await page.context().newPage();
      await other.goto(`${day.url}/staff`);
      await other.getByLabel('Token').waitFor();
      await comeIn(other);
      // The page is not loaded anew for this, and takes it all the same.
      await other.locator('.line').first().waitFor();
      assert.equal(new URL(other.url()).hash, '');
      assert.ok(!String(await other.evaluate('JSON.stringify(localStorage)')).includes('fcs_'));
      await press(other, 'Sign out');
      await other.getByLabel('Token').waitFor();
      assert.ok(!String(await other.evaluate('JSON.stringify(sessionStorage)')).includes('fcs_'));
    }));

  test('may give all of it back of a used permit only with the right to, and having said so', async () => {
    const placed = await paidOrder('闽F66666');
    await day.cloud.journey.db.query("update permits set state = 'redeemed' where order_id = $1", [
      placed.order.orderId,
    ]);
    const { token } = await makeStaff(day.cloud.journey.db, { rights: ['refund'], stationNumbers: [1003] });
    const ask = async (page: Page): Promise<void> => {
      await openOrder(page, '闽F66666');
      await press(page, 'Give money back');
      await press(page, 'Goodwill');
    };
    await work(desk, async (page, watched) => {
      await comeIn(page, token);
      await ask(page);
      await page
        .getByText('The permit was used. Only an operator may give all of it back; a part is possible.')
        .waitFor();
      await press(page, 'Go on');
      await press(page, 'Give ¥194.42 back');
      await page.getByText('Only an operator may give all of the money back.').waitFor();
      assert.equal(watched.forgive(/status of 409 .*refunds/), 1);
    });
    await work(desk, async (page) => {
      await comeIn(page);
      await ask(page);
      await page.getByText('All of it, though the permit was used').click();
      await press(page, 'Go on');
      await page.getByText('The driver has left with the permit.').waitFor();
      await press(page, 'Give ¥194.42 back');
      await page.getByText('by an operator, though the permit was used').waitFor();
    });
    await waitForOrder<OrderMessage>(day.url, placed, ({ state }) => state === 'refunded');
  });
});

const browserOf = (one: Browser | string): Browser => (typeof one === 'string' ? assert.fail(one) : one);

/** The page reads again by itself every five seconds. */
const twoReadings = { timeout: 15_000 };

const tabsMax = 40;

/** Presses Tab until the focus is at the place. */
async function tabTo(page: Page, place: string): Promise<void> {
  await page.locator(place).first().waitFor();
  for (let tab = 0; tab < tabsMax; tab += 1) {
    if ((await page.locator(place).and(page.locator(':focus')).count()) > 0) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`no Tab leads to ${place}`);
}
