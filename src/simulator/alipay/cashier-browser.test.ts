import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, describe, test, type TestContext } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { openWatched, phone, startBrowser } from '../../testing/browser.ts';
import { callOptions, startTrial, type TrialMerchant, trialOrder, trialRef } from './testing/trial-merchant.ts';

const browser = await startBrowser();
const skip = typeof browser === 'string' ? browser : false;

describe('a payer with a real browser', { skip }, () => {
  after(async () => {
    if (typeof browser !== 'string') await browser.close();
  });

  type Story = (page: Page, trial: TrialMerchant, returnUrl: string) => Promise<void>;

  /** A simulator and a merchant's page to come back to; in the end nothing may have gone wrong in the browser. */
  async function pays(context: TestContext, options: BrowserContextOptions, story: Story): Promise<void> {
    if (typeof browser === 'string') throw new Error(browser);
    const trial = await startTrial(context);
    const shop = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<link rel="icon" href="data:,"><h1>Shop</h1>');
    });
    await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
    const address = shop.address();
    const origin = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    const watched = await openWatched(browser, [trial.simulator.url, origin], options);
    context.after(async () => {
      await watched.close();
      shop.closeAllConnections();
      shop.close();
    });
    await story(watched.page, trial, `${origin}/orders/1?lang=en`);
    assert.equal(await watched.page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true);
    assert.deepEqual(watched.faults, []);
  }

  test('signs in, pays and comes back to the merchant with the trade in the address', (context) =>
    pays(context, phone('zh-CN'), async (page, trial, returnUrl) => {
      const order = trialOrder(trial, { surface: 'alipay.wap', returnUrl });
      const created = await trial.provider.create(order, callOptions);
      await page.goto(created.next.kind === 'redirect' ? created.next.url : '');
      await page.getByText('¥200.00').waitFor();
      await page.getByRole('button', { name: '登录支付宝' }).click();
      await page.getByRole('button', { name: '确认支付' }).click();
      await page.getByRole('heading', { name: 'Shop' }).waitFor();
      const back = new URL(page.url());
      assert.deepEqual([back.searchParams.get('out_trade_no'), back.searchParams.get('lang')], [trialRef, 'en']);
      assert.equal((await trial.provider.query({ attemptRef: trialRef }, callOptions)).state, 'paid');
    }));

  test('scans a code, turns away, and pays from the list in English', (context) =>
    pays(context, { ...phone('en-GB'), viewport: { width: 360, height: 740 } }, async (page, trial) => {
      const created = await trial.provider.create(trialOrder(trial), callOptions);
      await page.goto(created.next.kind === 'qr' ? created.next.payload : '');
      await page.getByRole('button', { name: 'Do not pay' }).click();
      await page.getByText('Not paid').waitFor();
      await page.getByRole('link', { name: 'Back to the list' }).click();
      await page.getByText('Trade begun, waiting to be paid').waitFor();
      await page.getByRole('button', { name: 'Pay', exact: true }).click();
      await page.getByRole('status').getByText('Paid').waitFor();
      assert.equal((await trial.provider.query({ attemptRef: trialRef }, callOptions)).state, 'paid');
    }));
});
