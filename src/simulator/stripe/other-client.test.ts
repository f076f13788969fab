import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { Stripe } from 'stripe';
import { computedWebhook } from '../../payment/provider/stripe/published-vectors.ts';
import { readText } from '../service/http-body.ts';
import { signatureHeader } from './delivery.ts';
import { startStripeSimulator, type StripeSimulator } from './simulator.ts';

/**
 * `stripe` was written by Stripe's own people. It calls the simulator here as they meant it, without anything of ours between, so that our client and our
 * simulator cannot agree on a misreading.
 */
async function startWithClient(
  context: TestContext,
  key?: string,
): Promise<{ simulator: StripeSimulator; stripe: Stripe }> {
  const simulator = await startStripeSimulator();
  context.after(() => simulator.close());
  const { hostname: host, port } = new URL(simulator.url);
  const stripe = new Stripe(key ?? simulator.credentials.secretKey, { protocol: 'http', host, port, telemetry: false });
  return { simulator, stripe };
}

const order = (reference: string): Stripe.Checkout.SessionCreateParams => ({
  mode: 'payment',
  client_reference_id: reference,
  metadata: { order: reference },
  payment_intent_data: { metadata: { order: reference } },
  line_items: [
    { quantity: 2, price_data: { currency: 'usd', unit_amount: 1_050, product_data: { name: 'Fuel & more' } } },
  ],
  success_url: 'https://example.com/done?session={CHECKOUT_SESSION_ID}',
  cancel_url: 'https://example.com/back',
});

test('it makes a session, follows it to its payment, and reads intent, charge, fee and balance', async (context) => {
  const { simulator, stripe } = await startWithClient(context);
  const session = await stripe.checkout.sessions.create(order('A-1'));
  assert.partialDeepStrictEqual(session, {
    object: 'checkout.session',
    status: 'open',
    payment_status: 'unpaid',
    amount_total: 2_100,
    currency: 'usd',
    client_reference_id: 'A-1',
    metadata: { order: 'A-1' },
    payment_intent: null,
    livemode: false,
  });
  assert.equal(session.url, `${simulator.url}/c/pay/${session.id}`);
  simulator.control.decline('A-1');
  const declined = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] });
  assert.partialDeepStrictEqual(declined, {
    status: 'open',
    payment_intent: {
      status: 'requires_payment_method',
      last_payment_error: { code: 'card_declined', decline_code: 'generic_decline' },
    },
  });
  simulator.control.pay('A-1');
  const expand = ['payment_intent.latest_charge.balance_transaction'];
  const paid = await stripe.checkout.sessions.retrieve(session.id, { expand });
  assert.partialDeepStrictEqual(paid, {
    status: 'complete',
    payment_status: 'paid',
    url: null,
    payment_intent: {
      status: 'succeeded',
      amount_received: 2_100,
      metadata: { order: 'A-1' },
      latest_charge: {
        paid: true,
        metadata: { order: 'A-1' },
        balance_transaction: { type: 'charge', amount: 2_100, fee: 57, net: 2_043 },
      },
    },
  });
  const intentId = typeof paid.payment_intent === 'string' ? paid.payment_intent : (paid.payment_intent?.id ?? '');
  assert.equal((await stripe.paymentIntents.retrieve(intentId)).id, intentId);
  assert.deepEqual((await stripe.balance.retrieve()).available[0]?.amount, 2_043);
  assert.equal((await stripe.accounts.retrieveCurrent()).id, simulator.credentials.accountId);
});

test('it expires an open session, and hears that no other can be expired', async (context) => {
  const { simulator, stripe } = await startWithClient(context);
  const { id } = await stripe.checkout.sessions.create(order('A-1'));
  assert.equal((await stripe.checkout.sessions.expire(id)).status, 'expired');
  await assert.rejects(stripe.checkout.sessions.expire(id), (error) => {
    assert.ok(error instanceof Stripe.errors.StripeInvalidRequestError);
    assert.match(error.message, /status in \["open"\] can be expired.*`expired`/);
    return true;
  });
  const other = await stripe.checkout.sessions.create(order('A-2'));
  simulator.control.pay('A-2');
  await assert.rejects(stripe.checkout.sessions.expire(other.id), /`complete`/);
  await assert.rejects(stripe.checkout.sessions.expire('cs_test_none'), /No such checkout\.session: 'cs_test_none'/);
});

test('it gives money back in parts, lists what went back, and is refused what is too much', async (context) => {
  const { simulator, stripe } = await startWithClient(context);
  await stripe.checkout.sessions.create(order('A-1'));
  simulator.control.pay('A-1');
  const intent = simulator.control.payment('A-1')?.intentId ?? '';
  const first = await stripe.refunds.create({ payment_intent: intent, amount: 100, metadata: { why: 'part' } });
  assert.partialDeepStrictEqual(first, { object: 'refund', status: 'pending', amount: 100, metadata: { why: 'part' } });
  const second = await stripe.refunds.create({ charge: simulator.control.payment('A-1')?.intent?.chargeId ?? '' });
  assert.equal(second.amount, 2_000);
  await assert.rejects(stripe.refunds.create({ payment_intent: intent }), /has already been refunded/);
  simulator.control.endRefund(first.id, 'succeeded');
  assert.equal((await stripe.refunds.retrieve(first.id)).status, 'succeeded');
  const { data } = await stripe.refunds.list({ payment_intent: intent });
  assert.deepEqual(
    data.map(({ id, status }) => [id, status]),
    [
      [second.id, 'pending'],
      [first.id, 'succeeded'],
    ],
  );
});

test('it walks through a list by itself, page by page, and finds by time', async (context) => {
  const { simulator, stripe } = await startWithClient(context);
  for (let number = 0; number < 25; number += 1) {
    await stripe.checkout.sessions.create(order(`A-${number}`));
    simulator.control.pay(`A-${number}`);
  }
  const seen: (string | null)[] = [];
  for await (const session of stripe.checkout.sessions.list({ limit: 10 })) seen.push(session.client_reference_id);
  assert.deepEqual(
    seen,
    Array.from({ length: 25 }, (_, index) => `A-${24 - index}`),
  );
  const now = Math.floor(Date.now() / 1000);
  const ofToday = await stripe.balanceTransactions.list({
    created: { gte: now - 600, lt: now + 600 },
    type: 'charge',
    limit: 100,
    expand: ['data.source'],
  });
  assert.equal(ofToday.data.length, 25);
  const [movement] = ofToday.data;
  assert.partialDeepStrictEqual(movement?.source, { object: 'charge', metadata: { order: 'A-24' } });
  assert.equal((await stripe.checkout.sessions.list({ created: { lt: now - 600 } })).data.length, 0);
  const [newest, next] = (await stripe.checkout.sessions.list({ limit: 2 })).data;
  const before = await stripe.checkout.sessions.list({ ending_before: next?.id ?? '' });
  assert.deepEqual(
    before.data.map(({ id }) => id),
    [newest?.id],
  );
});

test('its own retry after a broken line carries the same key, and one session is made', async (context) => {
  const { simulator, stripe } = await startWithClient(context);
  simulator.control.addFault({ operation: 'create', kind: 'commit_then_reset' });
  const session = await stripe.checkout.sessions.create(order('A-1'), { idempotencyKey: 'key-1' });
  assert.equal(simulator.control.payments().length, 1);
  assert.equal(session.lastResponse.headers['idempotent-replayed'], 'true');
  await assert.rejects(
    stripe.checkout.sessions.create(order('A-2'), { idempotencyKey: 'key-1' }),
    Stripe.errors.StripeIdempotencyError,
  );
});

test('its errors are of the kinds that it knows', async (context) => {
  const { simulator, stripe } = await startWithClient(context);
  const { errors } = Stripe;
  const { stripe: stranger } = await startWithClient(context, 'sk_test_wrong');
  await assert.rejects(stranger.balance.retrieve(), errors.StripeAuthenticationError);
  const once = { maxNetworkRetries: 0 };
  for (const [kind, expected] of [
    ['rate_limited', errors.StripeRateLimitError],
    ['server_error', errors.StripeAPIError],
    ['html_502', errors.StripeAPIError],
    ['reset', errors.StripeConnectionError],
  ] as const) {
    // With Node's own line it calls once more after a reset, retries or not.
    simulator.control.addFault({ operation: 'create', kind, times: kind === 'reset' ? 2 : 1 });
    await assert.rejects(stripe.checkout.sessions.create(order('A-1'), once), expected, kind);
  }
  await assert.rejects(
    stripe.checkout.sessions.create({ ...order('A-1'), mode: 'setup' }),
    errors.StripeInvalidRequestError,
  );
});

test('it believes an event with the signature of either secret while one is being changed, and no other', async (context) => {
  const { simulator, stripe } = await startWithClient(context);
  const heard: { readonly body: string; readonly signature: string }[] = [];
  const inbox = createServer((request, response) => void receive(request, response));
  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    heard.push({ body: (await readText(request)) ?? '', signature: String(request.headers['stripe-signature']) });
    response.writeHead(200).end();
  }
  await new Promise<void>((resolve) => inbox.listen(0, '127.0.0.1', resolve));
  context.after(() => inbox.close().closeAllConnections());
  const address = inbox.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
  simulator.control.setWebhookUrl(url, ['*']);
  const [oldSecret = ''] = simulator.credentials.webhookSecrets;
  const { webhookSecrets } = await simulator.control.rotateKeys();
  await stripe.checkout.sessions.create(order('A-1'));
  simulator.control.pay('A-1');
  await simulator.control.settled();
  for (const secret of [oldSecret, ...webhookSecrets]) {
    const types = heard.map(({ body, signature }) => stripe.webhooks.constructEvent(body, signature, secret).type);
    assert.deepEqual(types.sort(), [
      'charge.succeeded',
      'checkout.session.completed',
      'payment_intent.created',
      'payment_intent.succeeded',
    ]);
  }
  const [first = { body: '', signature: '' }] = heard;
  const { constructEvent } = stripe.webhooks;
  for (const spoilt of [
    { ...first, body: `${first.body} ` },
    { ...first, signature: first.signature.replaceAll('v1=', 'v1=0') },
  ])
    assert.throws(() => constructEvent.call(stripe.webhooks, spoilt.body, spoilt.signature, oldSecret));
  assert.throws(() => stripe.webhooks.constructEvent(first.body, first.signature, 'whsec_other'));
  const listed = await stripe.events.list({ type: 'checkout.session.completed' });
  assert.partialDeepStrictEqual(listed.data[0]?.data.object, { client_reference_id: 'A-1', payment_status: 'paid' });
});

test('the simulator signs as the computed vector says, and as the client itself signs', () => {
  const { secret, payload, timestampSeconds: timestamp, v1 } = computedWebhook;
  const [time, signature] = signatureHeader(payload, [secret], timestamp * 1000).split(',');
  assert.deepEqual([time, signature], [`t=${timestamp}`, `v1=${v1}`]);
  assert.equal(Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp }), `${time},${signature}`);
});
