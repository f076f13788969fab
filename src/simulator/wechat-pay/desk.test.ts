import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callOptions, startTrial, trialOrder, trialRefund } from './testing/trial-merchant.ts';

const atOnce = { kind: 'at_once' } as const;

test('a payment is open as long as somebody can pay it, and then paid, refunded or over', async (context) => {
  const trial = await startTrial(context);
  const { desk } = trial.simulator;
  const stateOf = (ref: string) => desk.payments().find((one) => one.ref === ref)?.state;
  const place = (attemptRef: string) => trial.provider.create(trialOrder(trial, { attemptRef }), callOptions);
  for (const ref of ['STAYS1', 'PAID01', 'CLOSED']) await place(ref);
  assert.deepEqual(desk.payments()[0], {
    ref: 'CLOSED',
    surface: 'MWEB',
    description: '92# 1号枪',
    amountMinor: 20_000,
    currency: 'CNY',
    state: 'open',
    backMinor: 0,
    declined: false,
    createdAtMs: trial.timeline.now(),
  });
  assert.equal(desk.pay('PAID01', atOnce), null);
  await trial.provider.close({ attemptRef: 'CLOSED' }, callOptions);
  assert.deepEqual(['STAYS1', 'PAID01', 'CLOSED'].map(stateOf), ['open', 'paid', 'over']);
  await trial.provider.refund(trialRefund(trial, { attemptRef: 'PAID01' }), callOptions);
  assert.equal(stateOf('PAID01'), 'refunded');
  await trial.timeline.advance(300_001);
  assert.equal(stateOf('STAYS1'), 'over');
  await place('STAYS1');
  assert.equal(stateOf('STAYS1'), 'open');
});

test('the desk says by name why a payment cannot be paid or declined', async (context) => {
  const trial = await startTrial(context);
  const { desk } = trial.simulator;
  await trial.provider.create(trialOrder(trial, { attemptRef: 'PAID01' }), callOptions);
  assert.equal(desk.pay('NOBODY', atOnce), 'payment_unknown');
  assert.equal(desk.decline('NOBODY'), 'payment_unknown');
  assert.equal(desk.pay('PAID01', atOnce), null);
  assert.equal(desk.pay('PAID01', atOnce), 'already_paid');
  assert.equal(desk.decline('PAID01'), 'already_paid');
});

test('a refund offers the ends that it can still have', async (context) => {
  const trial = await startTrial(context);
  const { desk } = trial.simulator;
  const { attemptRef, refundRef } = trialRefund(trial);
  await trial.provider.create(trialOrder(trial), callOptions);
  desk.pay(attemptRef, atOnce);
  await trial.provider.refund(trialRefund(trial), callOptions);
  const shown = () => desk.refunds().map(({ state, endings }) => [state, ...endings]);
  assert.deepEqual(shown(), [['PROCESSING', 'succeeded', 'failed']]);
  assert.equal(desk.endRefund(refundRef, 'failed'), true);
  assert.deepEqual(shown(), [['ABNORMAL', 'succeeded']]);
  assert.equal(desk.endRefund(refundRef, 'failed'), false);
  assert.equal(desk.endRefund(refundRef, 'succeeded'), true);
  assert.deepEqual(shown(), [['SUCCESS']]);
  assert.equal(desk.endRefund(refundRef, 'failed'), false);
});
