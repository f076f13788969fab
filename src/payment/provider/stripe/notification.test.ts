import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { test } from 'node:test';
import type { NotificationResult } from '../provider.ts';
import { eventTypes, notificationBytesMax, readNotification, replies } from './notification.ts';

const nowMs = Date.parse('2026-11-02T04:00:00Z');
const secret = 'whsec_4kMq0sF2';
const settings = { webhookSecrets: [secret], accountId: 'acct_1Forecourt', liveMode: true };
const attemptRef = '00001A0KQ3X7V9M2ABCDEFGH01';
const paymentId = 'pi_3QForecourt';

const session = {
  id: 'cs_live_a1',
  object: 'checkout.session',
  created: nowMs / 1000 - 60,
  livemode: true,
  client_reference_id: attemptRef,
  metadata: { attemptRef },
  status: 'complete',
  payment_status: 'paid',
  amount_total: 20_000,
  currency: 'eur',
  payment_intent: paymentId,
  customer_details: { email: 'anna.schmidt@example.com', name: 'Anna Schmidt', address: { country: 'DE' } },
  url: null,
};

const refund = {
  id: 're_3QForecourt',
  object: 'refund',
  amount: 500,
  currency: 'eur',
  status: 'succeeded',
  payment_intent: paymentId,
  charge: 'ch_3QForecourt',
  metadata: { refundRef: `R${attemptRef}_staff`, attemptRef },
};

type Told = { type?: string; object?: unknown; event?: object };

function read({ type = 'checkout.session.completed', object = session, event = {} }: Told): NotificationResult {
  const created = nowMs / 1000 - 2;
  const told = { id: 'evt_1', object: 'event', type, created, livemode: true, data: { object }, ...event };
  return readText(JSON.stringify(told));
}

function readText(text: string): NotificationResult {
  const seconds = nowMs / 1000;
  const v1 = createHmac('sha256', secret).update(`${seconds}.${text}`).digest('hex');
  const headers = { 'stripe-signature': `t=${seconds},v1=${v1}` };
  return readNotification(settings, { rawBody: Buffer.from(text), headers, receivedAt: nowMs });
}

const factOf = (result: NotificationResult) => {
  assert.ok(result.kind === 'payment', result.kind);
  return result.fact;
};

test('a paid session is a fact with money, payment, account, mode and time', () => {
  const result = read({});
  const { evidence, ...fact } = factOf(result);
  assert.equal(result.kind === 'payment' && result.dedupeId, 'evt_1');
  assert.deepEqual(fact, {
    source: 'notification',
    attemptRef,
    state: 'paid',
    providerPaymentId: paymentId,
    amount: { minor: 20_000, currency: 'EUR' },
    merchantId: 'acct_1Forecourt',
    appId: 'acct_1Forecourt',
    liveMode: true,
    paidAt: nowMs - 2_000,
    authenticated: true,
  });
  assert.equal(evidence.providerCode, 'complete/paid');
});

test('what is kept of an event tells nothing of the payer, and its digest is of what came', () => {
  const result = read({});
  const kept = result.kind === 'payment' ? Buffer.from(result.bodyToKeep ?? '').toString() : '';
  assert.match(kept, /"client_reference_id":"00001A0KQ3X7V9M2ABCDEFGH01"/);
  assert.doesNotMatch(kept + JSON.stringify(factOf(result)), /Anna|example\.com|customer_details|country/);
  assert.notEqual(factOf(result).evidence.bodySha256, createHash('sha256').update(kept).digest('hex'));
});

test('complete is not paid: a delayed payment is pending until its own event says that it came, or failed', () => {
  const unpaid = { ...session, payment_status: 'unpaid' };
  assert.equal(factOf(read({ object: unpaid })).state, 'pending');
  assert.equal(factOf(read({ type: 'checkout.session.async_payment_succeeded' })).state, 'paid');
  assert.equal(factOf(read({ type: 'checkout.session.async_payment_failed', object: unpaid })).state, 'closed');
  const expired = { ...unpaid, status: 'expired', payment_intent: null };
  assert.equal(factOf(read({ type: 'checkout.session.expired', object: expired })).state, 'closed');
});

test('money, currency, mode and account are told as they are, for the core to judge', () => {
  const fact = factOf(read({ object: { ...session, amount_total: 1, currency: 'usd' } }));
  assert.deepEqual(fact.amount, { minor: 1, currency: 'USD' });
  assert.equal(factOf(read({ event: { livemode: false } })).liveMode, false);
  assert.equal(factOf(read({ event: { account: 'acct_other' } })).merchantId, 'acct_other');
});

test('a session of another system in the same account is none of ours', () => {
  assert.equal(read({ object: { ...session, metadata: {} } }).kind, 'ignored');
  assert.equal(read({ object: { ...session, client_reference_id: null } }).kind, 'ignored');
});

test('a refund of ours is a fact under our reference, of our account and mode, in whatever state it is', () => {
  const states = [
    ['pending', 'processing'],
    ['requires_action', 'processing'],
    ['succeeded', 'succeeded'],
    ['failed', 'abnormal'],
    ['canceled', 'abnormal'],
  ] as const;
  for (const [status, state] of states) {
    const result = read({ type: 'refund.updated', object: { ...refund, status } });
    assert.ok(result.kind === 'refund');
    const { evidence, ...fact } = result.fact;
    assert.equal(evidence.providerCode, status);
    assert.deepEqual(fact, {
      source: 'notification',
      refundRef: `R${attemptRef}_staff`,
      attemptRef,
      state,
      amount: { minor: 500, currency: 'EUR' },
      merchantId: settings.accountId,
      appId: settings.accountId,
      liveMode: true,
    });
  }
});

test("a refund made at Stripe is a fact under Stripe's name where it names its attempt, else a hint; its charge names the attempt", () => {
  const marked = read({ type: 'refund.created', object: { ...refund, metadata: { attemptRef } } });
  assert.deepEqual(marked.kind === 'refund' && [marked.fact.refundRef, marked.fact.attemptRef], [
    refund.id,
    attemptRef,
  ]);
  const bare = { ...refund, metadata: {} };
  const hint = { kind: 'hint', dedupeId: 'evt_1', providerPaymentId: paymentId };
  assert.deepEqual(read({ type: 'refund.created', object: bare }), hint);
  const charge = { id: 'ch_1', object: 'charge', payment_intent: paymentId, metadata: { attemptRef } };
  assert.deepEqual(read({ type: 'charge.refunded', object: charge }), { ...hint, attemptRef });
});

test('a refund of the other mode or of another account is not told as ours', () => {
  assert.equal(read({ type: 'refund.updated', object: refund, event: { livemode: false } }).kind, 'ignored');
  assert.equal(read({ type: 'refund.updated', object: refund, event: { account: 'acct_other' } }).kind, 'ignored');
});

test('a dispute is a hint, since it changes nothing in what was paid', () => {
  const dispute = { id: 'du_1', object: 'dispute', amount: 20_000, payment_intent: paymentId, metadata: {} };
  assert.deepEqual(read({ type: 'charge.dispute.created', object: dispute }), {
    kind: 'hint',
    dedupeId: 'evt_1',
    providerPaymentId: paymentId,
  });
});

test('a declined card is ignored, since the payer tries another; so is everything that we do not know', () => {
  for (const type of ['payment_intent.payment_failed', 'payment_intent.succeeded', 'payout.paid', 'constructor'])
    assert.deepEqual(read({ type }), { kind: 'ignored', dedupeId: 'evt_1', type });
});

test('an event that was made in the future is stale, however well it is signed', () => {
  const created = nowMs / 1000 + 10 * 86_400;
  assert.deepEqual(read({ event: { created } }), { kind: 'rejected', reason: 'stale' });
});

test('what is too large, unsigned, no event, or no object of its kind is rejected in that order', () => {
  const rejected = (reason: string) => ({ kind: 'rejected', reason });
  const huge = { rawBody: Buffer.alloc(notificationBytesMax + 1), headers: {}, receivedAt: nowMs };
  assert.deepEqual(readNotification(settings, huge), rejected('malformed'));
  const unsigned = { rawBody: Buffer.from('{}'), headers: {}, receivedAt: nowMs };
  assert.deepEqual(readNotification(settings, unsigned), rejected('bad_signature'));
  assert.deepEqual(readText('{}'), rejected('malformed'));
  assert.deepEqual(readText('null'), rejected('malformed'));
  for (const type of eventTypes.filter((one) => !one.startsWith('charge.')))
    assert.deepEqual(read({ type, object: {} }), rejected('malformed'), type);
  assert.deepEqual(read({ object: { ...session, amount_total: null } }), rejected('malformed'));
  assert.deepEqual(read({ object: { ...session, payment_intent: null } }), rejected('malformed'));
});

test('only a 2xx keeps an event from coming again', () => {
  assert.deepEqual([replies.accepted.status, replies.rejected.status, replies.try_again.status], [200, 400, 503]);
});
