import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { startStripeSimulator } from '../../../simulator/stripe/simulator.ts';
import {
  attemptRef,
  callOptions,
  startTrial,
  type TrialAccount,
  trialName,
  trialOrder,
  trialRefund,
  trialStartMs,
} from '../../../simulator/stripe/testing/trial-account.ts';
import { ProviderError, type ProviderErrorKind } from '../provider.ts';
import { apiVersion } from './call.ts';

const refundRef = `R${attemptRef}_staff`;

async function errorOf(call: Promise<unknown>): Promise<ProviderError> {
  try {
    await call;
  } catch (error) {
    assert.ok(error instanceof ProviderError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: 'the call succeeded' });
}

const kindOf = async (call: Promise<unknown>): Promise<ProviderErrorKind> => (await errorOf(call)).kind;
const paymentIdOf = (trial: TrialAccount) => trial.simulator.control.payment(attemptRef)?.intentId ?? '';
const sessionsOf = (trial: TrialAccount) => trial.simulator.control.payments().length;

async function createPaid(trial: TrialAccount): Promise<void> {
  await trial.provider.create(trialOrder(trial), callOptions);
  assert.equal(trial.simulator.control.pay(attemptRef).kind, 'paid');
}

test("an order leads to Stripe's own page for as long as the order lives, and the session outlives it", async (context) => {
  const trial = await startTrial(context);
  const created = await trial.provider.create(trialOrder(trial), callOptions);
  const session = trial.simulator.control.payment(attemptRef);
  assert.deepEqual(created, {
    providerRef: session?.id,
    next: { kind: 'redirect', url: `${trial.simulator.url}/c/pay/${session?.id}` },
    nextExpiresAt: trialStartMs + 600_000,
  });
  assert.equal(session?.expiresAtMs, trialStartMs + 600_000 + 31 * 60_000);
});

test('an order that Stripe could never take is rejected before a byte is sent', async (context) => {
  const trial = await startTrial(context);
  for (const changes of [{ surface: 'alipay.wap' }, { amount: { minor: 100, currency: 'KWD' } }] as const)
    assert.equal(await kindOf(trial.provider.create(trialOrder(trial, changes), callOptions)), 'rejected');
  assert.deepEqual(trial.simulator.control.traffic(), []);
});

test('one that Stripe refuses is rejected with its word', async (context) => {
  const trial = await startTrial(context);
  const little = trialOrder(trial, { amount: { minor: 49, currency: 'EUR' } });
  const error = await errorOf(trial.provider.create(little, callOptions));
  assert.deepEqual([error.kind, error.detail.providerCode], ['rejected', 'amount_too_small']);
});

test('a paid order is told by query with money, account, payment and time, and without the payer', async (context) => {
  const trial = await startTrial(context);
  const { providerRef } = await trial.provider.create(trialOrder(trial), callOptions);
  const name = { attemptRef, providerRef: providerRef ?? '' };
  assert.equal((await trial.provider.query(name, callOptions)).state, 'pending');
  await trial.timeline.advance(7_000);
  trial.simulator.control.pay(attemptRef);
  const { evidence, ...fact } = await trial.provider.query(name, callOptions);
  assert.deepEqual(fact, {
    source: 'query',
    attemptRef,
    state: 'paid',
    providerPaymentId: paymentIdOf(trial),
    amount: { minor: 20_000, currency: 'EUR' },
    merchantId: trial.simulator.credentials.accountId,
    appId: trial.simulator.credentials.accountId,
    liveMode: false,
    paidAt: trialStartMs + 7_000,
    authenticated: true,
  });
  assert.match(evidence.bodySha256, /^[0-9a-f]{64}$/);
  assert.match(evidence.requestId ?? '', /^req_/);
  assert.deepEqual([evidence.httpStatus, evidence.clockSkewMs], [200, 0]);
});

test('a declined card leaves the order open, and the next card pays it', async (context) => {
  const trial = await startTrial(context);
  await trial.provider.create(trialOrder(trial), callOptions);
  assert.equal(trial.simulator.control.decline(attemptRef), true);
  assert.equal((await trial.provider.query(trialName, callOptions)).state, 'pending');
  trial.simulator.control.pay(attemptRef);
  assert.equal((await trial.provider.query(trialName, callOptions)).state, 'paid');
});

test('complete is not paid: a payment that comes later is pending until it has come, and closed where it failed', async (context) => {
  const trial = await startTrial(context);
  const { provider, simulator } = trial;
  for (const [ref, ending, state] of [
    [attemptRef, 'succeeded', 'paid'],
    ['DELAYED02', 'failed', 'closed'],
  ] as const) {
    const name = { ...trialName, attemptRef: ref };
    await provider.create(trialOrder(trial, { attemptRef: ref }), callOptions);
    assert.equal(simulator.control.pay(ref, { delayed: true }).kind, 'promised');
    assert.equal((await provider.query(name, callOptions)).state, 'pending');
    assert.deepEqual(await provider.close(name, callOptions), { kind: 'in_progress' });
    simulator.control.endDelayed(ref, ending);
    assert.equal((await provider.query(name, callOptions)).state, state);
  }
});

test("where the create's answer was lost, the session is found among those of the attempt's time", async (context) => {
  const trial = await startTrial(context);
  const { provider, simulator } = trial;
  simulator.control.addFault({ operation: 'create', kind: 'commit_then_reset' });
  assert.equal(await kindOf(provider.create(trialOrder(trial), callOptions)), 'unknown');
  assert.equal((await provider.query(trialName, callOptions)).state, 'pending');
  simulator.control.pay(attemptRef);
  assert.equal((await provider.query(trialName, callOptions)).state, 'paid');
  assert.equal((await provider.query({ attemptRef }, callOptions)).state, 'paid');
  const earlier = { attemptRef, createdAt: trialStartMs - 3_600_000, expiresAt: trialStartMs - 600_000 };
  assert.equal((await provider.query(earlier, callOptions)).state, 'not_found');
});

test('a session among hundreds is found, and where there are more than are read nobody claims that there is none', async (context) => {
  const trial = await startTrial(context);
  const { provider, simulator } = trial;
  await provider.create(trialOrder(trial), callOptions);
  for (let number = 0; number < 250; number += 1)
    await provider.create(trialOrder(trial, { attemptRef: `OTHER${number}` }), callOptions);
  const before = simulator.control.traffic().length;
  assert.equal((await provider.query(trialName, callOptions)).state, 'pending');
  const calls = simulator.control.traffic().slice(before);
  assert.deepEqual(
    calls.map(({ operation }) => operation),
    ['find', 'find', 'find', 'query'],
  );
  for (let number = 250; number < 1_000; number += 1)
    await provider.create(trialOrder(trial, { attemptRef: `OTHER${number}` }), callOptions);
  assert.equal(await kindOf(provider.query(trialName, callOptions)), 'unknown');
});

test('close tells closed, closed again, paid, and never made apart', async (context) => {
  const trial = await startTrial(context);
  const { provider, simulator } = trial;
  assert.deepEqual(await provider.close(trialName, callOptions), {
    kind: 'not_created',
    mayStillBePaidUntil: trialStartMs + 300_000,
  });
  const { providerRef } = await provider.create(trialOrder(trial), callOptions);
  const name = { attemptRef, providerRef: providerRef ?? '' };
  assert.deepEqual(await provider.close(name, callOptions), { kind: 'closed' });
  assert.deepEqual(await provider.close(name, callOptions), { kind: 'closed' });
  assert.deepEqual(await provider.close(trialName, callOptions), { kind: 'closed' });
  assert.equal((await provider.query(name, callOptions)).state, 'closed');
  await provider.create(trialOrder(trial, { attemptRef: 'PAID01' }), callOptions);
  simulator.control.pay('PAID01');
  assert.deepEqual(await provider.close({ ...trialName, attemptRef: 'PAID01' }, callOptions), { kind: 'paid' });
});

test('the payer pays in the moment in which the session is expired: paid', async (context) => {
  const trial = await startTrial(context);
  await trial.provider.create(trialOrder(trial), callOptions);
  trial.simulator.control.addFault({ operation: 'close', kind: 'paid_first' });
  assert.deepEqual(await trial.provider.close(trialName, callOptions), { kind: 'paid' });
  assert.equal((await trial.provider.query(trialName, callOptions)).state, 'paid');
});

test('the same reference with the same order is the same session; with another it is rejected', async (context) => {
  const trial = await startTrial(context);
  const first = await trial.provider.create(trialOrder(trial), callOptions);
  await trial.timeline.advance(60_000);
  assert.deepEqual(await trial.provider.create(trialOrder(trial), callOptions), first);
  assert.equal(sessionsOf(trial), 1);
  const other = trialOrder(trial, { amount: { minor: 5_000, currency: 'EUR' } });
  const error = await errorOf(trial.provider.create(other, callOptions));
  assert.deepEqual([error.kind, error.detail.providerCode], ['rejected', 'idempotency_error']);
});

test('each fault of an answer has the kind that the money needs, and each is one call', async (context) => {
  const trial = await startTrial(context);
  const expected = [
    ['reset', 'unknown'],
    ['commit_then_reset', 'unknown'],
    ['rate_limited', 'rate_limited'],
    ['server_error', 'unknown'],
    ['commit_then_server_error', 'unknown'],
    ['html_502', 'unknown'],
    ['commit_then_html_502', 'unknown'],
    ['json_502', 'unknown'],
    ['empty_json', 'unknown'],
    ['oversize', 'unknown'],
  ] as const;
  for (const [kind, meaning] of expected) {
    trial.simulator.control.addFault({ operation: 'create', kind });
    const before = trial.simulator.control.traffic().length;
    assert.equal(await kindOf(trial.provider.create(trialOrder(trial), callOptions)), meaning, kind);
    assert.equal(trial.simulator.control.traffic().length, before + 1, kind);
  }
  assert.deepEqual(trial.simulator.control.faults(), []);
  assert.equal((await trial.provider.create(trialOrder(trial), callOptions)).next.kind, 'redirect');
  assert.equal(sessionsOf(trial), 1);
});

test('a rate limit leaves a close and a refund open, and a query not', async (context) => {
  const trial = await startTrial(context);
  await createPaid(trial);
  const open = [];
  for (const [operation, call] of [
    ['query', () => trial.provider.query({ attemptRef, providerRef: 'cs_1' }, callOptions)],
    ['close', () => trial.provider.close({ attemptRef, providerRef: 'cs_1' }, callOptions)],
    ['refund', () => trial.provider.refund(trialRefund(trial), callOptions)],
  ] as const) {
    trial.simulator.control.addFault({ operation, kind: 'rate_limited' });
    open.push((await errorOf(call())).outcomeUnknown);
  }
  assert.deepEqual(open, [false, true, true]);
});

test('a 500 that the idempotency store gives again is unknown each time, whether or not the session was made', async (context) => {
  const trial = await startTrial(context);
  const { provider, simulator } = trial;
  for (const [ref, kind, state] of [
    [attemptRef, 'commit_then_kept_500', 'pending'],
    ['NEVERMADE', 'kept_500', 'not_found'],
  ] as const) {
    simulator.control.addFault({ operation: 'create', kind });
    const order = trialOrder(trial, { attemptRef: ref });
    for (let time = 0; time < 3; time += 1) assert.equal(await kindOf(provider.create(order, callOptions)), 'unknown');
    assert.equal((await provider.query({ ...trialName, attemptRef: ref }, callOptions)).state, state);
  }
});

test('two nodes that create at once make one session, and the second hears that it is under way', async (context) => {
  const trial = await startTrial(context);
  const { provider, simulator, timeline } = trial;
  simulator.control.addFault({ operation: 'create', kind: 'slow', ms: 1_000 });
  const first = provider.create(trialOrder(trial), callOptions);
  // The first call has arrived when a later one is answered on the same door.
  while (simulator.control.faults().length > 0) await provider.health(callOptions);
  const second = await errorOf(provider.create(trialOrder(trial), callOptions));
  assert.deepEqual([second.kind, second.detail.providerCode], ['unknown', 'idempotency_key_in_use']);
  await timeline.advance(1_000);
  assert.equal((await first).next.kind, 'redirect');
  assert.equal(sessionsOf(trial), 1);
});

test('a call that hangs ends as unknown at its time limit or when the caller gives up, and a query then finds what was done', async (context) => {
  const trial = await startTrial(context);
  trial.simulator.control.addFault({ operation: 'create', kind: 'commit_then_hang' });
  assert.equal(await kindOf(trial.provider.create(trialOrder(trial), { ...callOptions, timeoutMs: 60 })), 'unknown');
  assert.equal((await trial.provider.query(trialName, callOptions)).state, 'pending');
  trial.simulator.control.addFault({ operation: 'find', kind: 'hang' });
  const giveUp = new AbortController();
  const call = kindOf(trial.provider.query(trialName, { ...callOptions, signal: giveUp.signal }));
  setImmediate(() => giveUp.abort());
  assert.equal(await call, 'unknown');
});

test('nobody listening is unreachable, in every operation', async (context) => {
  const trial = await startTrial(context);
  const nobody = createServer();
  await new Promise<void>((resolve) => nobody.listen(0, '127.0.0.1', resolve));
  const address = nobody.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await new Promise<void>((resolve) => nobody.close(() => resolve()));
  const provider = trial.provideWith({ baseUrl: `http://127.0.0.1:${port}` });
  assert.equal(await kindOf(provider.create(trialOrder(trial), callOptions)), 'unreachable');
  assert.equal(await kindOf(provider.query(trialName, callOptions)), 'unreachable');
  assert.equal(await kindOf(provider.close(trialName, callOptions)), 'unreachable');
  assert.equal(await kindOf(provider.refund(trialRefund(trial), callOptions)), 'unreachable');
  assert.match((await provider.health(callOptions)).detail ?? '', /^unreachable/);
});

test('an answer about another order, or of another sum, is an integrity error', async (context) => {
  const trial = await startTrial(context);
  const { provider, simulator } = trial;
  const other = await provider.create(trialOrder(trial, { attemptRef: 'OTHER1' }), callOptions);
  const crossed = { attemptRef, providerRef: other.providerRef ?? '' };
  assert.equal(await kindOf(provider.query(crossed, callOptions)), 'integrity');
  assert.equal(await kindOf(provider.close(crossed, callOptions)), 'integrity');
  const cheaper = trial.provideWith({
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      return new Response((await response.text()).replace('"amount_total":20000', '"amount_total":19999'), response);
    },
  });
  assert.equal(await kindOf(cheaper.create(trialOrder(trial), callOptions)), 'integrity');
  assert.equal(simulator.control.payment(attemptRef)?.amountMinor, 20_000);
});

test('a wrong key, and a key that does not see what Stripe has named to us, are auth', async (context) => {
  const trial = await startTrial(context);
  const stranger = await startStripeSimulator();
  context.after(() => stranger.close());
  const wrong = trial.provideWith({ secretKey: stranger.credentials.secretKey });
  assert.equal(await kindOf(wrong.create(trialOrder(trial), callOptions)), 'auth');
  assert.match((await wrong.health(callOptions)).detail ?? '', /^auth: .*401/);
  const elsewhere = trial.provideWith({ ...stranger.credentials, baseUrl: stranger.url });
  const { providerRef } = await trial.provider.create(trialOrder(trial), callOptions);
  assert.equal(await kindOf(elsewhere.query({ attemptRef, providerRef: providerRef ?? '' }, callOptions)), 'auth');
  assert.equal(await kindOf(elsewhere.refund(trialRefund(trial), callOptions)), 'auth');
});

test('health tells the clock, a key of another account, and that events would be refused', async (context) => {
  const trial = await startTrial(context);
  assert.deepEqual(await trial.provider.health(callOptions), { ok: true, apiVersion, clockSkewMs: 0 });
  trial.simulator.control.addFault({ operation: 'health', kind: 'clock_skew', ms: 600_000 });
  const late = await trial.provider.health(callOptions);
  assert.deepEqual([late.ok, late.clockSkewMs], [false, 600_000]);
  assert.match(late.detail ?? '', /600 s ahead of ours.*set the clock/);
  const other = await trial.provideWith({ accountId: 'acct_other' }).health(callOptions);
  assert.match(other.detail ?? '', new RegExp(`belongs to ${trial.simulator.credentials.accountId}.*acct_other`));
  trial.simulator.control.addFault({ operation: 'health', kind: 'server_error' });
  assert.equal((await trial.provider.health(callOptions)).ok, false);
});

test('a refund is processing until the money has gone, and the same reference is the same refund', async (context) => {
  const trial = await startTrial(context);
  const { provider, simulator, timeline } = trial;
  await createPaid(trial);
  const name = { refundRef, attemptRef, providerPaymentId: paymentIdOf(trial) };
  assert.equal((await provider.queryRefund(name, callOptions)).state, 'not_found');
  simulator.control.addFault({ operation: 'refund', kind: 'commit_then_hang' });
  assert.equal(await kindOf(provider.refund(trialRefund(trial), { ...callOptions, timeoutMs: 60 })), 'unknown');
  const again = await provider.refund(trialRefund(trial), callOptions);
  assert.deepEqual(
    [again.state, again.amount, again.refundRef, again.attemptRef],
    ['processing', { minor: 20_000, currency: 'EUR' }, refundRef, attemptRef],
  );
  await timeline.advance(3_000);
  assert.equal((await provider.queryRefund(name, callOptions)).state, 'succeeded');
  const told = await provider.queryRefund({ refundRef, attemptRef }, callOptions);
  assert.equal(told.state, 'succeeded');
  for (const { merchantId, appId, liveMode } of [again, told])
    assert.deepEqual({ merchantId, appId, liveMode }, provider.merchant);
  const fact = await provider.query(trialName, callOptions);
  assert.deepEqual([fact.state, fact.refundedMinor], ['refunded', 20_000]);
  assert.equal(simulator.control.refunds().length, 1);
});

test('a refund whose key Stripe has forgotten is found by its mark and not made again', async (context) => {
  const trial = await startTrial(context);
  await createPaid(trial);
  const part = { amount: { minor: 5_000, currency: 'EUR' } };
  await trial.provider.refund(trialRefund(trial, part), callOptions);
  await trial.timeline.advance(30 * 86_400_000);
  assert.equal((await trial.provider.refund(trialRefund(trial, part), callOptions)).state, 'succeeded');
  assert.equal(trial.simulator.control.refunds().length, 1);
  const other = trialRefund(trial, { amount: { minor: 6_000, currency: 'EUR' } });
  assert.equal(await kindOf(trial.provider.refund(other, callOptions)), 'integrity');
});

test('a refund that failed, at once or after it had succeeded, is abnormal, and the same reference asks for no second one', async (context) => {
  const trial = await startTrial(context);
  const { provider, simulator, timeline } = trial;
  await createPaid(trial);
  const name = { refundRef, attemptRef, providerPaymentId: paymentIdOf(trial) };
  await provider.refund(trialRefund(trial), callOptions);
  await timeline.advance(3_000);
  assert.equal(simulator.control.endRefund(refundRef, 'failed'), true);
  assert.equal((await provider.queryRefund(name, callOptions)).state, 'abnormal');
  assert.equal((await provider.refund(trialRefund(trial), callOptions)).state, 'abnormal');
  assert.equal((await provider.query(trialName, callOptions)).state, 'paid');
  assert.equal(simulator.control.refunds().length, 1);
});

test('refunds are refused by name: not paid, more than paid, nothing left', async (context) => {
  const trial = await startTrial(context);
  const { provider, simulator } = trial;
  const refusedAs = async (changes: object) => {
    const { kind, detail } = await errorOf(provider.refund(trialRefund(trial, changes), callOptions));
    return [kind, detail.providerCode];
  };
  await provider.create(trialOrder(trial), callOptions);
  simulator.control.decline(attemptRef);
  assert.deepEqual(await refusedAs({}), ['rejected', 'invalid_request_error']);
  const { providerPaymentId: _unknown, ...nameless } = trialRefund(trial, { attemptRef: 'NOBODY' });
  assert.equal(await kindOf(provider.refund(nameless, callOptions)), 'rejected');
  simulator.control.pay(attemptRef);
  assert.deepEqual(await refusedAs({ amount: { minor: 20_001, currency: 'EUR' } }), [
    'rejected',
    'invalid_request_error',
  ]);
  await provider.refund(trialRefund(trial), callOptions);
  assert.deepEqual(await refusedAs({ refundRef: 'RSECOND' }), ['rejected', 'charge_already_refunded']);
});

test('a key that was used for another refund leaves the outcome open', async (context) => {
  const trial = await startTrial(context);
  await createPaid(trial);
  // Another node has asked under the same reference, for another sum, and its refund cannot be seen in the list yet.
  const blind = trial.provideWith({
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      return init?.method === 'POST'
        ? response
        : new Response('{"object":"list","data":[],"has_more":false}', response);
    },
  });
  await trial.provider.refund(trialRefund(trial, { amount: { minor: 1, currency: 'EUR' } }), callOptions);
  const error = await errorOf(blind.refund(trialRefund(trial), callOptions));
  assert.deepEqual(
    [error.kind, error.detail.providerCode, error.outcomeUnknown],
    ['unknown', 'idempotency_error', true],
  );
});

test('the bill of a day of UTC has each payment, refund and fee, disputes and failed refunds beside, and no payout', async (context) => {
  const trial = await startTrial(context);
  const { provider, simulator, timeline } = trial;
  const rowsOf = async (date: string) => {
    const rows = [];
    for await (const row of provider.bill?.(date, callOptions) ?? []) rows.push(row);
    return rows;
  };
  assert.deepEqual(await rowsOf('2026-11-02'), []);
  await createPaid(trial);
  const providerPaymentId = paymentIdOf(trial);
  await timeline.advance(5_000);
  await provider.refund(trialRefund(trial, { amount: { minor: 29, currency: 'EUR' } }), callOptions);
  simulator.control.endRefund(refundRef, 'failed');
  await timeline.advance(5_000);
  const byHand = simulator.control.refundByHand(attemptRef, 71);
  simulator.control.dispute(attemptRef);
  simulator.control.payOut('eur');
  const shared = { providerPaymentId, feeMinor: 0, at: trialStartMs + 5_000 };
  assert.deepEqual((await rowsOf('2026-11-02')).toReversed(), [
    {
      kind: 'payment',
      attemptRef,
      providerPaymentId,
      feeMinor: 325,
      at: trialStartMs,
      amount: { minor: 20_000, currency: 'EUR' },
    },
    {
      ...shared,
      kind: 'refund',
      attemptRef,
      refundRef,
      refundState: 'abnormal',
      amount: { minor: 29, currency: 'EUR' },
    },
    {
      ...shared,
      kind: 'other',
      attemptRef,
      amount: { minor: 29, currency: 'EUR' },
      description: 'refund_failure: REFUND FAILURE',
    },
    {
      ...shared,
      at: trialStartMs + 10_000,
      kind: 'refund',
      attemptRef,
      refundRef: byHand?.id,
      refundState: 'processing',
      amount: { minor: 71, currency: 'EUR' },
    },
    {
      kind: 'other',
      attemptRef,
      providerPaymentId,
      feeMinor: 2_000,
      at: trialStartMs + 10_000,
      amount: { minor: -20_000, currency: 'EUR' },
      description: `adjustment: Chargeback withdrawal for ${simulator.control.payment(attemptRef)?.intent?.chargeId}`,
    },
  ]);
  await timeline.advance(20 * 3_600_000);
  assert.deepEqual(await rowsOf('2026-11-03'), []);
});

test('a bill of many pages is read to its end, one that is cut off is unknown, and what is no day is rejected', async (context) => {
  const trial = await startTrial(context);
  const { provider, simulator } = trial;
  for (let number = 0; number < 101; number += 1) {
    await provider.create(trialOrder(trial, { attemptRef: `MANY${number}XX` }), callOptions);
    simulator.control.pay(`MANY${number}XX`);
  }
  const countOf = async (date: string) => {
    let count = 0;
    for await (const row of provider.bill?.(date, callOptions) ?? []) count += row.kind === 'payment' ? 1 : 0;
    return count;
  };
  assert.equal(await countOf('2026-11-02'), 101);
  simulator.control.addFault({ operation: 'bill', kind: 'empty_json' });
  assert.equal(await kindOf(countOf('2026-11-02')), 'unknown');
  for (const date of ['2026-11-31', '21.11.2026', '']) assert.equal(await kindOf(countOf(date)), 'rejected');
});
