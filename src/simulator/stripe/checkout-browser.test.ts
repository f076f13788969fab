import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { openWatched, phone, startBrowser } from '../../testing/browser.ts';
import { attemptRef, callOptions, startTrial, trialOrder } from './testing/trial-account.ts';

describe('the payment page in a real browser', () => {
  let browser: Browser | string;
  let merchantUrl = '';
  const merchant = createServer((_request, response) => {
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end('<!doctype html><title>merchant</title><h1>Order</h1>');
  });
  before(async () => {
    browser = await startBrowser();
    await new Promise<void>((resolve) => merchant.listen(0, '127.0.0.1', resolve));
    const address = merchant.address();
    merchantUrl = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/o/1`;
  });
  after(async () => {
    if (typeof browser !== 'string') await browser.close();
    merchant.closeAllConnections();
    await new Promise<void>((resolve) => merchant.close(() => resolve()));
  });

  for (const { locale, declined, pay, cancel } of [
    { locale: 'en', declined: 'The card was declined', pay: 'Pay by card', cancel: 'Cancel and go back' },
    { locale: 'zh-CN', declined: '此卡被拒绝', pay: '用银行卡支付', cancel: '取消并返回商户' },
  ]) {
    test(`a driver turns away, comes back, has a card declined, and pays with another (${locale})`, async (context) => {
      if (typeof browser === 'string') return context.skip(browser);
      const trial = await startTrial(context);
      const payer = { ip: '203.0.113.7', userAgent: 'test', locale };
      const created = await trial.provider.create(trialOrder(trial, { returnUrl: merchantUrl, payer }), callOptions);
      const address = created.next.kind === 'redirect' ? created.next.url : '';
      const origins = [trial.simulator.url, new URL(merchantUrl).origin];
      const watched = await openWatched(browser, origins, phone(locale));
      const { page, faults } = watched;
      await page.goto(address);
      await page.getByText(cancel).click();
      await page.waitForURL(merchantUrl);
      await page.goto(address);
      await page.locator('input[name=number]').fill('4000 0000 0000 0002');
      await page.getByRole('button', { name: pay }).click();
      await page.getByRole('alert').getByText(declined).waitFor();
      assert.equal(trial.simulator.control.payment(attemptRef)?.status, 'open');
      await page.locator('input[name=number]').fill('4242 4242 4242 4242');
      await page.getByRole('button', { name: pay }).click();
      await page.waitForURL(merchantUrl);
      assert.equal(trial.simulator.control.payment(attemptRef)?.paymentStatus, 'paid');
      assert.deepEqual(
        faults.filter((fault) => !fault.includes('favicon')),
        [],
      );
      await watched.close();
    });
  }

  test('a driver pays with a wallet, and one whose bank asks confirms', async (context) => {
    if (typeof browser === 'string') return context.skip(browser);
    const trial = await startTrial(context);
    const watched = await openWatched(browser, [trial.simulator.url, new URL(merchantUrl).origin], phone('en'));
    const { page } = watched;
    const open = async (ref: string) => {
      const order = trialOrder(trial, { attemptRef: ref, returnUrl: merchantUrl });
      const { next } = await trial.provider.create(order, callOptions);
      await page.goto(next.kind === 'redirect' ? next.url : '');
    };
    await open('WALLET1');
    await page.getByRole('button', { name: 'Google Pay' }).click();
    await page.waitForURL(merchantUrl);
    await open('CARD3DS');
    await page.locator('input[name=number]').fill('4000 0025 0000 3155');
    await page.getByRole('button', { name: 'Pay by card' }).click();
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.waitForURL(merchantUrl);
    for (const ref of ['WALLET1', 'CARD3DS']) assert.equal(trial.simulator.control.payment(ref)?.paymentStatus, 'paid');
    await watched.close();
  });
});
