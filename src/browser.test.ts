import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { makePumpCode } from './base/ids.ts';
import { sampleStations } from './station/sample-stations.ts';
import { saveStations } from './station/station.sql.ts';
import { openWatched, phone, startBrowser, type WatchedPage } from './testing/browser.ts';
import { buildPages } from './testing/built-pages.ts';
import { startStationDay, type StationDay } from './testing/station-day.ts';

/** The story once more, as a person with a phone lives it: a real Chromium on the real pages, to the paper that comes out. */

const started = await startBrowser();
const skip = typeof started === 'string' ? started : false;
const zbarimg = '/usr/bin/zbarimg';

describe('a driver with a real browser', { skip }, () => {
  let day: StationDay;
  let folder: string;

  before(async () => {
    await buildPages();
    day = await startStationDay(1003);
    folder = await mkdtemp(join(tmpdir(), 'forecourt-browser-'));
  });

  after(async () => {
    await browserOf(started).close();
    await day.stop();
    await rm(folder, { recursive: true });
  });

  /** Opens an address for a driver; in the end nothing may have gone wrong in his browser. */
  async function drive(options: BrowserContextOptions, story: (page: Page, watched: WatchedPage) => Promise<void>) {
    const watched = await openWatched(browserOf(started), [day.url, day.wechatPay.url], options);
    try {
      await story(watched.page, watched);
      assert.deepEqual(watched.faults, []);
    } finally {
      await watched.close();
    }
  }

  const pumpLink = (stationNumber: number, pump: number): string => `${day.url}/p/${makePumpCode(stationNumber, pump)}`;

  test('orders 200 yuan at the pump link, pays at the cashier, and gets the printed permit', () =>
    drive(phone('zh-CN'), async (page) => {
      const slip = day.printer.nextSlip();
      await page.goto(pumpLink(1003, 3));
      await page.getByRole('heading', { name: '晨光加油站（陆家嘴）' }).waitFor();
      await choose(page, /^95/);
      await page.getByRole('button', { name: '¥200' }).click();
      await page.locator('.quote', { hasText: '25.38 升' }).waitFor();
      await page.getByLabel('车牌号').fill('京A12345');
      await page.getByRole('button', { name: '支付 ¥194.42' }).click();
      await payAtCashier(page, day, '¥194.42', '确认支付');
      await page.getByRole('heading', { name: '已支付 · 放行凭证' }).waitFor();
      await page.getByText('已打印，请取走油站打印的凭证。').waitFor();
      const paper = (await slip).text;
      const shown = await page.locator('.permit').innerText();
      for (const words of ['京A12345', '¥194.42', '25.38 升']) assert.ok(shown.includes(words), words);
      const shortCode = (await page.locator('.short-code b').innerText()).trim();
      assert.ok(paper.includes(shortCode), `the slip lacks ${shortCode}`);
      if (existsSync(zbarimg)) assert.match(await readQr(page, '.permit .qr', folder), /^FP1:[0-9A-Z]{200,}$/);
    }));

  test('turns away at the cashier, is not called paid, and pays at the second try', () =>
    drive(phone('en-US'), async (page) => {
      await page.goto(pumpLink(1003, 4));
      await choose(page, /^92/);
      await choose(page, /^By volume/);
      await page.getByRole('button', { name: '20 L' }).click();
      await page.getByRole('button', { name: 'Pay ¥143.80' }).click();
      await page.getByRole('button', { name: 'Do not pay' }).click();
      await page.getByRole('heading', { name: 'Waiting for your payment' }).waitFor();
      assert.equal(await page.locator('.permit').count(), 0);
      await page.getByRole('button', { name: 'Open WeChat Pay' }).click();
      await payAtCashier(page, day, '¥143.80', 'Pay');
      await page.getByText('Printed. Take the slip').waitFor();
      assert.match(await page.locator('.permit').innerText(), /92 · 20\.00 L/);
    }));

  test('is at the one station nearby, which the position finds, and calls the order off', () => {
    const { latitude, longitude } = station(1003);
    const geolocation = { latitude, longitude, accuracy: 20 };
    return drive({ ...phone('en-US'), geolocation, permissions: ['geolocation'] }, async (page) => {
      await page.goto(day.url);
      await page.getByRole('button', { name: 'Use my position' }).click();
      await page.getByRole('heading', { name: '晨光加油站（陆家嘴）' }).waitFor();
      await choose(page, /^5$/);
      await choose(page, /^98/);
      await page.getByLabel(/^Own amount/).fill('123.45');
      await page.getByRole('button', { name: 'Pay ¥119.2' }).click();
      await page.goto(await leaveCashier(page, day));
      await page.getByRole('button', { name: 'Cancel this order' }).click();
      await page.getByRole('button', { name: 'Yes, cancel' }).click();
      await page.getByRole('heading', { name: 'Order cancelled' }).waitFor();
    });
  });

  test('stands between two stations, so the page asks which one it is', () => {
    const { latitude, longitude } = station(1001);
    const geolocation = { latitude, longitude, accuracy: 80 };
    return drive({ ...phone('zh-CN'), geolocation, permissions: ['geolocation'] }, async (page) => {
      await page.goto(day.url);
      await page.getByRole('button', { name: '使用当前位置' }).click();
      await page.getByText('附近有多个油站。').waitFor();
      assert.equal(await page.locator('.rows .row').count(), 2);
      await page.getByRole('button', { name: /北辰加油站/ }).click();
      await page.getByRole('heading', { name: '北辰加油站（望京西）' }).waitFor();
    });
  });

  test('is told the new price and pays it only after agreeing', () =>
    drive(phone('zh-CN'), async (page, watched) => {
      await page.goto(pumpLink(1004, 1));
      await choose(page, /^95/);
      await page.getByRole('button', { name: '¥200' }).click();
      await page.getByRole('button', { name: '支付 ¥193.87' }).waitFor();
      await raisePrice(day, 1004, '95', 8_250, 8_000);
      await page.getByRole('button', { name: '支付 ¥193.87' }).click();
      await page.getByText('95 原价 ¥7.90/升，现价 ¥8.00/升。').waitFor();
      await page.getByRole('button', { name: '确认并支付 ¥193.94' }).click();
      await payAtCashier(page, day, '¥193.94', '确认支付');
      await page.getByRole('heading', { name: '已支付 · 放行凭证' }).waitFor();
      // The browser itself writes each refusal into its console.
      assert.equal(watched.forgive(/status of 409 .*\/v1\/orders/), 1);
    }));

  test('sits at a desk, so a code to scan is shown instead of a cashier', () =>
    drive({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' }, async (page) => {
      await page.goto(pumpLink(1003, 6));
      await choose(page, /^0#/);
      await page.getByRole('button', { name: '¥100' }).click();
      await page.getByRole('button', { name: /^Pay ¥97\.\d\d/ }).click();
      await page.getByText(/^Scan with WeChat Pay to pay/).waitFor();
      if (existsSync(zbarimg)) assert.match(await readQr(page, '.paper .qr', folder), /^weixin:\/\//);
      const waiting = day.wechatPay.control.payments().at(-1);
      assert.equal(waiting?.tradeType, 'NATIVE');
      assert.equal(day.wechatPay.control.pay(waiting?.outTradeNo ?? '').kind, 'paid');
      await page.getByRole('heading', { name: 'Paid. Passage permit' }).waitFor();
    }));

  test('opened the link inside WeChat, and is told before ordering what can be paid there', () => {
    const wechat = phone('zh-CN');
    return drive({ ...wechat, userAgent: `${wechat.userAgent} MicroMessenger/8.0.50` }, async (page) => {
      await page.goto(pumpLink(1003, 7));
      await page.getByText('本页只能显示付款码，须用另一部手机扫码支付').waitFor();
      await choose(page, /^92/);
      await page.getByRole('button', { name: '¥100' }).click();
      await page.getByRole('button', { name: /^支付 ¥97/ }).click();
      await page.getByText('请用另一部手机扫描此码').waitFor();
      await page.locator('.paper .qr path').waitFor();
    });
  });
});

const browserOf = (one: Browser | string): Browser => (typeof one === 'string' ? assert.fail(one) : one);

const station = (stationNumber: number) =>
  sampleStations(Date.UTC(2026, 0, 1)).find((one) => one.stationNumber === stationNumber) ??
  assert.fail(`no station ${stationNumber}`);

/** One of several, as a thumb hits it: on its face, over which the radio button lies invisible. */
const choose = (page: Page, face: RegExp): Promise<void> => page.locator('.choice', { hasText: face }).first().click();

async function payAtCashier(page: Page, { wechatPay }: StationDay, sum: string, button: string): Promise<void> {
  await page.waitForURL((url) => url.origin === wechatPay.url);
  assert.equal(await page.locator('.sum').innerText(), sum);
  await page.getByRole('button', { name: button, exact: true }).click();
}

/** Where the cashier would send the driver back to, had he pressed a button. */
async function leaveCashier(page: Page, { wechatPay }: StationDay): Promise<string> {
  await page.waitForURL((url) => url.origin === wechatPay.url);
  return page.locator('input[name=redirect_url]').first().inputValue();
}

async function raisePrice(day: StationDay, stationNumber: number, grade: string, pump: number, member: number) {
  const now = Date.now();
  const changed = station(stationNumber);
  const grades = changed.grades.map((price) =>
    price.grade === grade ? { ...price, pumpPriceMilli: pump, memberPriceMilli: member, validFrom: now } : { ...price },
  );
  await day.cloud.journey.db.transaction((tx) => saveStations(tx, [{ ...changed, grades }], now));
}

async function readQr(page: Page, place: string, folder: string): Promise<string> {
  const path = join(folder, 'qr.png');
  await page.locator(`${place} path`).waitFor();
  await page.locator(place).screenshot({ path });
  const { stdout } = await promisify(execFile)(zbarimg, ['--quiet', '--raw', path]);
  return stdout.trim();
}
