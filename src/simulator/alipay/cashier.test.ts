import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AlipaySdk } from 'alipay-sdk';
import {
  callOptions,
  openPage,
  startTrial,
  type TrialMerchant,
  trialOrder,
  trialRef,
} from './testing/trial-merchant.ts';

const attempt = { attemptRef: trialRef };
const stateOf = async (trial: TrialMerchant): Promise<string> =>
  (await trial.provider.query(attempt, callOptions)).state;

/** Presses a button of a page as a browser does: every field of its form, sent to its address. */
function press(trial: TrialMerchant, html: string, action: 'sign-in' | 'pay' | 'decline'): Promise<Response> {
  const form = html.split('<form ').find((one) => one.includes(`action="/cashier/${action}"`)) ?? '';
  const body = new URLSearchParams();
  for (const [, name = '', value = ''] of form.matchAll(/name="([^"]*)" value="([^"]*)"/g)) body.set(name, value);
  return fetch(`${trial.simulator.url}/cashier/${action}`, { method: 'POST', body, redirect: 'manual' });
}

/** Opens the page, signs in, and gives the page with the payer's choice. */
async function signIn(trial: TrialMerchant, changes = {}): Promise<string> {
  const first = await (await openPage(trial, changes)).text();
  const answer = await press(trial, first, 'sign-in');
  assert.equal(answer.status, 303);
  return (await fetch(trial.simulator.url + (answer.headers.get('location') ?? ''))).text();
}

test('the payer sees goods and sum, signs in, pays, and is sent back with what he paid in a signed address', async (context) => {
  const trial = await startTrial(context);
  const page = await openPage(trial);
  const html = await page.text();
  assert.equal(page.status, 200);
  assert.match(html, /¥200\.00/);
  assert.match(html, /92# 1号枪/);
  assert.doesNotMatch(html, /action="\/cashier\/pay"/);
  const choice = await signIn(trial);
  assert.equal(await stateOf(trial), 'pending');
  const answer = await press(trial, choice, 'pay');
  const back = new URL(answer.headers.get('location') ?? 'http://nowhere.example');
  assert.deepEqual([answer.status, back.origin + back.pathname], [303, 'http://127.0.0.1:9/orders/1']);
  const { lang, x, ...told } = Object.fromEntries(back.searchParams);
  assert.deepEqual([lang, x, told['total_amount'], told['out_trade_no']], ['zh', '1', '200.00', trialRef]);
  const { appId, appPrivateKey: privateKey, alipayPublicKeys: alipayPublicKey } = trial.simulator.credentials;
  assert.equal(new AlipaySdk({ appId, privateKey, keyType: 'PKCS8', alipayPublicKey }).checkNotifySignV2(told), true);
  assert.equal(await stateOf(trial), 'paid');
});

test('the payer turns away, is sent back with nothing, and may still pay later', async (context) => {
  const trial = await startTrial(context);
  const html = await signIn(trial);
  const answer = await press(trial, html, 'decline');
  assert.deepEqual([answer.status, answer.headers.get('location')], [303, 'http://127.0.0.1:9/orders/1?lang=zh&x=1']);
  assert.equal(await stateOf(trial), 'pending');
  assert.equal((await press(trial, html, 'pay')).status, 303);
  assert.equal(await stateOf(trial), 'paid');
});

test('a code is scanned by opening its address: the trade begins, and the payer chooses', async (context) => {
  const trial = await startTrial(context);
  const created = await trial.provider.create(trialOrder(trial), callOptions);
  const address = created.next.kind === 'qr' ? created.next.payload : '';
  assert.equal(await stateOf(trial), 'not_found');
  const html = await (await fetch(address)).text();
  assert.equal(await stateOf(trial), 'pending');
  const answer = await press(trial, html, 'pay');
  assert.equal(answer.status, 200);
  assert.match(await answer.text(), /支付成功/);
  const again = await fetch(address);
  assert.deepEqual([again.status, /订单已支付/.test(await again.text())], [409, true]);
  assert.equal((await fetch(`${trial.simulator.url}/qr/nothing`)).status, 404);
});

test('what is paid, closed or past its time cannot be paid on any page', async (context) => {
  const trial = await startTrial(context);
  const html = await signIn(trial);
  await trial.provider.close(attempt, callOptions);
  assert.equal((await press(trial, html, 'pay')).status, 409);
  const later = await (await openPage(trial, { attemptRef: 'LATER1' })).text();
  await trial.timeline.advance(900_001);
  assert.equal((await press(trial, later, 'sign-in')).status, 409);
  const nobody = await fetch(`${trial.simulator.url}/cashier/pay`, { method: 'POST', body: 'token=nobody' });
  assert.equal(nobody.status, 409);
});

test('a page whose order was changed on the way, or is none, says what Alipay would say', async (context) => {
  const trial = await startTrial(context);
  const created = await trial.provider.create(trialOrder(trial, { surface: 'alipay.wap' }), callOptions);
  const address = new URL(created.next.kind === 'redirect' ? created.next.url : '');
  for (const [name, value, code] of [
    ['biz_content', '{}', 'invalid-signature'],
    ['sign_type', 'RSA', 'invalid-signature-type'],
    ['app_id', '2021000000000000', 'invalid-app-id'],
    ['sign', '', 'missing-signature'],
  ] as const) {
    const changed = new URL(address);
    changed.searchParams.set(name, value);
    const answer = await fetch(changed);
    assert.equal(answer.status, 400);
    assert.match(await answer.text(), new RegExp(code));
  }
  const tooLate = await openPage(trial, { expiresAt: 0 });
  assert.match(await tooLate.text(), /ACQ\.INVALID_PARAMETER · 参数无效: time_expire/);
  assert.deepEqual(trial.simulator.control.payments(), []);
});

test('the list pays a code without a phone, and remembers what was', async (context) => {
  const trial = await startTrial(context);
  await trial.provider.create(trialOrder(trial), callOptions);
  const html = await (await fetch(`${trial.simulator.cashierUrl}?lang=en`)).text();
  assert.match(html, /Code · Waiting to be scanned/);
  assert.equal((await press(trial, html, 'pay')).status, 200);
  const after = await (await fetch(`${trial.simulator.cashierUrl}?lang=en`)).text();
  assert.match(after, /No payment is waiting/);
  assert.match(after, />Paid</);
});

test('the page speaks Chinese, and English to a browser that asks for it; what the merchant wrote stays text', async (context) => {
  const trial = await startTrial(context);
  const page = await openPage(trial, { subject: '<script>alert(1)<"\'>' });
  const html = await page.text();
  assert.match(html, /lang="zh-CN"/);
  assert.ok(!html.includes('<script'));
  assert.ok(html.includes('&lt;script&gt;alert(1)&lt;&quot;&#39;&gt;'));
  assert.match(await (await fetch(page.url, { headers: { 'accept-language': 'en-GB,en' } })).text(), /lang="en"/);
  const policy = page.headers.get('content-security-policy') ?? '';
  assert.match(policy, /default-src 'none'.*form-action 'self' http:\/\/127\.0\.0\.1:9;/);
});
