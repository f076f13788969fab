import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { publishedNotification } from '../../payment/provider/alipay/published-vectors.ts';
import { createManualTimeline } from '../service/timeline.ts';
import { retryDelaysMs } from './notifier.ts';
import { parametersText } from './signer.ts';
import { startAlipaySimulator } from './simulator.ts';
import {
  callOptions,
  openPage,
  startTrial,
  type TrialMerchant,
  trialOrder,
  trialRef,
  trialRefund,
  trialStartMs,
} from './testing/trial-merchant.ts';

const dayMs = 86_400_000;
const formsOf = (trial: TrialMerchant) => trial.received.map(({ body }) => new URLSearchParams(body));
const kinds = (trial: TrialMerchant): string[] =>
  trial.received.map(({ result }) => (result.kind === 'rejected' ? result.reason : result.kind));

async function placeAndPay(trial: TrialMerchant, changes = {}): Promise<void> {
  await trial.provider.create(trialOrder(trial, changes), callOptions);
  assert.equal(trial.simulator.control.pay(trialRef).kind, 'paid');
  await trial.simulator.control.settled();
}

test("what the simulator signs of a form is what Alipay's published notification signs", () => {
  const { publicKey, parameters } = publishedNotification;
  const { sign_type: _type, ...rest } = parameters;
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
  const holds = (form: Readonly<Record<string, string>>): boolean =>
    verify(
      'sha256',
      Buffer.from(parametersText(new Map(Object.entries(form)))),
      key,
      Buffer.from(parameters.sign, 'base64'),
    );
  assert.equal(holds(rest), true);
  assert.equal(holds({ ...rest, total_amount: '0.11' }), false);
});

test('a paid order is notified at once, and once accepted no more', async (context) => {
  const trial = await startTrial(context);
  await placeAndPay(trial);
  await trial.timeline.advance(2 * dayMs);
  assert.deepEqual(kinds(trial), ['payment']);
});

test('a notification that is not accepted comes again after 4m 10m 10m 1h 2h 6h 15h and then no more, each stamped and signed afresh', async (context) => {
  const trial = await startTrial(context);
  trial.answersWith.push(...Array.from({ length: 40 }, () => 'fail'));
  await placeAndPay(trial);
  await trial.timeline.advance(3 * dayMs);
  const minutes = [0, 4, 14, 24, 84, 204, 564, 1464];
  assert.deepEqual(
    trial.received.map(({ atMs }) => (atMs - trialStartMs) / 60_000),
    minutes,
  );
  assert.equal(
    retryDelaysMs.reduce<number>((sum, one) => sum + one, 0),
    1464 * 60_000,
  );
  assert.deepEqual(new Set(kinds(trial)), new Set(['payment']));
  const forms = formsOf(trial);
  assert.equal(new Set(forms.map((form) => form.get('notify_id'))).size, 1);
  assert.equal(new Set(forms.map((form) => form.get('notify_time'))).size, 8);
  assert.equal(trial.simulator.control.notifications()[0]?.state, 'given_up');
});

test('only the body success is accepted, whatever stands around it', async (context) => {
  const trial = await startTrial(context);
  trial.answersWith.push('SUCCESS', 'success\n', '"success"', '<p>success</p>', '', 'success');
  await placeAndPay(trial);
  await trial.timeline.advance(2 * dayMs);
  assert.equal(trial.received.length, 6);
});

test('a notification can be dropped, delayed, doubled and sent in the wrong order', async (context) => {
  const trial = await startTrial(context);
  const { control } = trial.simulator;
  control.addFault({ operation: 'notify', kind: 'drop' });
  await placeAndPay(trial);
  control.addFault({ operation: 'notify', kind: 'delay', ms: 5_000 });
  await trial.timeline.advance(244_999);
  assert.equal(trial.received.length, 0);
  await trial.timeline.advance(1);
  assert.equal(trial.received.length, 1);
  for (const name of ['TWICE1', 'FIRST1', 'SECOND'])
    await trial.provider.create(trialOrder(trial, { attemptRef: name }), callOptions);
  control.addFault({ operation: 'notify', kind: 'duplicate' });
  control.pay('TWICE1');
  await control.settled();
  control.addFault({ operation: 'notify', kind: 'reorder' });
  control.pay('FIRST1');
  control.pay('SECOND');
  await control.settled();
  const names = formsOf(trial).map((form) => form.get('out_trade_no'));
  assert.deepEqual(names, [trialRef, 'TWICE1', 'TWICE1', 'SECOND', 'FIRST1']);
});

test('spoilt notifications are told apart by the client, and the truth comes with the next try', async (context) => {
  const trial = await startTrial(context);
  const { control } = trial.simulator;
  for (const kind of ['unsigned', 'wrong_signature', 'tampered', 'rsa_downgrade'] as const)
    control.addFault({ operation: 'notify', kind });
  // What is stamped with another time is taken for a hint, and acknowledged as one.
  trial.answersWith.push('fail', 'fail', 'fail', 'fail', 'fail');
  control.addFault({ operation: 'notify', kind: 'clock_skew', ms: -301_000 });
  await placeAndPay(trial);
  await trial.timeline.advance(2 * dayMs);
  const bad = Array.from({ length: 4 }, () => 'bad_signature');
  assert.deepEqual(kinds(trial), [...bad, 'hint', 'payment']);
  assert.deepEqual(
    formsOf(trial).map((form) => [form.get('sign_type'), form.get('total_amount')]),
    [
      ['RSA2', '200.00'],
      ['RSA2', '200.00'],
      ['RSA2', '0.01'],
      ['RSA', '200.00'],
      ['RSA2', '200.00'],
      ['RSA2', '200.00'],
    ],
  );
});

test('an authentic lie about money, app or seller reaches the core as it was told', async (context) => {
  const trial = await startTrial(context);
  const { control } = trial.simulator;
  for (const kind of ['changed_amount', 'other_app', 'other_seller'] as const)
    control.addFault({ operation: 'notify', kind });
  trial.answersWith.push('fail', 'fail', 'fail');
  await placeAndPay(trial);
  await trial.timeline.advance(2 * dayMs);
  const { appId, sellerId } = trial.simulator.credentials;
  const facts = trial.received.map(({ result }) => (result.kind === 'payment' ? result.fact : null));
  assert.deepEqual(
    facts.map((fact) => [fact?.amount?.minor, fact?.appId, fact?.merchantId]),
    [
      [1, appId, sellerId],
      [20_000, '2021000000000000', sellerId],
      [20_000, appId, '2088000000000000'],
      [20_000, appId, sellerId],
    ],
  );
  const later = { attemptRef: 'LIAR01', expiresAt: trial.timeline.now() + 900_000 };
  await trial.provider.create(trialOrder(trial, later), callOptions);
  control.pay('LIAR01', { claims: { totalFen: 1, sellerId: '2088000000000001' } });
  await control.settled();
  const last = trial.received.at(-1)?.result;
  assert.deepEqual(last?.kind === 'payment' ? [last.fact.amount?.minor, last.fact.merchantId] : last, [
    1,
    '2088000000000001',
  ]);
  assert.equal((await trial.provider.query({ attemptRef: 'LIAR01' }, callOptions)).amount?.minor, 1);
});

test('a trade that is not paid in time is closed by itself; a page tells the merchant, a code does not', async (context) => {
  const trial = await startTrial(context);
  const { control } = trial.simulator;
  await openPage(trial);
  await trial.provider.create(trialOrder(trial, { attemptRef: 'CODE01' }), callOptions);
  control.scan(trialRef);
  control.scan('CODE01');
  await trial.timeline.advance(900_000);
  assert.equal((await trial.provider.query({ attemptRef: 'CODE01' }, callOptions)).state, 'pending');
  await trial.timeline.advance(1);
  assert.equal((await trial.provider.query({ attemptRef: 'CODE01' }, callOptions)).state, 'closed');
  await control.settled();
  assert.deepEqual(
    trial.received.map(({ result }) => (result.kind === 'payment' ? [result.fact.attemptRef, result.fact.state] : [])),
    [[trialRef, 'closed']],
  );
});

test('refunds are told with the sum of all; of a code the whole one is not told, of a page it closes the trade', async (context) => {
  const trial = await startTrial(context);
  const { control } = trial.simulator;
  const giveBack = (attemptRef: string, number: number, minor: number) =>
    trial.provider.refund(
      trialRefund({ attemptRef, refundRef: `R${attemptRef}_staff_${number}`, amount: { minor, currency: 'CNY' } }),
      callOptions,
    );
  await openPage(trial);
  await trial.provider.create(trialOrder(trial, { attemptRef: 'CODE01' }), callOptions);
  for (const ref of [trialRef, 'CODE01']) {
    control.pay(ref);
    await giveBack(ref, 1, 5_000);
    await giveBack(ref, 2, 15_000);
    await control.settled();
  }
  const told = formsOf(trial).map((form) => [
    form.get('out_trade_no') === trialRef ? 'page' : 'code',
    form.get('trade_status'),
    form.get('refund_fee'),
    form.get('out_biz_no')?.slice(-1) ?? null,
  ]);
  assert.deepEqual(told, [
    ['page', 'TRADE_SUCCESS', null, null],
    ['page', 'TRADE_SUCCESS', '50.00', '1'],
    ['page', 'TRADE_CLOSED', '200.00', '2'],
    ['code', 'TRADE_SUCCESS', null, null],
    ['code', 'TRADE_SUCCESS', '50.00', '1'],
  ]);
  assert.deepEqual(kinds(trial), ['payment', 'refund', 'refund', 'payment', 'refund']);
});

test('a refund made in the console of Alipay bears a number of its own and the sum of all that went back, and is a hint to ask', async (context) => {
  const trial = await startTrial(context);
  const { control } = trial.simulator;
  await openPage(trial);
  control.pay(trialRef);
  await control.settled();
  assert.equal(control.refundElsewhere('NOBODY', 1, 'X'), 'ACQ.TRADE_NOT_EXIST');
  assert.equal(control.refundElsewhere(trialRef, 20_001, 'X'), 'ACQ.REASON_TRADE_REFUND_FEE_ERR');
  assert.equal(control.refundElsewhere(trialRef, 20_000, 'HZRF001'), null);
  await control.settled();
  const { result, body } = trial.received.at(-1) ?? assert.fail('nothing was told');
  assert.deepEqual(result.kind === 'hint' ? result.attemptRef : result, trialRef);
  const told = new URLSearchParams(body);
  assert.deepEqual([told.get('out_biz_no'), told.get('refund_fee')], ['HZRF001', '200.00']);
});

test('an order past its time, or of a closed trade, cannot be paid, and money that comes late all the same is notified', async (context) => {
  const trial = await startTrial(context);
  const { control } = trial.simulator;
  const reasonOf = (outTradeNo: string) => {
    const outcome = control.pay(outTradeNo);
    return outcome.kind === 'refused' ? outcome.reason : outcome.kind;
  };
  assert.equal(reasonOf('NOBODY'), 'payment_unknown');
  await trial.provider.create(trialOrder(trial), callOptions);
  await trial.provider.create(trialOrder(trial, { attemptRef: 'CLOSED' }), callOptions);
  control.scan('CLOSED');
  await trial.provider.close({ attemptRef: 'CLOSED' }, callOptions);
  assert.equal(reasonOf('CLOSED'), 'payment_closed');
  await trial.timeline.advance(900_001);
  assert.equal(reasonOf(trialRef), 'past_time_expire');
  assert.equal(control.scan(trialRef), false);
  assert.equal(control.pay(trialRef, { evenIfLate: true }).kind, 'paid');
  assert.equal(control.pay('CLOSED', { evenIfLate: true }).kind, 'paid');
  assert.equal(reasonOf('CLOSED'), 'already_paid');
  await control.settled();
  assert.deepEqual(kinds(trial), ['payment', 'payment']);
});

test('a code that is closed before anybody scanned it can still be paid', async (context) => {
  const trial = await startTrial(context);
  await trial.provider.create(trialOrder(trial), callOptions);
  assert.equal((await trial.provider.close({ attemptRef: trialRef }, callOptions)).kind, 'not_created');
  assert.equal(trial.simulator.control.pay(trialRef).kind, 'paid');
});

test('orders that the real service refuses are refused, and none is kept', async (context) => {
  const trial = await startTrial(context);
  const refused = [
    trialOrder(trial, { notifyUrl: `${trial.notifyUrl}?a=1` }),
    trialOrder(trial, { notifyUrl: 'http://pay.example.com/notify' }),
    trialOrder(trial, { expiresAt: trialStartMs - 1 }),
    trialOrder(trial, { subject: '' }),
  ];
  for (const order of refused) await assert.rejects(trial.provider.create(order, callOptions), /INVALID_PARAMETER/);
  assert.deepEqual(trial.simulator.control.payments(), []);
});

test('with autoPay every order is paid by itself, a page once it was opened', async (context) => {
  const trial = await startTrial(context, { autoPay: { delayMs: 200 } });
  await trial.provider.create(trialOrder(trial, { attemptRef: 'CODE01' }), callOptions);
  await openPage(trial);
  await trial.timeline.advance(200);
  for (const attemptRef of ['CODE01', trialRef])
    assert.equal((await trial.provider.query({ attemptRef }, callOptions)).state, 'paid');
});

test('keys, payments, trades that wait, refunds under way and unsent notifications survive a restart', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'forecourt-alipay-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const trial = await startTrial(context, { folder });
  trial.answersWith.push('fail');
  await placeAndPay(trial);
  await trial.provider.create(trialOrder(trial, { attemptRef: 'WAITS1' }), callOptions);
  trial.simulator.control.scan('WAITS1');
  trial.simulator.control.endNextRefunds('LATER');
  await trial.provider.refund(trialRefund({ amount: { minor: 5_000, currency: 'CNY' } }), callOptions);
  await trial.simulator.close();

  const timeline = createManualTimeline(trial.timeline.now());
  const again = await startAlipaySimulator({ folder, timeline });
  context.after(() => again.close());
  assert.deepEqual(again.credentials, trial.simulator.credentials);
  assert.equal(again.control.payment(trialRef)?.trade?.status, 'TRADE_SUCCESS');
  await timeline.advance(240_000);
  assert.equal(again.control.refunds()[0]?.status, 'SUCCESS');
  await again.control.settled();
  await timeline.advance(900_001);
  assert.equal(again.control.payment('WAITS1')?.trade?.status, 'TRADE_CLOSED');
  assert.deepEqual(
    formsOf(trial).map((form) => form.get('refund_fee')),
    [null, '50.00', null],
  );
});

test('the desk plays Alipay in common words: pay, hold back, decline, refunds and their ends', async (context) => {
  const trial = await startTrial(context);
  const { desk, control } = trial.simulator;
  await trial.provider.create(trialOrder(trial), callOptions);
  assert.partialDeepStrictEqual(desk.payments(), [
    { ref: trialRef, surface: 'QR', amountMinor: 20_000, state: 'open' },
  ]);
  assert.equal(desk.decline(trialRef), null);
  assert.equal(desk.decline('NOBODY'), 'payment_unknown');
  assert.equal(desk.payments()[0]?.declined, true);
  assert.equal(desk.pay(trialRef, { kind: 'doubled' }), null);
  assert.equal(desk.pay(trialRef, { kind: 'at_once' }), 'already_paid');
  await control.settled();
  assert.equal(trial.received.length, 2);
  control.endNextRefunds('LATER');
  await trial.provider.refund(trialRefund(), callOptions);
  const { refundRef } = trialRefund();
  assert.partialDeepStrictEqual(desk.refunds(), [
    { ref: refundRef, state: 'PENDING', endings: ['succeeded', 'failed'] },
  ]);
  assert.equal(desk.endRefund(refundRef, 'failed'), true);
  assert.partialDeepStrictEqual(desk.refunds(), [{ state: 'FAILED', endings: ['succeeded'] }]);
  assert.equal(desk.endRefund(refundRef, 'succeeded'), true);
  assert.equal(desk.endRefund(refundRef, 'succeeded'), false);
  assert.equal(desk.payments()[0]?.state, 'refunded');
});
