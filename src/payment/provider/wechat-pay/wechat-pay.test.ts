import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { digestPayer } from '../payer.ts';
import { systemRandom } from '../../../base/random.ts';
import { makeCredentials } from '../../../simulator/wechat-pay/credentials.ts';
import {
  callOptions,
  startTrial,
  trialOrder,
  trialRefund,
  trialStartMs,
} from '../../../simulator/wechat-pay/testing/trial-merchant.ts';
import { ProviderError, type ProviderErrorKind } from '../provider.ts';

const attemptRef = '00001A0KQ3X7V9M2ABCDEFGH01';

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

test('an H5 order leads to the cashier, which knows where to send the payer back, for five minutes', async (context) => {
  const trial = await startTrial(context);
  const created = await trial.provider.create(trialOrder(trial), callOptions);
  assert.equal(created.next.kind, 'redirect');
  if (created.next.kind !== 'redirect') return;
  const url = new URL(created.next.url);
  assert.equal(url.searchParams.get('prepay_id'), created.providerRef);
  assert.equal(url.searchParams.get('redirect_url'), 'http://127.0.0.1:9/orders/1?lang=zh&x=1');
  assert.equal(created.nextExpiresAt, trialStartMs + 300_000);
});

test('a Native order gives a code, a JSAPI order a signed call, for two hours or until the order expires', async (context) => {
  const trial = await startTrial(context);
  const late = trialStartMs + 86_400_000;
  const native = await trial.provider.create(
    trialOrder(trial, { surface: 'wechat.native', expiresAt: late }),
    callOptions,
  );
  assert.equal(native.next.kind, 'qr');
  assert.match(native.next.kind === 'qr' ? native.next.payload : '', /^weixin:\/\/wxpay\/bizpayurl\?pr=/);
  assert.equal(native.nextExpiresAt, trialStartMs + 7_200_000);
  const jsapi = await trial.provider.create(
    trialOrder(trial, { surface: 'wechat.jsapi', attemptRef: 'JSAPI1' }),
    callOptions,
  );
  assert.equal(jsapi.next.kind, 'jsapi');
  assert.equal(jsapi.next.kind === 'jsapi' ? jsapi.next.params['package'] : '', `prepay_id=${jsapi.providerRef}`);
  assert.equal(jsapi.nextExpiresAt, trialStartMs + 900_000);
});

test('an order that WeChat Pay could never take is rejected before a byte is sent', async (context) => {
  const trial = await startTrial(context);
  const inputs = [
    trialOrder(trial, { surface: 'alipay.wap' }),
    trialOrder(trial, { attemptRef: 'a b c d e f' }),
    trialOrder(trial, { attemptRef: 'short' }),
    trialOrder(trial, { amount: { minor: 100, currency: 'EUR' } }),
    trialOrder(trial, { amount: { minor: 0, currency: 'CNY' } }),
    trialOrder(trial, { surface: 'wechat.jsapi', payer: { ip: '203.0.113.7', userAgent: 'x' } }),
  ];
  for (const input of inputs) assert.equal(await kindOf(trial.provider.create(input, callOptions)), 'rejected');
  assert.deepEqual(trial.simulator.control.traffic(), []);
});

test('a paid order is told by query with money, merchant, app, transaction and time, and without the payer', async (context) => {
  const trial = await startTrial(context);
  const unknown = await trial.provider.query({ attemptRef }, callOptions);
  assert.deepEqual([unknown.state, unknown.authenticated], ['not_found', true]);
  await trial.provider.create(trialOrder(trial), callOptions);
  assert.equal((await trial.provider.query({ attemptRef }, callOptions)).state, 'pending');
  await trial.timeline.advance(7_000);
  trial.simulator.control.pay(attemptRef);
  const { evidence, ...fact } = await trial.provider.query({ attemptRef }, callOptions);
  const payment = trial.simulator.control.payment(attemptRef);
  assert.deepEqual(fact, {
    source: 'query',
    attemptRef,
    state: 'paid',
    providerPaymentId: payment?.transactionId,
    amount: { minor: 20_000, currency: 'CNY' },
    merchantId: trial.provider.merchant.merchantId,
    appId: trial.provider.merchant.appId,
    liveMode: true,
    paidAt: trialStartMs + 7_000,
    payerSha256: digestPayer(payment?.openid ?? ''),
    authenticated: true,
  });
  assert.match(evidence.bodySha256, /^[0-9a-f]{64}$/);
  assert.equal(evidence.keyId, trial.simulator.credentials.preferredSerial);
  assert.ok(!JSON.stringify({ fact, evidence }).includes(payment?.openid ?? 'nobody'));
});

test('close tells closed, closed again, paid, too busy and never made apart', async (context) => {
  const trial = await startTrial(context);
  const { provider, simulator } = trial;
  const nowMs = trial.timeline.now();
  assert.deepEqual(await provider.close({ attemptRef }, callOptions), {
    kind: 'not_created',
    mayStillBePaidUntil: nowMs + 300_000,
  });
  await provider.create(trialOrder(trial), callOptions);
  simulator.control.addFault({ operation: 'close', kind: 'rate_limited' });
  assert.deepEqual(await provider.close({ attemptRef }, callOptions), { kind: 'in_progress' });
  assert.deepEqual(await provider.close({ attemptRef }, callOptions), { kind: 'closed' });
  assert.deepEqual(await provider.close({ attemptRef }, callOptions), { kind: 'closed' });
  assert.equal((await provider.query({ attemptRef }, callOptions)).state, 'closed');
  await provider.create(trialOrder(trial, { attemptRef: 'PAID01' }), callOptions);
  simulator.control.pay('PAID01');
  assert.deepEqual(await provider.close({ attemptRef: 'PAID01' }, callOptions), { kind: 'paid' });
});

test('the same number with the same order is the same order; with another it is rejected; once paid it must be queried', async (context) => {
  const trial = await startTrial(context);
  await trial.provider.create(trialOrder(trial), callOptions);
  await trial.provider.create(trialOrder(trial), callOptions);
  const other = trialOrder(trial, { amount: { minor: 1, currency: 'CNY' } });
  const error = await errorOf(trial.provider.create(other, callOptions));
  assert.deepEqual([error.kind, error.detail.providerCode], ['rejected', 'OUT_TRADE_NO_USED']);
  trial.simulator.control.pay(attemptRef);
  const paid = await errorOf(trial.provider.create(trialOrder(trial), callOptions));
  assert.deepEqual([paid.kind, paid.detail.providerCode], ['unknown', 'ORDERPAID']);
});

test('each fault of an answer has the kind that the money needs', async (context) => {
  const trial = await startTrial(context);
  const expected = [
    ['reset', 'unknown'],
    ['commit_then_reset', 'unknown'],
    ['rate_limited', 'rate_limited'],
    ['server_error', 'unknown'],
    ['commit_then_server_error', 'unknown'],
    ['html_502', 'unknown'],
    ['commit_then_html_502', 'unknown'],
    ['accepted_202', 'unknown'],
    ['unsigned', 'unknown'],
    ['wrong_signature', 'unknown'],
    ['unknown_serial', 'unknown'],
    ['oversize', 'unknown'],
  ] as const;
  for (const [kind, meaning] of expected) {
    trial.simulator.control.addFault({ operation: 'create', kind });
    assert.equal(await kindOf(trial.provider.create(trialOrder(trial), callOptions)), meaning, kind);
  }
  for (const ms of [-300_000, 300_000]) {
    trial.simulator.control.addFault({ operation: 'create', kind: 'clock_skew', ms });
    assert.equal(await kindOf(trial.provider.create(trialOrder(trial), callOptions)), 'unknown');
  }
  assert.deepEqual(trial.simulator.control.faults(), []);
  assert.equal((await trial.provider.create(trialOrder(trial), callOptions)).next.kind, 'redirect');
});

test('a call that hangs ends as unknown at its time limit or when the caller gives up, and a query then finds what was done', async (context) => {
  const trial = await startTrial(context);
  trial.simulator.control.addFault({ operation: 'create', kind: 'commit_then_hang' });
  assert.equal(await kindOf(trial.provider.create(trialOrder(trial), { ...callOptions, timeoutMs: 60 })), 'unknown');
  assert.equal((await trial.provider.query({ attemptRef }, callOptions)).state, 'pending');
  trial.simulator.control.addFault({ operation: 'query', kind: 'hang' });
  const giveUp = new AbortController();
  const call = kindOf(trial.provider.query({ attemptRef }, { ...callOptions, signal: giveUp.signal }));
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
  assert.equal(await kindOf(provider.close({ attemptRef }, callOptions)), 'unreachable');
  assert.equal(await kindOf(provider.refund(trialRefund(trial), callOptions)), 'unreachable');
  assert.equal((await provider.health(callOptions)).ok, false);
});

test('a wrong key, a wrong serial and a clock ten minutes off are auth, and health says so', async (context) => {
  const trial = await startTrial(context);
  const stranger = await startTrial(context, { madeCredentials: await makeCredentials(systemRandom) });
  assert.deepEqual(await trial.provider.health(callOptions), { ok: true, warnings: [], clockSkewMs: 0 });
  const wrong = [
    trial.provideWith({ merchantPrivateKey: stranger.simulator.credentials.merchantPrivateKey }),
    trial.provideWith({ merchantSerial: 'ABCDEF' }),
    trial.provideWith({ clock: () => trial.timeline.now() - 600_000 }),
  ];
  for (const provider of wrong) {
    assert.equal(await kindOf(provider.create(trialOrder(trial), callOptions)), 'auth');
    const health = await provider.health(callOptions);
    assert.equal(health.ok, false);
    assert.match(health.detail ?? '', /^auth: .*SIGN_ERROR/);
  }
});

test('a service with other keys than ours is not believed, whatever it says, and health says so', async (context) => {
  const trial = await startTrial(context);
  const stranger = await startTrial(context, { madeCredentials: await makeCredentials(systemRandom) });
  const { preferredSerial, platformKeys } = trial.simulator.credentials;
  const [strangersKey = ''] = Object.values(stranger.simulator.credentials.platformKeys);
  const fooled = trial.provideWith({ platformKeys: { [preferredSerial]: strangersKey } });
  assert.equal(await kindOf(fooled.create(trialOrder(trial), callOptions)), 'unknown');
  assert.match((await fooled.health(callOptions)).detail ?? '', /^auth: .* does not hold under the key/);
  assert.equal(Object.keys(platformKeys).length, 2);
});

test('both kinds of platform key work, and old keys go on working while new ones come in', async (context) => {
  const trial = await startTrial(context);
  for (const preferredSerial of Object.keys(trial.simulator.credentials.platformKeys)) {
    const provider = trial.provideWith({ preferredSerial });
    assert.equal((await provider.create(trialOrder(trial), callOptions)).next.kind, 'redirect');
  }
  const rotated = await trial.simulator.control.rotateKeys();
  assert.equal((await trial.provider.create(trialOrder(trial), callOptions)).next.kind, 'redirect');
  const renewed = trial.provideWith(rotated);
  const fact = await renewed.query({ attemptRef }, callOptions);
  assert.equal(fact.evidence.keyId, rotated.preferredSerial);
});

test('a refund is processing until the money has gone, of the merchant that asked, and the same number is the same refund', async (context) => {
  const trial = await startTrial(context);
  const { provider, simulator, timeline } = trial;
  const refundRef = trialRefund(trial).refundRef;
  assert.equal((await provider.queryRefund({ refundRef, attemptRef }, callOptions)).state, 'not_found');
  await provider.create(trialOrder(trial), callOptions);
  simulator.control.pay(attemptRef);
  simulator.control.addFault({ operation: 'refund', kind: 'commit_then_hang' });
  assert.equal(await kindOf(provider.refund(trialRefund(trial), { ...callOptions, timeoutMs: 60 })), 'unknown');
  const again = await provider.refund(trialRefund(trial), callOptions);
  assert.deepEqual(
    [again.state, again.amount, again.refundRef],
    ['processing', { minor: 20_000, currency: 'CNY' }, refundRef],
  );
  await timeline.advance(3_000);
  const told = await provider.queryRefund({ refundRef, attemptRef }, callOptions);
  assert.equal(told.state, 'succeeded');
  for (const { merchantId, appId, liveMode } of [again, told])
    assert.deepEqual([merchantId, appId, liveMode], [provider.merchant.merchantId, undefined, true]);
  assert.equal((await provider.query({ attemptRef }, callOptions)).state, 'refunded');
  assert.equal(simulator.control.refunds().length, 1);
});

test('refunds are refused by name: not paid, other total, more than paid, too soon; and too soon leaves the outcome open', async (context) => {
  const trial = await startTrial(context);
  const { provider, simulator, timeline } = trial;
  const part = (number: number, minor: number) =>
    trialRefund(trial, { refundRef: `RPART${number}`, amount: { minor, currency: 'CNY' } });
  assert.equal((await errorOf(provider.refund(part(1, 1), callOptions))).detail.providerCode, 'RESOURCE_NOT_EXISTS');
  await provider.create(trialOrder(trial), callOptions);
  assert.equal((await errorOf(provider.refund(part(1, 1), callOptions))).detail.providerCode, 'INVALID_REQUEST');
  simulator.control.pay(attemptRef);
  const otherTotal = trialRefund(trial, { paidTotal: { minor: 1, currency: 'CNY' } });
  assert.equal(await kindOf(provider.refund(otherTotal, callOptions)), 'rejected');
  assert.equal((await provider.refund(part(1, 15_000), callOptions)).state, 'processing');
  const soon = await errorOf(provider.refund(part(2, 5_000), callOptions));
  assert.deepEqual([soon.kind, soon.outcomeUnknown], ['rate_limited', true]);
  await timeline.advance(60_000);
  assert.equal(await kindOf(provider.refund(part(2, 5_001), callOptions)), 'rejected');
  assert.equal((await provider.refund(part(2, 5_000), callOptions)).state, 'processing');
});

test('an authentic answer about another order is an integrity error', async (context) => {
  const trial = await startTrial(context);
  await trial.provider.create(trialOrder(trial), callOptions);
  await trial.provider.create(trialOrder(trial, { attemptRef: 'OTHER1' }), callOptions);
  // Somebody between us and the service gives us an older answer of its own, which bears a good signature.
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
  assert.equal(await kindOf(crossed.query({ attemptRef }, callOptions)), 'integrity');
});

test('the bill of a day names each payment and refund in fen, and a spoilt file is not believed', async (context) => {
  const trial = await startTrial(context, { billsAtOnce: true });
  const { provider, simulator, timeline } = trial;
  const rowsOf = async (date: string) => {
    const rows = [];
    for await (const row of provider.bill?.(date, callOptions) ?? []) rows.push(row);
    return rows;
  };
  assert.deepEqual(await rowsOf('2026-11-02'), []);
  await provider.create(trialOrder(trial), callOptions);
  simulator.control.pay(attemptRef);
  await timeline.advance(5_000);
  await provider.refund(trialRefund(trial, { amount: { minor: 29, currency: 'CNY' } }), callOptions);
  const providerPaymentId = simulator.control.payment(attemptRef)?.transactionId ?? '';
  assert.deepEqual(await rowsOf('2026-11-02'), [
    {
      kind: 'payment',
      attemptRef,
      providerPaymentId,
      feeMinor: 120,
      at: trialStartMs,
      amount: { minor: 20_000, currency: 'CNY' },
    },
    {
      kind: 'refund',
      attemptRef,
      providerPaymentId,
      feeMinor: 0,
      at: trialStartMs + 5_000,
      refundRef: trialRefund(trial).refundRef,
      refundState: 'processing',
      amount: { minor: 29, currency: 'CNY' },
    },
  ]);
  const spoilt = trial.provideWith({
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      return response.url.includes('billdownload')
        ? new Response((await response.text()).replace('200.00', '900.00'))
        : response;
    },
  });
  const readAll = async () => {
    for await (const row of spoilt.bill?.('2026-11-02', callOptions) ?? []) assert.fail(row.kind);
  };
  assert.equal(await kindOf(readAll()), 'unknown');
});

test('a bill is not ready before ten the next morning', async (context) => {
  const trial = await startTrial(context);
  const readAll = async () => {
    for await (const row of trial.provider.bill?.('2026-11-02', callOptions) ?? []) assert.fail(row.kind);
  };
  assert.equal((await errorOf(readAll())).detail.providerCode, 'STATEMENT_CREATING');
});
