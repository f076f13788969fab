import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { makePumpCode } from '../base/ids.ts';
import { openWatched, type WatchedPage } from './browser.ts';
import type { StationDay } from './station-day.ts';

/** What a driver does with his phone, in the words of the stories that are told with a real browser. */

export const zbarimg = '/usr/bin/zbarimg';

/** What is longer than the page says that it checks a payment. */
const checkMs = 7_000;

export type Story = (page: Page, watched: WatchedPage) => Promise<void>;

/** Lets a driver live a story; in the end nothing may have gone wrong in his browser. */
export async function drive(browser: Browser | string, day: StationDay, options: BrowserContextOptions, story: Story) {
  const services = Object.values(day.simulators).map(({ url }) => url);
  const watched = await openWatched(requireBrowser(browser), [day.url, ...services], options);
  // The page's clock goes on by itself, and may be moved.
  await watched.page.clock.install();
  try {
    await story(watched.page, watched);
    assert.deepEqual(watched.faults, []);
  } finally {
    await watched.close();
  }
}

export const requireBrowser = (one: Browser | string): Browser => (typeof one === 'string' ? assert.fail(one) : one);

export const pumpLink = (day: StationDay, stationNumber: number, pump: number): string =>
  `${day.url}/p/${makePumpCode(stationNumber, pump)}`;

/** One of several, as a thumb hits it: on its face, over which the radio button lies invisible. */
export const choose = (page: Page, face: RegExp): Promise<void> =>
  page.locator('.choice', { hasText: face }).first().click();

export const payByWechat = (page: Page): Promise<void> => choose(page, /^(微信支付|WeChat Pay)$/);

/** At WeChat's cashier; `sum` is what it must ask for. */
export async function payAtCashier(page: Page, { wechatPay }: StationDay, sum: RegExp, button: string): Promise<void> {
  await page.waitForURL((url) => url.origin === wechatPay.url);
  assert.match(await page.locator('.sum').innerText(), sum);
  await page.getByRole('button', { name: button, exact: true }).click();
}

/** Where the cashier would send the driver back to, had he pressed a button. */
export async function leaveCashier(page: Page, { wechatPay }: StationDay): Promise<string> {
  await page.waitForURL((url) => url.origin === wechatPay.url);
  return page.locator('input[name=redirect_url]').first().inputValue();
}

/** What a scanner reads from the code at this place of the page. */
export async function readQr(page: Page, place: string, folder: string): Promise<string> {
  const path = join(folder, 'qr.png');
  await page.locator(`${place} path`).waitFor();
  await page.locator(place).screenshot({ path });
  const { stdout } = await promisify(execFile)(zbarimg, ['--quiet', '--raw', path]);
  return stdout.trim();
}

/** No question is answered any more, so after three the cloud does not offer WeChat Pay; whatever else the cloud asks goes the same way. */
export async function takeWechatDown({ cloud, wechatPay }: StationDay): Promise<void> {
  const provider = cloud.journey.services.accounts.forNew('wechat-pay', 1003) ?? assert.fail('there is no account');
  wechatPay.control.addFault({ operation: 'query', kind: 'html_502', times: 1_000 });
  for (let misses = 0; misses < 3; misses += 1)
    await assert.rejects(
      provider.query({ attemptRef: 'NOBODY' }, { signal: new AbortController().signal, timeoutMs: 4_000 }),
    );
}

/** The service answers again, and the cloud finds that out. */
export async function bringWechatBack({ cloud, wechatPay }: StationDay): Promise<void> {
  wechatPay.control.clearFaults();
  await cloud.journey.services.probe();
}

/** Back from a cashier the page says that it checks the payment; then it shows how the order stands. */
export async function passTheCheck(page: Page): Promise<void> {
  await page.getByRole('heading', { name: 'Checking your payment' }).waitFor();
  await page.clock.fastForward(checkMs);
}

const turnMs = 15_000;
const turnsMax = 20;
const lookMs = 300;

/** Moves the page's own clock on, a quarter of a minute at a time, until something is to be seen. */
export async function passTimeUntil(page: Page, place: Locator): Promise<void> {
  for (let turn = 0; turn < turnsMax; turn += 1) {
    await page.clock.fastForward(turnMs);
    const isThere = place.waitFor({ timeout: lookMs }).then(
      () => true,
      () => false,
    );
    if (await isThere) return;
  }
  assert.fail(`${place.toString()} is not to be seen after ${turnsMax} turns`);
}
