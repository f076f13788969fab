import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemRandom } from '../../base/random.ts';
import { makeCredentials } from './credentials.ts';
import { retryDelaysMs } from './notifier.ts';
import { startWechatPaySimulator } from './simulator.ts';
import { createManualTimeline } from '../service/timeline.ts';
import {
  callOptions,
  startTrial,
  type TrialMerchant,
  trialOrder,
  trialRefund,
  trialStartMs,
} from './testing/trial-merchant.ts';

const attemptRef = '00001A0KQ3X7V9M2ABCDEFGH01';

async function placeAndPay(trial: TrialMerchant): Promise<void> {
  await trial.provider.create(trialOrder(trial), callOptions);
  assert.equal(trial.simulator.control.pay(attemptRef).kind, 'paid');
  await trial.simulator.control.settled();
}

const kinds = (trial: TrialMerchant): string[] =>
  trial.received.map(({ result }) => (result.kind === 'rejected' ? result.reason : result.kind));

test('a paid order is notified at once, and once accepted no more', async (context) => {
  const trial = await startTrial(context);
  await placeAndPay(trial);
  await trial.timeline.advance(86_400_000);
  assert.deepEqual(kinds(trial), ['payment']);
});

test('a notification that is not accepted comes again after 15s 15s 30s 3m 10m 20m 30m 30m 30m 60m 3h 3h 3h 6h 6h and then no more', async (context) => {
  const trial = await startTrial(context);
  trial.answersWith.push(...Array.from({ length: 40 }, () => 500));
  await placeAndPay(trial);
  await trial.timeline.advance(3 * 86_400_000);
  const seconds = [0, 15, 30, 60, 240, 840, 2040, 3840, 5640, 7440, 11040, 21840, 32640, 43440, 65040, 86640];
  assert.deepEqual(
    trial.received.map(({ atMs }) => (atMs - trialStartMs) / 1000),
    seconds,
  );
  assert.equal(
    retryDelaysMs.reduce<number>((sum, one) => sum + one, 0),
    (24 * 60 + 4) * 60_000,
  );
  assert.equal(new Set(trial.received.map(({ body }) => body)).size, 1);
  assert.deepEqual(new Set(kinds(trial)), new Set(['payment']));
  assert.equal(trial.simulator.control.notifications()[0]?.state, 'given_up');
});

test('the status wins over the body: 200 with FAIL is accepted, 202 with SUCCESS is not', async (context) => {
  const trial = await startTrial(context);
  trial.answersWith.push(202, 301, 200);
  await placeAndPay(trial);
  await trial.timeline.advance(86_400_000);
  assert.equal(trial.received.length, 3);
});

test('a notification can be dropped, delayed, doubled and sent in the wrong order', async (context) => {
  const trial = await startTrial(context);
  const { control } = trial.simulator;
  control.addFault({ operation: 'notify', kind: 'drop' });
  await placeAndPay(trial);
  assert.equal(trial.received.length, 0);
  control.addFault({ operation: 'notify', kind: 'delay', ms: 5_000 });
  await trial.timeline.advance(19_999);
  assert.equal(trial.received.length, 0);
  control.addFault({ operation: 'notify', kind: 'duplicate' });
  await trial.timeline.advance(1);
  assert.equal(trial.received.length, 1);

  for (const name of ['TWICE1', 'FIRST1', 'SECOND'])
    await trial.provider.create(trialOrder(trial, { attemptRef: name }), callOptions);
  control.pay('TWICE1');
  await control.settled();
  control.addFault({ operation: 'notify', kind: 'reorder' });
  control.pay('FIRST1');
  control.pay('SECOND');
  await control.settled();
  const names = trial.received.map(({ result }) => (result.kind === 'payment' ? result.fact.attemptRef : result.kind));
  assert.deepEqual(names, [attemptRef, 'TWICE1', 'TWICE1', 'SECOND', 'FIRST1']);
});

test('a notification held back for reordering goes alone if no other comes', async (context) => {
  const trial = await startTrial(context);
  trial.simulator.control.addFault({ operation: 'notify', kind: 'reorder' });
  await placeAndPay(trial);
  assert.equal(trial.received.length, 0);
  await trial.timeline.advance(15_000);
  assert.deepEqual(kinds(trial), ['payment']);
});

test('spoilt notifications are told apart by the client, and the truth comes with the next try', async (context) => {
  const spoilings = [
    ['unsigned', 'bad_signature'],
    ['wrong_signature', 'bad_signature'],
    ['unknown_serial', 'unknown_key'],
    ['tampered', 'decrypt_failed'],
    ['probe', 'probe'],
  ] as const;
  const trial = await startTrial(context);
  for (const [kind] of spoilings) trial.simulator.control.addFault({ operation: 'notify', kind });
  trial.simulator.control.addFault({ operation: 'notify', kind: 'clock_skew', ms: -301_000 });
  await placeAndPay(trial);
  await trial.timeline.advance(3_600_000);
  assert.deepEqual(kinds(trial), [...spoilings.map(([, reason]) => reason), 'stale', 'payment']);
});

test('a probe is answered with 401 by a merchant who checks signatures', async (context) => {
  const trial = await startTrial(context);
  assert.equal(await trial.simulator.control.probe(trial.notifyUrl), 401);
  assert.deepEqual(kinds(trial), ['probe']);
});

test("a link that is too old, void, closed or past the order's time cannot be paid, and money that comes late all the same is notified", async (context) => {
  const trial = await startTrial(context);
  const { control } = trial.simulator;
  const reasonOf = (outTradeNo: string) => {
    const outcome = control.pay(outTradeNo);
    return outcome.kind === 'refused' ? outcome.reason : outcome.kind;
  };
  assert.equal(reasonOf('NOBODY'), 'payment_unknown');
  await trial.provider.create(trialOrder(trial), callOptions);
  await trial.timeline.advance(300_001);
  assert.equal(reasonOf(attemptRef), 'link_expired');
  await trial.provider.create(trialOrder(trial), callOptions);
  await trial.timeline.advance(599_999);
  await trial.provider.create(trialOrder(trial), callOptions);
  await trial.timeline.advance(1);
  assert.equal(reasonOf(attemptRef), 'past_time_expire');
  assert.equal((await trial.provider.query({ attemptRef }, callOptions)).state, 'pending');
  await trial.provider.close({ attemptRef }, callOptions);
  assert.equal(reasonOf(attemptRef), 'payment_closed');
  assert.equal(control.pay(attemptRef, { evenIfLate: true }).kind, 'paid');
  assert.equal(reasonOf(attemptRef), 'already_paid');
  await control.settled();
  assert.deepEqual(kinds(trial), ['payment']);
});

test('a payment can tell an authentic lie about money, currency, merchant and app, for whoever tests integrity', async (context) => {
  const trial = await startTrial(context);
  await trial.provider.create(trialOrder(trial), callOptions);
  const claims = { totalFen: 1, currency: 'USD', mchid: '1900000001', appid: 'wx0000000000000000' };
  trial.simulator.control.pay(attemptRef, { claims });
  await trial.simulator.control.settled();
  const [first] = trial.received;
  assert.equal(first?.result.kind, 'payment');
  if (first?.result.kind !== 'payment') return;
  const { amount, merchantId, appId } = first.result.fact;
  assert.deepEqual(
    { amount, merchantId, appId },
    { amount: { minor: 1, currency: 'USD' }, merchantId: '1900000001', appId: 'wx0000000000000000' },
  );
});

test('a refund ends as ordered, is notified, and an abnormal one can be put right', async (context) => {
  const trial = await startTrial(context);
  const { control } = trial.simulator;
  await placeAndPay(trial);
  control.endNextRefunds('ABNORMAL');
  await trial.provider.refund(trialRefund(trial), callOptions);
  await trial.timeline.advance(3_000);
  const { refundRef } = trialRefund(trial);
  assert.equal((await trial.provider.queryRefund({ refundRef, attemptRef }, callOptions)).state, 'abnormal');
  assert.equal(control.endRefund(refundRef, 'SUCCESS'), true);
  assert.equal(control.endRefund(refundRef, 'CLOSED'), false);
  await control.settled();
  const states = trial.received.map(({ result }) => (result.kind === 'refund' ? result.fact.state : result.kind));
  assert.deepEqual(states, ['payment', 'abnormal', 'succeeded']);
});

test('a closed refund leaves the money to be refunded under another number, and there are at most fifty', async (context) => {
  const trial = await startTrial(context);
  await placeAndPay(trial);
  trial.simulator.control.endNextRefunds('CLOSED');
  await trial.provider.refund(trialRefund(trial), callOptions);
  await trial.timeline.advance(60_000);
  for (let number = 1; number <= 50; number += 1) {
    await trial.provider.refund(
      trialRefund(trial, { refundRef: `RPART${number}`, amount: { minor: 1, currency: 'CNY' } }),
      callOptions,
    );
    await trial.timeline.advance(60_000);
  }
  const oneMore = trialRefund(trial, { refundRef: 'RPART51', amount: { minor: 1, currency: 'CNY' } });
  await assert.rejects(trial.provider.refund(oneMore, callOptions), /部分退款次数/);
});

test('orders that the real service refuses are refused: a query string in notify_url, plain http elsewhere, less than a minute to pay', async (context) => {
  const trial = await startTrial(context);
  const refused = [
    trialOrder(trial, { notifyUrl: `${trial.notifyUrl}?a=1` }),
    trialOrder(trial, { notifyUrl: 'http://pay.example.com/notify' }),
    trialOrder(trial, { expiresAt: trialStartMs + 59_000 }),
    trialOrder(trial, { subject: '' }),
    trialOrder(trial, { payer: { ip: 'somewhere', userAgent: '' } }),
  ];
  for (const order of refused) await assert.rejects(trial.provider.create(order, callOptions), /PARAM_ERROR/);
  assert.deepEqual(trial.simulator.control.payments(), []);
});

test('with autoPay every order is paid by itself', async (context) => {
  const trial = await startTrial(context, { autoPay: { delayMs: 200 } });
  await trial.provider.create(trialOrder(trial), callOptions);
  await trial.timeline.advance(199);
  assert.equal((await trial.provider.query({ attemptRef }, callOptions)).state, 'pending');
  await trial.timeline.advance(1);
  assert.equal((await trial.provider.query({ attemptRef }, callOptions)).state, 'paid');
});

test('keys, payments, refunds under way and unsent notifications survive a restart', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'forecourt-wechat-pay-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const trial = await startTrial(context, { folder });
  trial.answersWith.push(500);
  await placeAndPay(trial);
  await trial.provider.refund(trialRefund(trial), callOptions);
  await trial.simulator.close();

  const timeline = createManualTimeline(trial.timeline.now());
  const again = await startWechatPaySimulator({ folder, timeline });
  context.after(() => again.close());
  assert.deepEqual(again.credentials, trial.simulator.credentials);
  assert.equal(again.control.payment(attemptRef)?.state, 'REFUND');
  await timeline.advance(15_000);
  assert.equal(again.control.refunds()[0]?.status, 'SUCCESS');
  assert.deepEqual(kinds(trial).sort(), ['payment', 'payment', 'refund']);
});

test('traffic in both directions can be read afterwards, with the trouble each call met', async (context) => {
  const trial = await startTrial(context);
  trial.simulator.control.addFault({ operation: 'create', kind: 'html_502' });
  await assert.rejects(trial.provider.create(trialOrder(trial), callOptions));
  await placeAndPay(trial);
  const lines = trial.simulator.control
    .traffic()
    .map(({ direction, operation, status, note }) => [direction, operation, status, note]);
  assert.deepEqual(lines, [
    ['in', 'create', null, 'html_502'],
    ['in', 'create', 200, null],
    ['out', 'notify', 204, null],
  ]);
});

test('the schedule runs as many times faster as asked, also when asked later', async (context) => {
  const trial = await startTrial(context);
  const scaled = await startWechatPaySimulator({
    madeCredentials: await makeCredentials(systemRandom),
    clock: () => trialStartMs,
  });
  context.after(() => scaled.close());
  scaled.control.setTimeScale(15_000);
  const provider = trial.provideWith({ ...scaled.credentials, baseUrl: scaled.url });
  const tries = Promise.withResolvers<void>();
  let count = 0;
  const inbox = createServer((_request, response) => {
    response.writeHead(500).end();
    count += 1;
    if (count === 5) tries.resolve();
  });
  await new Promise<void>((resolve) => inbox.listen(0, '127.0.0.1', resolve));
  context.after(() => inbox.close().closeAllConnections());
  const address = inbox.address();
  const notifyUrl = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
  await provider.create(trialOrder(trial, { notifyUrl }), callOptions);
  scaled.control.pay(attemptRef);
  // Four minutes of the schedule, in some milliseconds; without scaling this test would run into the runner's own limit.
  await tries.promise;
  assert.equal(scaled.control.notifications()[0]?.state, 'waiting');
});
