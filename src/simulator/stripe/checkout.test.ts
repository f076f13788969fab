import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  attemptRef,
  callOptions,
  startTrial,
  type TrialAccount,
  trialName,
  trialOrder,
} from './testing/trial-account.ts';

type Opened = { readonly address: string; readonly response: Response; readonly html: string };

async function openPage(trial: TrialAccount, changes = {}, headers = {}): Promise<Opened> {
  const created = await trial.provider.create(trialOrder(trial, changes), callOptions);
  const address = created.next.kind === 'redirect' ? created.next.url : '';
  const response = await fetch(address, { headers });
  return { address, response, html: await response.text() };
}

const card = { number: '4242 4242 4242 4242', expiry: '12 / 34', cvc: '123', email: 'anna@example.com' };

async function press({ address }: Opened, action: string, fields = {}) {
  const body = new URLSearchParams({ action, lang: 'en', ...fields });
  const response = await fetch(address, { method: 'POST', body, redirect: 'manual' });
  return { status: response.status, location: response.headers.get('location'), html: await response.text() };
}

const stateOf = async (trial: TrialAccount) => (await trial.provider.query(trialName, callOptions)).state;

test('the payer sees goods and sum, pays by card, and is sent back to the merchant', async (context) => {
  const trial = await startTrial(context);
  const page = await openPage(trial);
  assert.equal(page.response.status, 200);
  assert.match(page.html, /€200\.00/);
  assert.match(page.html, /Forecourt Nord E10/);
  const { status, location } = await press(page, 'card', card);
  assert.deepEqual([status, location], [303, 'http://127.0.0.1:9/o/1?lang=en&x=1']);
  assert.equal(await stateOf(trial), 'paid');
});

test('a wallet pays in one step', async (context) => {
  const trial = await startTrial(context);
  const page = await openPage(trial);
  assert.equal((await press(page, 'apple_pay')).status, 303);
  assert.equal(await stateOf(trial), 'paid');
  assert.match(JSON.stringify(trial.simulator.control.payment(attemptRef)?.intent?.card), /apple_pay/);
});

test('a declined card leaves the page open with the reason, and another card pays', async (context) => {
  const trial = await startTrial(context);
  const page = await openPage(trial);
  const declines = [
    ['4000 0000 0000 0002', /The card was declined/],
    ['4000 0000 0000 9995', /insufficient funds/],
    ['4000000000000069', /has expired/],
    ['4000-0000-0000-0127', /security code is incorrect/],
    ['4000 0000 0000 0119', /Try again in a moment/],
    ['4111 1111 1111 1111', /Only test cards/],
  ] as const;
  for (const [number, reason] of declines) {
    const answer = await press(page, 'card', { ...card, number });
    assert.deepEqual([answer.status, answer.location], [200, null]);
    assert.match(answer.html, reason);
    assert.ok(!answer.html.includes('anna@example.com'));
  }
  assert.equal(await stateOf(trial), 'pending');
  assert.equal((await press(page, 'card', card)).status, 303);
  assert.equal(await stateOf(trial), 'paid');
});

test('what no bank need be asked about comes back to the payer, with the field', async (context) => {
  const trial = await startTrial(context);
  const page = await openPage(trial);
  const wrong = [
    [{ number: '4242 4242 4242 4241' }, 'number'],
    [{ number: '42' }, 'number'],
    [{ expiry: '10 / 26' }, 'expiry'],
    [{ expiry: '13 / 34' }, 'expiry'],
    [{ cvc: '12' }, 'cvc'],
    [{ email: 'nobody' }, 'email'],
  ] as const;
  for (const [changes, field] of wrong) {
    const { html } = await press(page, 'card', { ...card, ...changes });
    assert.match(html, new RegExp(`name="${field}"[^>]* aria-invalid="true"`));
    assert.match(html, /role="alert"/);
  }
  assert.equal(trial.simulator.control.payment(attemptRef)?.intent, null);
  // A card is good to the end of its month.
  assert.equal((await press(page, 'card', { ...card, expiry: '11/26' })).status, 303);
});

test('a bank that asks the payer first pays when he confirms, and not when he refuses', async (context) => {
  const trial = await startTrial(context);
  const page = await openPage(trial);
  const asking = { ...card, number: '4000 0025 0000 3155' };
  assert.match((await press(page, 'card', asking)).html, /Your bank asks you/);
  assert.equal(await stateOf(trial), 'pending');
  assert.match((await press(page, 'bank_no')).html, /could not confirm that it was you/);
  assert.match((await press(page, 'card', asking)).html, /Your bank asks you/);
  assert.equal((await press(page, 'bank_yes')).status, 303);
  assert.equal(await stateOf(trial), 'paid');
});

test('a page that was closed meanwhile, or paid, or is none, takes no money', async (context) => {
  const trial = await startTrial(context);
  const page = await openPage(trial);
  await trial.provider.close(trialName, callOptions);
  const late = await press(page, 'card', card);
  assert.match(late.html, /This payment page has expired/);
  assert.equal(await stateOf(trial), 'closed');
  assert.equal((await fetch(page.address)).status, 409);
  const paid = await openPage(trial, { attemptRef: 'PAID01' });
  trial.simulator.control.pay('PAID01');
  assert.match((await press(paid, 'google_pay')).html, /This is already paid/);
  assert.equal((await fetch(`${trial.simulator.url}/c/pay/cs_test_none`)).status, 404);
  assert.equal((await press(page, 'bank_yes')).status, 409);
});

test('the merchant may have the name of the session in the address of its page', async (context) => {
  const trial = await startTrial(context);
  const page = await openPage(trial, { returnUrl: 'http://127.0.0.1:9/done?session={CHECKOUT_SESSION_ID}' });
  const { location } = await press(page, 'card', card);
  assert.equal(location, `http://127.0.0.1:9/done?session=${trial.simulator.control.payment(attemptRef)?.id}`);
});

test("the page speaks the session's language, the payer's where he chooses it, and the browser's where the session says so", async (context) => {
  const trial = await startTrial(context);
  const payer = { ip: '203.0.113.7', userAgent: 'test' };
  const chinese = await openPage(trial, { attemptRef: 'CHINESE', payer: { ...payer, locale: 'zh-CN' } });
  assert.match(chinese.html, /lang="zh-CN"/);
  assert.match(await (await fetch(`${chinese.address}?lang=en`)).text(), /lang="en"/);
  const german = await openPage(trial, { attemptRef: 'GERMAN', payer: { ...payer, locale: 'de' } });
  assert.match(german.html, /lang="en"/);
  const english = { 'accept-language': 'en-GB' };
  assert.match((await openPage(trial, { attemptRef: 'AUTO01', payer }, english)).html, /lang="en"/);
  assert.match((await openPage(trial, { attemptRef: 'AUTO02', payer })).html, /lang="zh-CN"/);
});

test('the page runs no script, loads nothing from elsewhere and lets a form lead only to the merchant; what the merchant wrote stays text', async (context) => {
  const trial = await startTrial(context);
  const { html, response } = await openPage(trial, { subject: '<script>alert(1)</script>"\'&' });
  const policy = response.headers.get('content-security-policy') ?? '';
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /form-action 'self' http:\/\/127\.0\.0\.1:9;/);
  assert.ok(!html.includes('<script'));
  assert.ok(html.includes('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;'));
  assert.doesNotMatch(html, /(?:src)="https?:/);
});

test('the list leads to every page that waits, and shows what became of the others', async (context) => {
  const trial = await startTrial(context);
  for (const ref of ['WAITING', 'PAID01', 'PROMISED', 'CLOSED'])
    await trial.provider.create(trialOrder(trial, { attemptRef: ref }), callOptions);
  trial.simulator.control.pay('PAID01');
  trial.simulator.control.pay('PROMISED', { delayed: true });
  await trial.provider.close({ ...trialName, attemptRef: 'CLOSED' }, callOptions);
  const html = await (await fetch(`${trial.simulator.cashierUrl}?lang=en`)).text();
  assert.equal(html.match(/href="\/c\/pay\//g)?.length, 1);
  for (const state of ['Paid', 'Processing', 'Expired']) assert.match(html, new RegExp(`<span>${state}</span>`));
  assert.equal((await fetch(trial.simulator.url)).url, trial.simulator.cashierUrl);
});
