import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { BrowserContextOptions } from 'playwright-core';
import { sampleStations } from './station/sample-stations.ts';
import { saveStations } from './station/station.sql.ts';
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
  readQr,
  requireBrowser,
  type Story,
  bringWechatBack,
  takeWechatDown,
  zbarimg,
} from './testing/drive.ts';
import { startStationDay, type StationDay } from './testing/station-day.ts';

/** The story once more, as a person with a phone lives it: a real Chromium on the real pages, to the paper that comes out. */

const started = await startBrowser();
const skip = typeof started === 'string' ? started : false;

describe('a driver with a real browser', { skip }, () => {
  let day: StationDay;
  let folder: string;

  before(async () => {
    await buildPages();
    day = await startStationDay(1003);
    folder = await mkdtemp(join(tmpdir(), 'forecourt-browser-'));
  });

  after(async () => {
    await requireBrowser(started).close();
    await day.stop();
    await rm(folder, { recursive: true });
  });

  const live = (options: BrowserContextOptions, story: Story): Promise<void> => drive(started, day, options, story);
  const link = (stationNumber: number, pump: number): string => pumpLink(day, stationNumber, pump);

  test('orders 200 yuan at the pump link, pays at the cashier, and gets the printed permit', () =>
    live(phone('zh-CN'), async (page) => {
      const slip = day.printer.nextSlip();
      await page.goto(link(1003, 3));
      await page.getByRole('heading', { name: '晨光加油站（陆家嘴）' }).waitFor();
      await choose(page, /^95/);
      await page.getByRole('button', { name: '¥200' }).click();
      await page.locator('.quote', { hasText: '25.38 升' }).waitFor();
      await page.getByLabel('车牌号').fill('京A12345');
      await payByWechat(page);
      await page.getByRole('button', { name: '支付 ¥194.42' }).click();
      await payAtCashier(page, day, /^¥194\.42$/, '确认支付');
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
    live(phone('en-US'), async (page) => {
      await page.goto(link(1003, 4));
      await choose(page, /^92/);
      await choose(page, /^By volume/);
      await page.getByRole('button', { name: '20 L' }).click();
      await payByWechat(page);
      await page.getByRole('button', { name: 'Pay ¥143.80' }).click();
      await page.getByRole('button', { name: 'Do not pay' }).click();
      await passTheCheck(page);
      await page.getByRole('heading', { name: 'Waiting for your payment' }).waitFor();
      assert.equal(await page.locator('.permit').count(), 0);
      await page.getByRole('button', { name: 'Open WeChat Pay' }).click();
      await payAtCashier(page, day, /^¥143\.80$/, 'Pay');
      await page.getByText('Printed. Take the slip').waitFor();
      assert.match(await page.locator('.permit').innerText(), /92 · 20\.00 L/);
    }));

  test('is at the one station nearby, which the position finds, and calls the order off', () => {
    const { latitude, longitude } = station(1003);
    const geolocation = { latitude, longitude, accuracy: 20 };
    return live({ ...phone('en-US'), geolocation, permissions: ['geolocation'] }, async (page) => {
      await page.goto(day.url);
      await page.getByRole('button', { name: 'Use my position' }).click();
      await page.getByRole('heading', { name: '晨光加油站（陆家嘴）' }).waitFor();
      await choose(page, /^5$/);
      await choose(page, /^98/);
      await page.getByLabel(/^Own amount/).fill('123.45');
      await payByWechat(page);
      await page.getByRole('button', { name: 'Pay ¥119.2' }).click();
      await page.goto(await leaveCashier(page, day));
      await passTheCheck(page);
      await page.getByRole('button', { name: 'Cancel this order' }).click();
      await page.getByRole('button', { name: 'Yes, cancel' }).click();
      await page.getByRole('heading', { name: 'Order cancelled' }).waitFor();
    });
  });

  test('stands between two stations, so the page asks which one it is', () => {
    const { latitude, longitude } = station(1001);
    const geolocation = { latitude, longitude, accuracy: 80 };
    return live({ ...phone('zh-CN'), geolocation, permissions: ['geolocation'] }, async (page) => {
      await page.goto(day.url);
      await page.getByRole('button', { name: '使用当前位置' }).click();
      await page.getByText('附近有多个油站。').waitFor();
      assert.equal(await page.locator('.rows .row').count(), 2);
      await page.getByRole('button', { name: /北辰加油站/ }).click();
      await page.getByRole('heading', { name: '北辰加油站（望京西）' }).waitFor();
    });
  });

  test('is told the new price and pays it only after agreeing', () =>
    live(phone('zh-CN'), async (page, watched) => {
      await page.goto(link(1004, 1));
      await choose(page, /^95/);
      await page.getByRole('button', { name: '¥200' }).click();
      await payByWechat(page);
      await page.getByRole('button', { name: '支付 ¥193.87' }).waitFor();
      await raisePrice(day, 1004, '95', 8_250, 8_000);
      await page.getByRole('button', { name: '支付 ¥193.87' }).click();
      await page.getByText('95 原价 ¥7.90/升，现价 ¥8.00/升。').waitFor();
      await page.getByRole('button', { name: '确认并支付 ¥193.94' }).click();
      await payAtCashier(page, day, /^¥193\.94$/, '确认支付');
      await page.getByRole('heading', { name: '已支付 · 放行凭证' }).waitFor();
      // The browser itself writes each refusal into its console.
      assert.equal(watched.forgive(/status of 409 .*\/v1\/orders/), 1);
    }));

  test('sits at a desk, so a code to scan is shown instead of a cashier', () =>
    live({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' }, async (page) => {
      await page.goto(link(1003, 6));
      await choose(page, /^0#/);
      await page.getByRole('button', { name: '¥100' }).click();
      await payByWechat(page);
      await page.getByRole('button', { name: /^Pay ¥97\.\d\d/ }).click();
      await page.getByText(/^Scan with WeChat Pay to pay/).waitFor();
      if (existsSync(zbarimg)) assert.match(await readQr(page, '.paper .qr', folder), /^weixin:\/\//);
      const waiting = day.wechatPay.control.payments().at(-1);
      assert.equal(waiting?.tradeType, 'NATIVE');
      assert.equal(day.wechatPay.control.pay(waiting?.outTradeNo ?? '').kind, 'paid');
      await page.getByRole('heading', { name: 'Paid. Passage permit' }).waitFor();
    }));

  test('finds no way to pay at all while the payment service is down, is sent to the counter, and pays when it is back', () =>
    live({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' }, async (page, watched) => {
      await page.goto(link(1003, 6));
      await choose(page, /^0#/);
      await page.getByRole('button', { name: '¥100' }).click();
      await payByWechat(page);
      await takeWechatDown(day);
      await page.getByRole('button', { name: /^Pay ¥97/ }).click();
      await page.getByText('Nothing can be paid by phone just now. Please pay at the counter').waitFor();
      assert.equal(await page.getByRole('button', { name: /^Pay/ }).count(), 0);
      await bringWechatBack(day);
      await passTimeUntil(page, page.getByRole('button', { name: /^Pay ¥97/ }));
      await page.getByRole('button', { name: /^Pay ¥97/ }).click();
      await page.getByText(/^Scan with WeChat Pay to pay/).waitFor();
      // None where the page had heard already that the service is down.
      assert.ok(watched.forgive(/status of 503 .*\/payments/) <= 1);
    }));
});

const station = (stationNumber: number) =>
  sampleStations(Date.UTC(2026, 0, 1)).find((one) => one.stationNumber === stationNumber) ??
  assert.fail(`no station ${stationNumber}`);

async function raisePrice(day: StationDay, stationNumber: number, grade: string, pump: number, member: number) {
  const now = Date.now();
  const changed = station(stationNumber);
  const grades = changed.grades.map((price) =>
    price.grade === grade ? { ...price, pumpPriceMilli: pump, memberPriceMilli: member, validFrom: now } : { ...price },
  );
  await day.cloud.journey.db.transaction((tx) => saveStations(tx, [{ ...changed, grades }], now));
}
