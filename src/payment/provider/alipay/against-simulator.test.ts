import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { systemRandom } from '../../../base/random.ts';
import { makeCredentials } from '../../../simulator/alipay/credentials.ts';
import {
  callOptions,
  openPage,
  startTrial,
  type TrialMerchant,
  trialOrder,
  trialRef,
  trialRefund,
  trialStartMs,
} from '../../../simulator/alipay/testing/trial-merchant.ts';
import { type BillRow, type PaymentProvider, ProviderError, type ProviderErrorKind } from '../provider.ts';

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
const attempt = { attemptRef: trialRef };
const stateOf = async ({ provider }: TrialMerchant, attemptRef = trialRef): Promise<string> =>
  (await provider.query({ attemptRef }, callOptions)).state;

async function payByCode(trial: TrialMerchant): Promise<void> {
  await trial.provider.create(trialOrder(trial), callOptions);
  assert.equal(trial.simulator.control.pay(trialRef).kind, 'paid');
}

async function rowsOf(provider: PaymentProvider, date: string): Promise<BillRow[]> {
  const rows: BillRow[] = [];
  for await (const row of provider.bill?.(date, callOptions) ?? []) rows.push(row);
  return rows;
}

test('a code is not found until it is scanned, pending until it is paid, and told with all that is known of it', async (context) => {
  const trial = await startTrial(context);
  const created = await trial.provider.create(trialOrder(trial), callOptions);
  assert.equal(created.next.kind, 'qr');
  assert.equal(created.nextExpiresAt, trialStartMs + 900_000);
  const before = await trial.provider.query(attempt, callOptions);
  assert.deepEqual([before.state, before.authenticated], ['not_found', true]);
  trial.simulator.control.scan(trialRef);
  assert.equal(await stateOf(trial), 'pending');
  await trial.timeline.advance(7_000);
  trial.simulator.control.pay(trialRef);
  const { evidence, ...fact } = await trial.provider.query(attempt, callOptions);
  const trade = trial.simulator.control.payment(trialRef)?.trade;
  assert.deepEqual(fact, {
    source: 'query',
    attemptRef: trialRef,
    state: 'paid',
    providerPaymentId: trade?.tradeNo,
    amount: { minor: 20_000, currency: 'CNY' },
    merchantId: trial.provider.merchant.merchantId,
    appId: trial.provider.merchant.appId,
    liveMode: true,
    paidAt: trialStartMs + 7_000,
    authenticated: true,
  });
  assert.match(evidence.bodySha256, /^[0-9a-f]{64}$/);
  assert.ok(!JSON.stringify({ fact, evidence }).includes(trade?.buyerId ?? 'nobody'));
});

test('a page is not found until its payer signs in, though the order has been taken', async (context) => {
  const trial = await startTrial(context);
  assert.equal((await openPage(trial)).status, 200);
  assert.equal(await stateOf(trial), 'not_found');
  trial.simulator.control.scan(trialRef);
  assert.equal(await stateOf(trial), 'pending');
  trial.simulator.control.pay(trialRef);
  assert.equal(await stateOf(trial), 'paid');
});

test('close tells closed, paid and never begun apart, and moves no money', async (context) => {
  const trial = await startTrial(context);
  const { provider, simulator } = trial;
  await provider.create(trialOrder(trial), callOptions);
  const expiresAt = trialStartMs + 900_000;
  assert.deepEqual(await provider.close({ ...attempt, expiresAt }, callOptions), {
    kind: 'not_created',
    mayStillBePaidUntil: expiresAt,
  });
  // The code in the payer's hand is alive: that is why it was not called closed.
  simulator.control.scan(trialRef);
  assert.deepEqual(await provider.close(attempt, callOptions), { kind: 'closed' });
  assert.equal(await stateOf(trial), 'closed');
  assert.deepEqual(await provider.close(attempt, callOptions), { kind: 'paid' });
  await provider.create(trialOrder(trial, { attemptRef: 'PAID01' }), callOptions);
  simulator.control.pay('PAID01');
  assert.deepEqual(await provider.close({ attemptRef: 'PAID01' }, callOptions), { kind: 'paid' });
  assert.equal(await stateOf(trial, 'PAID01'), 'paid');
  assert.deepEqual(simulator.control.refunds(), []);
});

test('the same order again is the same code; another under its number is rejected once it was scanned, and queried once it was paid', async (context) => {
  const trial = await startTrial(context);
  const first = await trial.provider.create(trialOrder(trial), callOptions);
  assert.deepEqual(await trial.provider.create(trialOrder(trial), callOptions), first);
  trial.simulator.control.scan(trialRef);
  const other = trialOrder(trial, { amount: { minor: 1, currency: 'CNY' } });
  const error = await errorOf(trial.provider.create(other, callOptions));
  assert.deepEqual([error.kind, error.detail.providerCode], ['rejected', 'ACQ.CONTEXT_INCONSISTENT']);
  trial.simulator.control.pay(trialRef);
  const paid = await errorOf(trial.provider.create(trialOrder(trial), callOptions));
  assert.deepEqual([paid.kind, paid.detail.providerCode], ['unknown', 'ACQ.TRADE_HAS_SUCCESS']);
});

test('each fault of an answer has the kind that the money needs, in every operation', async (context) => {
  const trial = await startTrial(context);
  const { provider, simulator } = trial;
  await payByCode(trial);
  const refundRef = trialRefund().refundRef;
  const calls = {
    create: () => provider.create(trialOrder(trial, { attemptRef: 'OTHER1' }), callOptions),
    query: () => provider.query(attempt, callOptions),
    close: () => provider.close({ attemptRef: 'OTHER1' }, callOptions),
    refund: () => provider.refund(trialRefund(), callOptions),
    queryRefund: () => provider.queryRefund({ refundRef, ...attempt }, callOptions),
  } as const;
  const expected = [
    ['reset', 'unknown'],
    ['commit_then_reset', 'unknown'],
    ['rate_limited', 'rate_limited'],
    ['server_error', 'unknown'],
    ['commit_then_server_error', 'unknown'],
    ['html_502', 'unknown'],
    ['commit_then_html_502', 'unknown'],
    ['code_20000', 'unknown'],
    ['commit_then_code_20000', 'unknown'],
    ['unsigned', 'unknown'],
    ['wrong_signature', 'unknown'],
    ['cut_off', 'unknown'],
    ['oversize', 'unknown'],
  ] as const;
  for (const operation of ['create', 'query', 'refund', 'queryRefund'] as const) {
    for (const [kind, meaning] of expected) {
      simulator.control.addFault({ operation, kind });
      assert.equal(await kindOf(calls[operation]()), meaning, `${operation} ${kind}`);
    }
    for (const ms of [-300_000, 300_000]) {
      simulator.control.addFault({ operation, kind: 'clock_skew', ms });
      assert.equal(await kindOf(calls[operation]()), 'unknown', `${operation} ${ms}`);
    }
  }
  // A close that is refused needs no signature: what it says is asked for again by a query, which does.
  for (const kind of ['server_error', 'html_502', 'code_20000', 'reset', 'oversize'] as const) {
    simulator.control.addFault({ operation: 'close', kind });
    assert.equal(await kindOf(calls.close()), 'unknown', `close ${kind}`);
  }
  assert.deepEqual(simulator.control.faults(), []);
  assert.equal(simulator.control.refunds().length, 1);
  assert.equal((await calls.queryRefund()).state, 'succeeded');
});

test('a call that hangs ends as unknown at its time limit or when the caller gives up, and a query then finds what was done', async (context) => {
  const trial = await startTrial(context);
  await payByCode(trial);
  trial.simulator.control.addFault({ operation: 'refund', kind: 'commit_then_hang' });
  assert.equal(await kindOf(trial.provider.refund(trialRefund(), { ...callOptions, timeoutMs: 60 })), 'unknown');
  assert.equal(await stateOf(trial), 'refunded');
  trial.simulator.control.addFault({ operation: 'query', kind: 'hang' });
  const giveUp = new AbortController();
  const call = kindOf(trial.provider.query(attempt, { ...callOptions, signal: giveUp.signal }));
  setImmediate(() => giveUp.abort());
  assert.equal(await call, 'unknown');
});

test('nobody listening is unreachable, in every operation; a page needs nobody', async (context) => {
  const trial = await startTrial(context);
  const nobody = createServer();
  await new Promise<void>((resolve) => nobody.listen(0, '127.0.0.1', resolve));
  const address = nobody.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await new Promise<void>((resolve) => nobody.close(() => resolve()));
  const provider = trial.provideWith({ baseUrl: `http://127.0.0.1:${port}` });
  assert.equal(await kindOf(provider.create(trialOrder(trial), callOptions)), 'unreachable');
  assert.equal(await kindOf(provider.query(attempt, callOptions)), 'unreachable');
  assert.equal(await kindOf(provider.close(attempt, callOptions)), 'unreachable');
  assert.equal(await kindOf(provider.refund(trialRefund(), callOptions)), 'unreachable');
  assert.equal(await kindOf(rowsOf(provider, '2026-11-01')), 'unreachable');
  assert.equal((await provider.health(callOptions)).ok, false);
  const page = await provider.create(trialOrder(trial, { surface: 'alipay.wap' }), callOptions);
  assert.equal(page.next.kind, 'redirect');
});

test('a wrong key, another app and a clock ten minutes off are auth, and health says so', async (context) => {
  const trial = await startTrial(context);
  const stranger = (await makeCredentials(systemRandom)).app.privateKey;
  assert.deepEqual(await trial.provider.health(callOptions), { ok: true, clockSkewMs: 0 });
  const wrong = [
    [trial.provideWith({ appPrivateKey: stranger }), 'invalid-signature'],
    [trial.provideWith({ appId: '2021000000000000' }), 'invalid-app-id'],
    [trial.provideWith({ clock: () => trial.timeline.now() - 600_000 }), 'invalid-timestamp'],
  ] as const;
  for (const [provider, code] of wrong) {
    assert.equal(await kindOf(provider.create(trialOrder(trial), callOptions)), 'auth');
    const health = await provider.health(callOptions);
    assert.equal(health.ok, false);
    assert.match(health.detail ?? '', new RegExp(`^auth: .*${code}`));
  }
});

test('old and new keys of Alipay are believed while they are changed; with the old one alone nothing is', async (context) => {
  const trial = await startTrial(context);
  await payByCode(trial);
  const rotated = await trial.simulator.control.rotateKeys();
  assert.equal(await kindOf(trial.provider.query(attempt, callOptions)), 'unknown');
  assert.match((await trial.provider.health(callOptions)).detail ?? '', /not among publicKeys/);
  const renewed = trial.provideWith(rotated);
  assert.equal((await renewed.query(attempt, callOptions)).state, 'paid');
  assert.equal((await renewed.health(callOptions)).ok, true);
});

test('a refund succeeds at once, and the same number is the same refund', async (context) => {
  const trial = await startTrial(context);
  const { provider, simulator } = trial;
  await payByCode(trial);
  const { refundRef } = trialRefund();
  assert.equal((await provider.queryRefund({ refundRef, ...attempt }, callOptions)).state, 'not_found');
  const first = await provider.refund(trialRefund(), callOptions);
  assert.deepEqual([first.state, first.refundRef, first.attemptRef], ['succeeded', refundRef, trialRef]);
  assert.equal((await provider.refund(trialRefund(), callOptions)).state, 'processing');
  const told = await provider.queryRefund({ refundRef, ...attempt }, callOptions);
  assert.deepEqual([told.state, told.amount], ['succeeded', { minor: 20_000, currency: 'CNY' }]);
  const fact = await provider.query(attempt, callOptions);
  assert.deepEqual([fact.state, fact.refundedMinor], ['refunded', 20_000]);
  assert.equal(simulator.control.refunds().length, 1);
});

test('a refund that takes its time, or fails, is asked for again by the same number and given once', async (context) => {
  const trial = await startTrial(context);
  const { provider, simulator, timeline } = trial;
  await payByCode(trial);
  const { refundRef } = trialRefund();
  const stateOfRefund = async () => (await provider.queryRefund({ refundRef, ...attempt }, callOptions)).state;
  simulator.control.endNextRefunds('REFUSED');
  const poor = await errorOf(provider.refund(trialRefund(), callOptions));
  assert.deepEqual([poor.kind, poor.detail.providerCode], ['declined', 'ACQ.SELLER_BALANCE_NOT_ENOUGH']);
  simulator.control.endNextRefunds('FAILED');
  assert.equal((await provider.refund(trialRefund(), callOptions)).state, 'processing');
  assert.equal(await stateOfRefund(), 'not_found');
  simulator.control.endNextRefunds('LATER');
  assert.equal((await provider.refund(trialRefund(), callOptions)).state, 'processing');
  assert.equal((await provider.refund(trialRefund(), callOptions)).state, 'processing');
  await timeline.advance(10_000);
  assert.equal(await stateOfRefund(), 'succeeded');
  assert.equal(simulator.control.refunds().length, 1);
});

test('refunds are refused by name: never paid, more than paid, another amount under its number, too old', async (context) => {
  const trial = await startTrial(context);
  const { provider, simulator, timeline } = trial;
  const part = (number: number, minor: number) =>
    provider.refund(trialRefund({ refundRef: `RPART${number}`, amount: { minor, currency: 'CNY' } }), callOptions);
  assert.equal((await errorOf(part(1, 1))).detail.providerCode, 'ACQ.TRADE_NOT_EXIST');
  await provider.create(trialOrder(trial), callOptions);
  simulator.control.scan(trialRef);
  assert.equal((await errorOf(part(1, 1))).detail.providerCode, 'ACQ.TRADE_STATUS_ERROR');
  simulator.control.pay(trialRef);
  assert.equal((await part(1, 15_000)).state, 'succeeded');
  assert.equal((await provider.query(attempt, callOptions)).state, 'paid');
  assert.equal((await errorOf(part(2, 5_001))).detail.providerCode, 'ACQ.REASON_TRADE_REFUND_FEE_ERR');
  assert.equal((await errorOf(part(1, 5_000))).detail.providerCode, 'ACQ.DISCORDANT_REPEAT_REQUEST');
  await timeline.advance(366 * 86_400_000);
  assert.equal((await provider.query(attempt, callOptions)).evidence.providerCode, 'TRADE_FINISHED');
  const late = await errorOf(part(2, 5_000));
  assert.deepEqual([late.kind, late.detail.providerCode], ['declined', 'ACQ.TRADE_HAS_FINISHED']);
});

test('an authentic answer about another trade is an integrity error', async (context) => {
  const trial = await startTrial(context);
  await payByCode(trial);
  await trial.provider.create(trialOrder(trial, { attemptRef: 'OTHER1' }), callOptions);
  trial.simulator.control.pay('OTHER1');
  const answers: Response[] = [];
  const listening = trial.provideWith({
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      answers.push(response.clone());
      return response;
    },
  });
  await listening.query({ attemptRef: 'OTHER1' }, callOptions);
  const [answer = new Response()] = answers;
  const crossed = trial.provideWith({ fetch: async () => answer });
  assert.equal(await kindOf(crossed.query(attempt, callOptions)), 'integrity');
});

test('the bill of a day names each payment and refund in fen, with fees; a day without trade has none', async (context) => {
  const trial = await startTrial(context, { billsAtOnce: true });
  const { provider, simulator, timeline } = trial;
  assert.deepEqual(await rowsOf(provider, '2026-10-31'), []);
  await payByCode(trial);
  await timeline.advance(5_000);
  await provider.refund(trialRefund({ amount: { minor: 2_900, currency: 'CNY' } }), callOptions);
  const providerPaymentId = simulator.control.payment(trialRef)?.trade?.tradeNo ?? '';
  assert.deepEqual(await rowsOf(provider, '2026-11-02'), [
    {
      kind: 'payment',
      attemptRef: trialRef,
      providerPaymentId,
      at: trialStartMs,
      amount: { minor: 20_000, currency: 'CNY' },
      feeMinor: 120,
    },
    {
      kind: 'refund',
      attemptRef: trialRef,
      providerPaymentId,
      at: trialStartMs + 5_000,
      refundRef: trialRefund().refundRef,
      amount: { minor: 2_900, currency: 'CNY' },
      feeMinor: -17,
    },
  ]);
});

test('a bill is not ready before ten the next morning, and an address that is too old gives nothing', async (context) => {
  const trial = await startTrial(context);
  await payByCode(trial);
  const early = await errorOf(rowsOf(trial.provider, '2026-11-02'));
  assert.match(early.message, /that of 2026-11-02 is made by ten the next morning/);
  assert.equal(early.detail.billNotMadeYet, true);
  await trial.timeline.advance(22 * 3_600_000);
  assert.equal((await rowsOf(trial.provider, '2026-11-02')).length, 1);
  const slow = trial.provideWith({
    fetch: async (input, init) => {
      if (typeof input === 'string' && input.includes('downloadBillFile')) await trial.timeline.advance(30_001);
      return fetch(input, init);
    },
  });
  assert.match((await errorOf(rowsOf(slow, '2026-11-02'))).message, /cannot be read: its address answered 400/);
});

test('a bill that is cut off, another file, or the bill of another merchant is refused in a clear sentence', async (context) => {
  const trial = await startTrial(context, { billsAtOnce: true });
  await payByCode(trial);
  trial.simulator.control.addFault({ operation: 'billDownload', kind: 'cut_off' });
  const cut = await errorOf(rowsOf(trial.provider, '2026-11-02'));
  assert.equal(cut.kind, 'unknown');
  assert.match(cut.message, /^Alipay's bill cannot be read: its ZIP archive is cut off or damaged/);
  trial.simulator.control.addFault({ operation: 'billDownload', kind: 'html_502' });
  assert.match((await errorOf(rowsOf(trial.provider, '2026-11-02'))).message, /its address answered 502/);
  const other = trial.provideWith({ sellerId: '2088000000000000' });
  const foreign = await errorOf(rowsOf(other, '2026-11-02'));
  assert.equal(foreign.kind, 'integrity');
  assert.match(foreign.message, /^the bill asked for by 2088000000000000 is one of account 2088\d{16}$/);
});
