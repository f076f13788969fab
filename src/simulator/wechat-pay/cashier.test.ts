import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callOptions, startTrial, type TrialMerchant, trialOrder } from './testing/trial-merchant.ts';

const attemptRef = '00001A0KQ3X7V9M2ABCDEFGH01';

async function openH5(
  trial: TrialMerchant,
  changes = {},
): Promise<{ address: string; response: Response; html: string }> {
  const created = await trial.provider.create(trialOrder(trial, changes), callOptions);
  const address = created.next.kind === 'redirect' ? created.next.url : '';
  const response = await fetch(address);
  return { address, response, html: await response.text() };
}

/** Presses a button of a page as a browser does: every field of its form, sent to its address. */
function press(trial: TrialMerchant, html: string, action: 'pay' | 'decline'): Promise<Response> {
  const form = html.split('<form ').find((one) => one.includes(`action="/cashier/${action}"`)) ?? '';
  const body = new URLSearchParams();
  for (const [, name = '', value = ''] of form.matchAll(/name="([^"]*)" value="([^"]*)"/g))
    body.set(name, value.replaceAll('&amp;', '&'));
  return fetch(`${trial.simulator.url}/cashier/${action}`, { method: 'POST', body, redirect: 'manual' });
}

test('the payer sees goods and sum, pays, and is sent back to the merchant', async (context) => {
  const trial = await startTrial(context);
  const { html, response } = await openH5(trial);
  assert.equal(response.status, 200);
  assert.match(html, /¥200\.00/);
  assert.match(html, /92# 1号枪/);
  const answer = await press(trial, html, 'pay');
  assert.deepEqual([answer.status, answer.headers.get('location')], [303, 'http://127.0.0.1:9/orders/1?lang=zh&x=1']);
  assert.equal((await trial.provider.query({ attemptRef }, callOptions)).state, 'paid');
});

test('the payer turns away, is sent back, and may still pay later', async (context) => {
  const trial = await startTrial(context);
  const { html } = await openH5(trial);
  assert.equal((await press(trial, html, 'decline')).status, 303);
  assert.equal((await trial.provider.query({ attemptRef }, callOptions)).state, 'pending');
  assert.equal((await press(trial, html, 'pay')).status, 303);
  assert.equal((await trial.provider.query({ attemptRef }, callOptions)).state, 'paid');
});

test('an old link, a void link and a paid order cannot be paid on the page', async (context) => {
  const trial = await startTrial(context);
  const first = await openH5(trial);
  const second = await openH5(trial);
  assert.equal((await fetch(first.address)).status, 404);
  assert.equal((await press(trial, first.html, 'pay')).status, 409);
  await trial.timeline.advance(300_001);
  assert.equal((await press(trial, second.html, 'pay')).status, 409);
  const third = await openH5(trial);
  assert.equal((await press(trial, third.html, 'pay')).status, 303);
  assert.equal((await press(trial, third.html, 'pay')).status, 409);
});

test('a code and a JSAPI order, which no browser can open, are paid from the list', async (context) => {
  const trial = await startTrial(context);
  for (const [surface, name] of [
    ['wechat.native', 'NATIVE1'],
    ['wechat.jsapi', 'JSAPI01'],
  ] as const) {
    await trial.provider.create(trialOrder(trial, { surface, attemptRef: name }), callOptions);
    const html = await (await fetch(trial.simulator.cashierUrl)).text();
    assert.equal((await press(trial, html, 'pay')).status, 200);
    assert.equal((await trial.provider.query({ attemptRef: name }, callOptions)).state, 'paid');
  }
  assert.match(await (await fetch(`${trial.simulator.cashierUrl}?lang=en`)).text(), /No payment is waiting/);
});

test('the page speaks Chinese, and English to a browser that asks for it', async (context) => {
  const trial = await startTrial(context);
  const { address } = await openH5(trial);
  assert.match(await (await fetch(address)).text(), /lang="zh-CN"/);
  assert.match(await (await fetch(address, { headers: { 'accept-language': 'en-GB,en' } })).text(), /lang="en"/);
  assert.match(await (await fetch(`${address}&lang=en`)).text(), />Pay</);
});

test('the page runs no script, loads nothing from elsewhere and lets a form lead only to the merchant; what the merchant wrote stays text', async (context) => {
  const trial = await startTrial(context);
  const { html, response } = await openH5(trial, { subject: '<script>alert(1)</script>"\'&' });
  const policy = response.headers.get('content-security-policy') ?? '';
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /form-action 'self' http:\/\/127\.0\.0\.1:9;/);
  assert.ok(!html.includes('<script'));
  assert.ok(html.includes('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;'));
  assert.doesNotMatch(html, /(?:src|href)="https?:/);
});

test('a way back that is no web page is not followed', async (context) => {
  const trial = await startTrial(context);
  const { html } = await openH5(trial, { returnUrl: 'javascript:alert(1)' });
  assert.ok(!html.includes('javascript:'));
  assert.equal((await press(trial, html, 'pay')).status, 200);
});
