import assert from 'node:assert/strict';
import { after, describe, test, type TestContext } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { openWatched, phone, startBrowser } from '../../testing/browser.ts';
import {
  callOptions,
  startTrial,
  type TrialMerchant,
  trialOrder,
  trialRefund,
} from '../wechat-pay/testing/trial-merchant.ts';
import { startPaymentDesk } from './payment-desk.ts';

const browser = await startBrowser();
const skip = typeof browser === 'string' ? browser : false;

describe('a person at the payment desk', { skip }, () => {
  after(async () => {
    if (typeof browser !== 'string') await browser.close();
  });

  type Story = (page: Page, trial: TrialMerchant) => Promise<void>;

  /** Opens the desk; in the end nothing may have gone wrong in the browser. */
  async function atDesk(context: TestContext, options: BrowserContextOptions, story: Story): Promise<void> {
    if (typeof browser === 'string') throw new Error(browser);
    const trial = await startTrial(context);
    const desk = await startPaymentDesk({ services: [trial.simulator.desk] });
    const watched = await openWatched(browser, [new URL(desk.url).origin], options);
    context.after(async () => {
      await watched.close();
      await desk.close();
    });
    await watched.page.goto(desk.url);
    await story(watched.page, trial);
    assert.equal(await watched.page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true);
    assert.deepEqual(watched.faults, []);
  }

  const wide = (locale: string): BrowserContextOptions => ({ locale, viewport: { width: 1440, height: 900 } });
  const narrow = (locale: string): BrowserContextOptions => ({
    ...phone(locale),
    viewport: { width: 360, height: 740 },
  });

  test('sees a new payment without loading the page again, pays it, and notifies once more', (context) =>
    atDesk(context, wide('en-GB'), async (page, trial) => {
      const { attemptRef } = trialOrder(trial);
      await page.getByText('No payment is open.').waitFor();
      await trial.provider.create(trialOrder(trial), callOptions);
      const open = page.locator('#open .card', { hasText: attemptRef });
      await open.getByText('¥200.00').waitFor();
      await open.getByRole('button', { name: 'Pay', exact: true }).click();
      await page.getByRole('status').getByText('Paid.').waitFor();
      const recent = page.locator('#recent .card', { hasText: attemptRef });
      await recent.getByText('accepted').waitFor();
      await recent.getByRole('button', { name: 'Notify again' }).click();
      await page.getByText('The notification was sent again.').waitFor();
      await trial.simulator.control.settled();
      assert.equal(trial.received.length, 2);
    }));

  test('plays a payer who turns away and a late notification, on a small phone in Chinese', (context) =>
    atDesk(context, narrow('zh-CN'), async (page, trial) => {
      await trial.provider.create(trialOrder(trial), callOptions);
      await page.getByRole('button', { name: '拒绝' }).click();
      await page.getByText('付款人曾取消').waitFor();
      await page.getByRole('button', { name: '支付，30 秒后通知' }).click();
      await page.locator('#recent').getByText('等待中').waitFor();
      assert.equal(trial.received.length, 0);
      await trial.timeline.advance(30_000);
      await page.locator('#recent').getByText('已接收').waitFor();
    }));

  test('lets a refund fail and puts it right', (context) =>
    atDesk(context, wide('en-GB'), async (page, trial) => {
      const refund = trialRefund(trial);
      await trial.provider.create(trialOrder(trial), callOptions);
      trial.simulator.control.pay(refund.attemptRef);
      await trial.provider.refund(refund, callOptions);
      await page.getByRole('button', { name: 'Let it fail' }).click();
      await page.locator('#refunds').getByText('held up', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Let it succeed' }).click();
      await page.locator('#refunds').getByText('given back', { exact: true }).waitFor();
      assert.equal((await trial.provider.queryRefund(refund, callOptions)).state, 'succeeded');
    }));

  test('orders a fault from those that fit the operation, sees it wait, and clears it', (context) =>
    atDesk(context, wide('en-GB'), async (page, trial) => {
      const kind = page.getByLabel('Kind');
      await page.getByLabel('Operation').selectOption('notify');
      assert.equal(await kind.inputValue(), 'drop');
      await kind.selectOption('delay');
      await page.getByLabel('Milliseconds').fill('5000');
      await page.getByLabel('Times').fill('2');
      await page.getByRole('button', { name: 'Order the fault' }).click();
      await page.locator('#waiting').getByText('notification · late × 2 · 5000 ms').waitFor();
      assert.deepEqual(trial.simulator.control.faults(), [{ operation: 'notify', kind: 'delay', times: 2, ms: 5000 }]);
      await page.getByRole('button', { name: 'Clear' }).click();
      await page.getByText('No fault is waiting.').waitFor();
    }));

  test('keeps the place of the keyboard when the list is drawn anew, and changes the language', (context) =>
    atDesk(context, wide('zh-CN'), async (page, trial) => {
      await trial.provider.create(trialOrder(trial), callOptions);
      const decline = page.getByRole('button', { name: '拒绝' });
      await decline.focus();
      await page.keyboard.press('Enter');
      await page.getByText('付款人曾取消').waitFor();
      assert.equal(await page.locator(':focus').innerText(), '拒绝');
      await page.getByRole('link', { name: 'English' }).click();
      await page.getByRole('heading', { name: 'Open payments' }).waitFor();
    }));
});
