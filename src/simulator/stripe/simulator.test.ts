import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { createManualTimeline } from '../service/timeline.ts';
import { retryDelaysMs } from './events.ts';
import { startStripeSimulator } from './simulator.ts';
import {
  attemptRef,
  callOptions,
  startTrial,
  type TrialAccount,
  trialName,
  trialOrder,
  trialRefund,
  trialStartMs,
} from './testing/trial-account.ts';

async function placeAndPay(trial: TrialAccount, ref = attemptRef): Promise<void> {
  await trial.provider.create(trialOrder(trial, { attemptRef: ref }), callOptions);
  assert.equal(trial.simulator.control.pay(ref).kind, 'paid');
  await trial.simulator.control.settled();
}

const kinds = (trial: TrialAccount): string[] =>
  trial.received.map(({ result }) => (result.kind === 'rejected' ? result.reason : result.kind));

/** What no client of ours would send. */
async function ask(trial: TrialAccount, method: string, path: string, parameters = '', headers = {}) {
  const authorization = `Bearer ${trial.simulator.credentials.secretKey}`;
  const type = 'application/x-www-form-urlencoded';
  const response = await fetch(trial.simulator.url + path + (method === 'GET' ? `?${parameters}` : ''), {
    method,
    headers: { authorization, 'content-type': type, ...headers },
    ...(method === 'GET' ? {} : { body: parameters }),
  });
  const text = await response.text();
  const body: unknown = text === '' ? null : JSON.parse(text);
  return { status: response.status, body, headers: response.headers };
}

const errorBody = z.object({
  error: z.object({ type: z.string(), code: z.string().optional(), param: z.string().optional(), message: z.string() }),
});

async function refusalOf(call: ReturnType<typeof ask>) {
  const { status, body } = await call;
  const { type, code, param } = errorBody.parse(body).error;
  return [status, type, code ?? null, param ?? null];
}

const orderText = (changes: Record<string, string> = {}): string =>
  new URLSearchParams(
    Object.entries({
      mode: 'payment',
      'line_items[0][quantity]': '1',
      'line_items[0][price_data][currency]': 'eur',
      'line_items[0][price_data][unit_amount]': '1000',
      'line_items[0][price_data][product_data][name]': 'E10',
      success_url: 'http://127.0.0.1:9/done',
      ...changes,
    }).filter(([, value]) => value !== ''),
  ).toString();

test('a paid session is told at once, and once accepted no more', async (context) => {
  const trial = await startTrial(context);
  await placeAndPay(trial);
  await trial.timeline.advance(4 * 86_400_000);
  assert.deepEqual(kinds(trial), ['payment']);
});

test('an event that is not accepted comes again at growing distances for three days, and then no more', async (context) => {
  const trial = await startTrial(context);
  trial.answersWith.push(...Array.from({ length: 40 }, () => 500));
  await placeAndPay(trial);
  await trial.timeline.advance(7 * 86_400_000);
  const minutes = trial.received.map(({ atMs }) => (atMs - trialStartMs) / 60_000);
  assert.deepEqual(minutes, [0, 1, 6, 36, 156, 456, 1056, 1896, 2976, 4296]);
  assert.ok(retryDelaysMs.every((delay, index) => delay > (retryDelaysMs[index - 1] ?? 0)));
  assert.equal(new Set(trial.received.map(({ body }) => body)).size, 1);
  // Each try is signed afresh, or it would be too old to be believed.
  assert.equal(new Set(trial.received.map(({ headers }) => headers['stripe-signature'])).size, minutes.length);
  assert.deepEqual(new Set(kinds(trial)), new Set(['payment']));
  assert.equal(trial.simulator.control.notifications()[0]?.state, 'given_up');
});

test('any 2xx is accepted, a redirect is not', async (context) => {
  const trial = await startTrial(context);
  trial.answersWith.push(301, 204);
  await placeAndPay(trial);
  await trial.timeline.advance(4 * 86_400_000);
  assert.equal(trial.received.length, 2);
});

test('events can be dropped, delayed, doubled and sent in the wrong order', async (context) => {
  const trial = await startTrial(context);
  const { control } = trial.simulator;
  control.addFault({ operation: 'notify', kind: 'drop' });
  await placeAndPay(trial);
  assert.equal(trial.received.length, 0);
  await trial.timeline.advance(60_000);
  assert.deepEqual(kinds(trial), ['payment']);
  control.addFault({ operation: 'notify', kind: 'duplicate' });
  await placeAndPay(trial, 'TWICE1');
  const ids = trial.received.slice(1).map(({ result }) => (result.kind === 'payment' ? result.dedupeId : result.kind));
  assert.deepEqual([ids.length, new Set(ids).size], [2, 1]);
  for (const ref of ['FIRST1', 'SECOND'])
    await trial.provider.create(trialOrder(trial, { attemptRef: ref }), callOptions);
  control.addFault({ operation: 'notify', kind: 'reorder' });
  control.pay('FIRST1');
  control.pay('SECOND');
  await control.settled();
  const names = trial.received
    .slice(3)
    .map(({ result }) => (result.kind === 'payment' ? result.fact.attemptRef : result.kind));
  assert.deepEqual(names, ['SECOND', 'FIRST1']);
});

test('spoilt events are told apart by the client, and the truth comes with the next try', async (context) => {
  const trial = await startTrial(context);
  const { control } = trial.simulator;
  for (const kind of ['unsigned', 'wrong_signature', 'tampered', 'from_future'] as const)
    control.addFault({ operation: 'notify', kind });
  for (const ms of [-301_000, 301_000]) control.addFault({ operation: 'notify', kind: 'clock_skew', ms });
  await placeAndPay(trial);
  await trial.timeline.advance(86_400_000);
  assert.deepEqual(kinds(trial), [
    'bad_signature',
    'bad_signature',
    'bad_signature',
    'stale',
    'stale',
    'stale',
    'payment',
  ]);
});

test('an event can be authentic and wrong: another mode, another sum, another currency', async (context) => {
  const trial = await startTrial(context);
  for (const kind of ['other_mode', 'other_amount', 'other_currency'] as const)
    trial.simulator.control.addFault({ operation: 'notify', kind });
  trial.answersWith.push(500, 500, 500);
  await placeAndPay(trial);
  await trial.timeline.advance(3_600_000);
  const facts = trial.received.map(({ result }) =>
    result.kind === 'payment' ? [result.fact.liveMode, result.fact.amount] : [result.kind],
  );
  assert.deepEqual(facts, [
    [true, { minor: 20_000, currency: 'EUR' }],
    [false, { minor: 1, currency: 'EUR' }],
    [false, { minor: 20_000, currency: 'XCD' }],
    [false, { minor: 20_000, currency: 'EUR' }],
  ]);
});

test('while the signing secret is being changed events bear both signatures, for a day', async (context) => {
  const trial = await startTrial(context);
  const { control } = trial.simulator;
  await control.rotateKeys();
  await placeAndPay(trial);
  const v1Count = () => trial.received.at(-1)?.headers['stripe-signature']?.match(/v1=/g)?.length;
  assert.deepEqual([kinds(trial), v1Count()], [['payment'], 2]);
  await trial.timeline.advance(86_400_000);
  const renewed = trial.provideWith({});
  await renewed.create(
    trialOrder(trial, { attemptRef: 'LATER1', expiresAt: trial.timeline.now() + 60_000 }),
    callOptions,
  );
  control.pay('LATER1');
  await control.settled();
  assert.deepEqual([kinds(trial).at(-1), v1Count()], ['bad_signature', 1]);
  const { body = '', headers = {} } = trial.received.at(-1) ?? {};
  const again = { rawBody: Buffer.from(body), headers, receivedAt: trial.timeline.now() };
  assert.equal(renewed.parseNotification(again).kind, 'payment');
});

test('without an endpoint nothing is sent, and an endpoint hears only what it is subscribed to', async (context) => {
  const trial = await startTrial(context);
  const { control } = trial.simulator;
  control.setWebhookUrl(null);
  await placeAndPay(trial);
  assert.deepEqual(control.notifications(), []);
  control.setWebhookUrl(trial.notifyUrl, ['*']);
  await trial.provider.create(trialOrder(trial, { attemptRef: 'SECOND' }), callOptions);
  control.decline('SECOND');
  control.pay('SECOND');
  await control.settled();
  const told = trial.received.map(({ result }) => (result.kind === 'ignored' ? result.type : result.kind));
  assert.deepEqual(told.sort(), [
    'charge.failed',
    'charge.succeeded',
    'payment',
    'payment_intent.created',
    'payment_intent.payment_failed',
    'payment_intent.succeeded',
  ]);
});

test('a session ends by itself at its time and says so, and cannot be paid any more', async (context) => {
  const trial = await startTrial(context);
  await trial.provider.create(trialOrder(trial), callOptions);
  await trial.timeline.advance(41 * 60_000);
  const states = trial.received.map(({ result }) => (result.kind === 'payment' ? result.fact.state : result.kind));
  assert.deepEqual(states, ['closed']);
  assert.deepEqual(trial.simulator.control.pay(attemptRef), { kind: 'refused', reason: 'payment_closed' });
});

test('a refund is told when it is made and when it ends, by our reference; one made by hand leads to its payment', async (context) => {
  const trial = await startTrial(context);
  await placeAndPay(trial);
  await trial.provider.refund(trialRefund(trial, { amount: { minor: 5_000, currency: 'EUR' } }), callOptions);
  await trial.timeline.advance(3_000);
  trial.simulator.control.endRefund(trialRefund(trial).refundRef, 'failed');
  await trial.simulator.control.settled();
  const told = (from: number) =>
    trial.received
      .slice(from)
      .map(({ result }) =>
        result.kind === 'refund' ? `${result.fact.refundRef} ${result.fact.state}` : JSON.stringify(result),
      );
  const { refundRef } = trialRefund(trial);
  const states = told(1).filter((text) => text.startsWith('R'));
  assert.deepEqual(states.slice(0, 2), [`${refundRef} processing`, `${refundRef} succeeded`]);
  assert.deepEqual(states.slice(2), [`${refundRef} abnormal`, `${refundRef} abnormal`]);
  const before = trial.received.length;
  trial.simulator.control.refundByHand(attemptRef, 100);
  await trial.simulator.control.settled();
  const hints = told(before).map((text) => text.replace(/"dedupeId":"\w+",/, ''));
  const providerPaymentId = trial.simulator.control.payment(attemptRef)?.intentId;
  assert.deepEqual(hints.sort(), [
    JSON.stringify({ kind: 'hint', attemptRef, providerPaymentId }),
    JSON.stringify({ kind: 'hint', providerPaymentId }),
  ]);
});

test('a dispute is told once, and takes the money', async (context) => {
  const trial = await startTrial(context);
  await placeAndPay(trial);
  assert.equal(trial.simulator.control.dispute(attemptRef), true);
  assert.equal(trial.simulator.control.dispute(attemptRef), false);
  await trial.simulator.control.settled();
  assert.deepEqual(kinds(trial), ['payment', 'hint']);
});

test('parameters that the real service refuses are refused by name', async (context) => {
  const trial = await startTrial(context);
  const wrong = [
    [{ mode: '' }, ['parameter_missing', 'mode']],
    [{ mode: 'setup' }, ['parameter_invalid', 'mode']],
    // Gone with this version of the API.
    [{ 'payment_method_types[0]': 'card' }, ['parameter_unknown', 'payment_method_types']],
    [{ 'allowed_payment_method_types[0]': 'sepa_debit' }, [null, 'allowed_payment_method_types']],
    [{ 'line_items[0][quantity]': '0' }, ['parameter_invalid', 'line_items[0][quantity]']],
    [{ 'line_items[0][price_data][currency]': 'EUR' }, ['parameter_invalid', 'line_items[0][price_data][currency]']],
    [
      { 'line_items[0][price_data][unit_amount]': '10.5' },
      ['parameter_invalid', 'line_items[0][price_data][unit_amount]'],
    ],
    [{ 'line_items[0][price_data][unit_amount]': '49' }, ['amount_too_small', null]],
    [{ 'line_items[0][price_data][unit_amount]': '100000000' }, ['amount_too_large', null]],
    [{ success_url: 'javascript:alert(1)' }, ['parameter_invalid', 'success_url']],
    [{ client_reference_id: 'x'.repeat(201) }, ['parameter_invalid', 'client_reference_id']],
    [{ locale: 'xx' }, ['parameter_invalid', 'locale']],
    [{ expires_at: String(trialStartMs / 1000 + 1_799) }, [null, 'expires_at']],
    [{ expires_at: String(trialStartMs / 1000 + 86_401) }, [null, 'expires_at']],
    [{ 'expand[0]': 'customer_details' }, [null, 'expand']],
    [{ 'expand[0]': 'a.b.c.d.e' }, ['property_expansion_max_depth', 'expand']],
  ] as const;
  for (const [changes, [code, param]] of wrong) {
    const refusal = await refusalOf(ask(trial, 'POST', '/v1/checkout/sessions', orderText(changes)));
    assert.deepEqual(refusal, [400, 'invalid_request_error', code, param], JSON.stringify(changes));
  }
  assert.equal((await ask(trial, 'POST', '/v1/checkout/sessions', orderText())).status, 200);
});

test('a caller without the key, with another one, with JSON, or at another address is refused', async (context) => {
  const trial = await startTrial(context);
  const path = '/v1/checkout/sessions';
  const statusOf = async (...call: Parameters<typeof ask>) => (await ask(...call)).status;
  assert.equal(await statusOf(trial, 'POST', path, orderText(), { authorization: '' }), 401);
  assert.equal(await statusOf(trial, 'POST', path, orderText(), { authorization: 'Bearer sk_test_other' }), 401);
  const basic = Buffer.from(`${trial.simulator.credentials.secretKey}:`).toString('base64');
  assert.equal(await statusOf(trial, 'POST', path, orderText(), { authorization: `Basic ${basic}` }), 200);
  assert.equal(await statusOf(trial, 'POST', path, '{}', { 'content-type': 'application/json' }), 400);
  assert.equal(await statusOf(trial, 'GET', '/v1/customers'), 404);
  const elsewhere = await fetch(`${trial.simulator.url}/stripe${path}`, { method: 'POST' });
  assert.equal(elsewhere.status, 404);
});

test('a key gives the first answer again for a day, with its request, and then is new', async (context) => {
  const trial = await startTrial(context);
  const post = (key: string, changes = {}) =>
    ask(trial, 'POST', '/v1/checkout/sessions', orderText(changes), { 'idempotency-key': key });
  const first = await post('key-1');
  const again = await post('key-1');
  assert.deepEqual(again.body, first.body);
  assert.equal(again.headers.get('idempotent-replayed'), 'true');
  assert.equal(again.headers.get('original-request'), first.headers.get('request-id'));
  assert.equal(again.headers.get('idempotency-key'), 'key-1');
  // What is refused before anything is begun is not kept under its key.
  assert.equal((await post('key-2', { mode: 'setup' })).status, 400);
  assert.equal((await post('key-2')).status, 200);
  assert.deepEqual(await refusalOf(post('k'.repeat(256))), [400, 'invalid_request_error', null, null]);
  await trial.timeline.advance(86_400_000);
  const next = await post('key-1');
  assert.equal(next.headers.get('idempotent-replayed'), null);
  assert.notDeepEqual(next.body, first.body);
});

test('lists refuse a cursor that is none, two cursors, and a page that is too long', async (context) => {
  const trial = await startTrial(context);
  const list = (parameters: string) => refusalOf(ask(trial, 'GET', '/v1/checkout/sessions', parameters));
  assert.deepEqual((await list('starting_after=cs_x')).slice(2), ['resource_missing', 'starting_after']);
  assert.deepEqual((await list('limit=101')).slice(2), ['parameter_invalid', 'limit']);
  assert.deepEqual((await list('starting_after=a&ending_before=b')).slice(0, 1), [400]);
  assert.deepEqual((await list('colour=red')).slice(2), ['parameter_unknown', 'colour']);
});

test('with autoPay every order is paid by itself', async (context) => {
  const trial = await startTrial(context, { autoPay: { delayMs: 200 } });
  await trial.provider.create(trialOrder(trial), callOptions);
  await trial.timeline.advance(199);
  assert.equal((await trial.provider.query(trialName, callOptions)).state, 'pending');
  await trial.timeline.advance(1);
  assert.equal((await trial.provider.query(trialName, callOptions)).state, 'paid');
});

test('keys, payments, refunds under way, the endpoint and unsent events survive a restart', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'forecourt-stripe-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const trial = await startTrial(context, { folder });
  trial.answersWith.push(500);
  await placeAndPay(trial);
  await trial.provider.refund(trialRefund(trial, { amount: { minor: 500, currency: 'EUR' } }), callOptions);
  await trial.provider.create(trialOrder(trial, { attemptRef: 'STILLOPEN' }), callOptions);
  await trial.simulator.control.settled();
  await trial.simulator.close();

  const timeline = createManualTimeline(trial.timeline.now());
  const again = await startStripeSimulator({ folder, timeline });
  context.after(() => again.close());
  assert.deepEqual(again.credentials, trial.simulator.credentials);
  assert.partialDeepStrictEqual(again.control.payment(attemptRef), { status: 'complete', paymentStatus: 'paid' });
  await timeline.advance(3_000);
  assert.equal(again.control.refunds()[0]?.status, 'succeeded');
  await timeline.advance(60_000);
  assert.equal(kinds(trial).filter((kind) => kind === 'payment').length, 2);
  const provider = trial.provideWith({ baseUrl: again.url, clock: () => timeline.now() });
  await provider.create(trialOrder(trial), callOptions);
  assert.equal(again.control.payments().length, 2);
  await timeline.advance(41 * 60_000);
  assert.equal(again.control.payment('STILLOPEN')?.status, 'expired');
});

test('traffic in both directions can be read afterwards, with the trouble each call met, and no card is in it', async (context) => {
  const trial = await startTrial(context);
  trial.simulator.control.addFault({ operation: 'create', kind: 'html_502' });
  await assert.rejects(trial.provider.create(trialOrder(trial), callOptions));
  await placeAndPay(trial);
  const traffic = trial.simulator.control.traffic();
  assert.deepEqual(
    traffic.map(({ direction, operation, status, note }) => [direction, operation, status, note]),
    [
      ['in', 'create', null, 'html_502'],
      ['in', 'create', 200, null],
      ['out', 'notify', 200, null],
    ],
  );
  assert.doesNotMatch(JSON.stringify(traffic), /4242/);
});
