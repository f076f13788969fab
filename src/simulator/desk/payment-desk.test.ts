import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { z } from 'zod';
import { startTrial as startAlipayTrial, trialOrder as alipayOrder } from '../alipay/testing/trial-merchant.ts';
import { startTrial as startStripeTrial, trialOrder as stripeOrder } from '../stripe/testing/trial-account.ts';
import {
  callOptions,
  startTrial,
  type TrialMerchant,
  trialOrder,
  trialRefund,
  trialStartMs,
} from '../wechat-pay/testing/trial-merchant.ts';
import { startPaymentDesk } from './payment-desk.ts';

const outcomeMessage = z.object({ done: z.boolean(), name: z.string(), text: z.string() });
const sectionsMessage = z.array(z.object({ id: z.string(), html: z.string() }));

type DeskTrial = {
  readonly trial: TrialMerchant;
  readonly url: string;
  readonly place: (attemptRef: string, changes?: Parameters<typeof trialOrder>[1]) => Promise<void>;
  readonly press: (path: string, fields?: Readonly<Record<string, string>>) => Promise<z.infer<typeof outcomeMessage>>;
  readonly section: (id: string) => Promise<string>;
};

async function startDeskTrial(context: TestContext): Promise<DeskTrial> {
  const trial = await startTrial(context);
  const desk = await startPaymentDesk({ services: [trial.simulator.desk] });
  context.after(() => desk.close());
  return {
    trial,
    url: desk.url,
    async place(attemptRef, changes = {}) {
      await trial.provider.create(trialOrder(trial, { attemptRef, ...changes }), callOptions);
    },
    async press(path, fields = {}) {
      const body = new URLSearchParams(fields);
      const headers = { accept: 'application/json', 'accept-language': 'en' };
      const response = await fetch(desk.url + path, { method: 'POST', headers, body });
      return outcomeMessage.parse(await response.json());
    },
    async section(id) {
      const response = await fetch(`${desk.url}sections?lang=en`);
      return sectionsMessage.parse(await response.json()).find((one) => one.id === id)?.html ?? '';
    },
  };
}

const named = (html: string, refs: readonly string[]): readonly string[] =>
  refs.filter((ref) => html.includes(ref)).toSorted((a, b) => html.indexOf(a) - html.indexOf(b));

test('open payments are listed newest first, and leave the list when they are paid or closed', async (context) => {
  const { trial, place, press, section } = await startDeskTrial(context);
  const refs = ['FIRST1', 'SECOND', 'THIRD1'];
  for (const ref of refs) {
    await place(ref);
    await trial.timeline.advance(1000);
  }
  assert.deepEqual(named(await section('open'), refs), ['THIRD1', 'SECOND', 'FIRST1']);
  assert.match(await section('open'), /¥200\.00/);
  assert.deepEqual(await press('payments/wechat-pay/SECOND/pay', { first: 'at_once' }), {
    done: true,
    name: 'paid',
    text: 'Paid.',
  });
  await trial.provider.close({ attemptRef: 'FIRST1' }, callOptions);
  assert.deepEqual(named(await section('open'), refs), ['THIRD1']);
  assert.deepEqual(named(await section('recent'), refs), ['SECOND', 'FIRST1']);
  assert.equal((await press('payments/wechat-pay/FIRST1/pay', { first: 'at_once' })).name, 'payment_closed');
});

test('delay pays at once and holds the notification back for 30 seconds', async (context) => {
  const { trial, place, press } = await startDeskTrial(context);
  await place('DELAYED');
  assert.equal((await press('payments/wechat-pay/DELAYED/pay', { first: 'held_back' })).done, true);
  assert.equal((await trial.provider.query({ attemptRef: 'DELAYED' }, callOptions)).state, 'paid');
  await trial.timeline.advance(29_999);
  assert.equal(trial.received.length, 0);
  await trial.timeline.advance(1);
  assert.equal(trial.received.length, 1);
});

test('duplicate pays and notifies twice, and a paid payment can be notified of again', async (context) => {
  const { trial, place, press, section } = await startDeskTrial(context);
  await place('TWICE1');
  await press('payments/wechat-pay/TWICE1/pay', { first: 'doubled' });
  await trial.simulator.control.settled();
  assert.equal(trial.received.length, 2);
  assert.equal((await press('payments/wechat-pay/TWICE1/resend')).name, 'resent');
  await trial.simulator.control.settled();
  assert.deepEqual(
    trial.received.map(({ result }) => result.kind),
    ['payment', 'payment', 'payment'],
  );
  assert.match(await section('recent'), /accepted[\s\S]*answer 204/);
  await place('UNPAID');
  assert.equal((await press('payments/wechat-pay/UNPAID/resend')).name, 'nothing_to_resend');
});

test('decline leaves the payment open and says that the payer turned away', async (context) => {
  const { place, press, section } = await startDeskTrial(context);
  await place('TURNED');
  assert.equal((await press('payments/wechat-pay/TURNED/decline')).name, 'declined');
  assert.match(await section('open'), /turned away once/);
  assert.equal((await press('payments/wechat-pay/TURNED/pay', { first: 'at_once' })).name, 'paid');
  assert.equal((await press('payments/wechat-pay/TURNED/decline')).name, 'already_paid');
});

test('a refund that is under way fails on demand, and one that failed can be put right, once', async (context) => {
  const { trial, place, press, section } = await startDeskTrial(context);
  const refund = trialRefund(trial);
  const end = `refunds/wechat-pay/${encodeURIComponent(refund.refundRef)}/end`;
  await place(refund.attemptRef);
  await press(`payments/wechat-pay/${refund.attemptRef}/pay`, { first: 'at_once' });
  await trial.provider.refund(refund, callOptions);
  assert.match(await section('refunds'), />on its way</);
  assert.equal((await press(end, { ending: 'failed' })).name, 'refund_ended');
  assert.equal((await trial.provider.queryRefund(refund, callOptions)).state, 'abnormal');
  assert.equal((await press(end, { ending: 'succeeded' })).name, 'refund_ended');
  assert.equal((await trial.provider.queryRefund(refund, callOptions)).state, 'succeeded');
  assert.equal((await press(end, { ending: 'failed' })).name, 'not_open');
});

test('a payment is refunded only as far as its money is back, and a part is named with its sum', async (context) => {
  const { trial, place, press, section } = await startDeskTrial(context);
  const chip = async (): Promise<string> => /class="chip \w+">([^<]+)</.exec(await section('recent'))?.[1] ?? '';
  const part = trialRefund(trial, { amount: { minor: 2_061, currency: 'CNY' } });
  const rest = trialRefund(trial, {
    refundRef: `${part.refundRef}2`,
    amount: { minor: 17_939, currency: 'CNY' },
  });
  await place(part.attemptRef);
  await press(`payments/wechat-pay/${part.attemptRef}/pay`, { first: 'at_once' });
  await trial.provider.refund(part, callOptions);
  assert.equal(await chip(), 'paid');
  const end = ({ refundRef }: typeof part, ending: string) =>
    press(`refunds/wechat-pay/${encodeURIComponent(refundRef)}/end`, { ending });
  await end(part, 'failed');
  assert.equal(await chip(), 'paid');
  await end(part, 'succeeded');
  assert.equal(await chip(), 'partly refunded, ¥20.61');
  await trial.timeline.advance(60_000);
  await trial.provider.refund(rest, callOptions);
  assert.equal(await chip(), 'partly refunded, ¥20.61');
  await end(rest, 'succeeded');
  assert.equal(await chip(), 'refunded');
});

test('faults are ordered and cleared at the desk, and what makes no sense is not ordered', async (context) => {
  const { trial, press, section } = await startDeskTrial(context);
  const order = (fields: Readonly<Record<string, string>>) => press('faults/wechat-pay/order', fields);
  assert.equal((await order({ operation: 'create', kind: 'html_502', times: '2', ms: '0' })).name, 'fault_ordered');
  assert.equal((await order({ operation: 'notify', kind: 'delay', times: '1', ms: '5000' })).name, 'fault_ordered');
  assert.deepEqual(trial.simulator.control.faults(), [
    { operation: 'create', kind: 'html_502', times: 2, ms: 0 },
    { operation: 'notify', kind: 'delay', times: 1, ms: 5000 },
  ]);
  assert.match(await section('waiting'), /create · gateway&#39;s error page × 2/);
  for (const wrong of [
    { operation: 'create', kind: 'drop', times: '1' },
    { operation: 'create', kind: 'hang', times: '0' },
    { operation: 'create', kind: 'hang', times: 'often' },
    { kind: 'hang' },
  ])
    assert.equal((await order(wrong)).name, 'malformed_wish');
  assert.equal((await press('faults/wechat-pay/clear')).name, 'faults_cleared');
  assert.deepEqual(trial.simulator.control.faults(), []);
});

test('a hundred faults can wait and no more', async (context) => {
  const { press } = await startDeskTrial(context);
  const wish = { operation: 'create', kind: 'hang', times: '1' };
  for (let count = 0; count < 100; count += 1) await press('faults/wechat-pay/order', wish);
  assert.equal((await press('faults/wechat-pay/order', wish)).name, 'too_many_faults');
});

test('what has not changed is not sent again', async (context) => {
  const { url, place } = await startDeskTrial(context);
  const first = await fetch(`${url}sections`);
  const headers = { 'if-none-match': first.headers.get('etag') ?? '' };
  assert.equal((await fetch(`${url}sections`, { headers })).status, 304);
  await place('ANOTHER');
  assert.equal((await fetch(`${url}sections`, { headers })).status, 200);
});

test("another site's form presses no button, and there are no buttons but those of the page", async (context) => {
  const { url, place, trial } = await startDeskTrial(context);
  await place('MINE01');
  const post = async (path: string, headers: Readonly<Record<string, string>>): Promise<number> => {
    const body = new URLSearchParams({ first: 'at_once' });
    return (await fetch(url + path, { method: 'POST', headers, body, redirect: 'manual' })).status;
  };
  for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:1'])
    assert.equal(await post('payments/wechat-pay/MINE01/pay', { origin }), 403);
  for (const path of ['payments/paypal/MINE01/pay', 'payments/wechat-pay/MINE01/steal', 'payments/%E0/x/pay', ''])
    assert.equal(await post(path, {}), 404);
  assert.deepEqual(trial.received, []);
  assert.equal(await post('payments/wechat-pay/MINE01/pay', { origin: new URL(url).origin }), 303);
});

test('what a merchant wrote stays text, and the page loads and runs only what is its own', async (context) => {
  const { url, place } = await startDeskTrial(context);
  await place('SCRIPT', { subject: '<script>alert(1)</script>' });
  const response = await fetch(`${url}?lang=zh`);
  const html = await response.text();
  assert.ok(!html.includes('<script>'));
  assert.ok(html.includes('&lt;script&gt;alert(1)'));
  assert.match(html, /lang="zh-CN"/);
  const policy = response.headers.get('content-security-policy') ?? '';
  assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'/);
  assert.ok(!policy.includes('unsafe'));
});

test('without script a button leads back to the page, which says what came of it in the same language', async (context) => {
  const { url, place } = await startDeskTrial(context);
  await place('PLAIN1');
  const body = new URLSearchParams({ first: 'at_once' });
  const response = await fetch(`${url}payments/wechat-pay/PLAIN1/pay?lang=zh`, { method: 'POST', body });
  assert.match(await response.text(), /role="status"[^>]*>已支付。</);
});

test('all services stand in one list, newest first, in their own currencies, and each is paid there', async (context) => {
  const wechatPay = await startTrial(context);
  const alipay = await startAlipayTrial(context);
  const stripe = await startStripeTrial(context);
  const desk = await startPaymentDesk({ services: [wechatPay, alipay, stripe].map(({ simulator }) => simulator.desk) });
  context.after(() => desk.close());
  const [first, second, third] = [
    '00001A0KQ3X7V9M2ABCDEFGH01',
    '00001A0KQ3X7V9M2ABCDEFGH02',
    '00001A0KQ3X7V9M2ABCDEFGH03',
  ];
  await wechatPay.provider.create(trialOrder(wechatPay, { attemptRef: first }), callOptions);
  await alipay.timeline.advance(1000);
  await alipay.provider.create(alipayOrder(alipay, { attemptRef: second }), callOptions);
  await stripe.timeline.advance(2000);
  await stripe.provider.create(stripeOrder(stripe, { attemptRef: third }), callOptions);
  const open = async (): Promise<string> =>
    sectionsMessage.parse(await (await fetch(`${desk.url}sections?lang=en`)).json()).find(({ id }) => id === 'open')
      ?.html ?? '';
  assert.deepEqual(named(await open(), [first, second, third]), [third, second, first]);
  assert.match(await open(), /Stripe[\s\S]*€200\.00[\s\S]*Alipay[\s\S]*¥200\.00[\s\S]*WeChat Pay[\s\S]*¥200\.00/);
  const paid = [
    ['wechat-pay', first, wechatPay],
    ['alipay', second, alipay],
    ['stripe', third, stripe],
  ] as const;
  for (const [id, ref, { simulator, provider, received }] of paid) {
    const body = new URLSearchParams({ first: 'at_once' });
    await fetch(`${desk.url}payments/${id}/${ref}/pay`, { method: 'POST', body });
    await simulator.control.settled();
    assert.ok(received.length > 0, id);
    const name = { attemptRef: ref, createdAt: trialStartMs, expiresAt: trialStartMs + 600_000 };
    assert.equal((await provider.query(name, callOptions)).state, 'paid', id);
  }
  assert.deepEqual(named(await open(), [first, second, third]), []);
});
