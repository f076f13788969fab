import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attemptRef, callOptions, startTrial, trialOrder, trialRefund, trialStartMs } from './testing/trial-account.ts';

test('a person sees each payment in the words of the desk, and plays its payer', async (context) => {
  const trial = await startTrial(context);
  const { desk } = trial.simulator;
  assert.deepEqual([desk.id, desk.cashierUrl], ['stripe', trial.simulator.cashierUrl]);
  await trial.provider.create(trialOrder(trial), callOptions);
  const shown = {
    ref: attemptRef,
    surface: 'checkout',
    description: 'Forecourt Nord E10',
    amountMinor: 20_000,
    currency: 'EUR',
    state: 'open',
    backMinor: 0,
    declined: false,
    createdAtMs: trialStartMs,
  };
  assert.deepEqual(desk.payments(), [shown]);
  assert.equal(desk.decline(attemptRef), null);
  assert.deepEqual(desk.payments(), [{ ...shown, declined: true }]);
  assert.equal(desk.pay(attemptRef, { kind: 'doubled' }), null);
  assert.deepEqual(desk.payments(), [{ ...shown, declined: true, state: 'paid' }]);
  assert.equal(desk.pay(attemptRef, { kind: 'at_once' }), 'already_paid');
  assert.equal(desk.decline(attemptRef), 'already_paid');
  assert.equal(desk.pay('NOBODY', { kind: 'at_once' }), 'payment_unknown');
  await trial.simulator.control.settled();
  assert.deepEqual(
    trial.received.map(({ result }) => result.kind),
    ['payment', 'payment'],
  );
});

test('an event that shall be held back is sent after its time', async (context) => {
  const trial = await startTrial(context);
  await trial.provider.create(trialOrder(trial), callOptions);
  trial.simulator.desk.pay(attemptRef, { kind: 'held_back', ms: 20_000 });
  await trial.timeline.advance(19_999);
  assert.equal(trial.received.length, 0);
  await trial.timeline.advance(1);
  assert.equal(trial.received.length, 1);
});

test('a refund can be ended while it is under way, and can still fail after it succeeded', async (context) => {
  const trial = await startTrial(context);
  const { desk } = trial.simulator;
  await trial.provider.create(trialOrder(trial), callOptions);
  desk.pay(attemptRef, { kind: 'at_once' });
  await trial.provider.refund(trialRefund(trial), callOptions);
  const { refundRef } = trialRefund(trial);
  const shown = () => desk.refunds().map(({ ref, paymentRef, state, endings }) => [ref, paymentRef, state, endings]);
  assert.deepEqual(shown(), [[refundRef, attemptRef, 'pending', ['succeeded', 'failed']]]);
  const paymentShown = () => desk.payments().map(({ state, backMinor }) => [state, backMinor]);
  assert.deepEqual(paymentShown(), [['refunded', 0]]);
  assert.equal(desk.endRefund(refundRef, 'succeeded'), true);
  assert.deepEqual(shown(), [[refundRef, attemptRef, 'succeeded', ['failed']]]);
  assert.deepEqual(paymentShown(), [['refunded', 20_000]]);
  assert.equal(desk.endRefund(refundRef, 'failed'), true);
  assert.deepEqual(shown(), [[refundRef, attemptRef, 'failed', []]]);
  assert.deepEqual(paymentShown(), [['paid', 0]]);
  assert.equal(desk.endRefund(refundRef, 'succeeded'), false);
});

test('a closed session is over', async (context) => {
  const trial = await startTrial(context);
  const { providerRef } = await trial.provider.create(trialOrder(trial), callOptions);
  await trial.provider.close({ attemptRef, providerRef: providerRef ?? '' }, callOptions);
  assert.deepEqual(
    trial.simulator.desk.payments().map(({ state }) => state),
    ['over'],
  );
});
