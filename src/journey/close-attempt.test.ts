import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { minuteMs, secondMs } from '../base/clock.ts';
import { orderLifetimeMs } from '../order/order.ts';
import { createAccounts } from '../payment/account.ts';
import { type Attempt, nothingKnown } from '../payment/attempt.ts';
import {
  booksOf,
  countCalls,
  findBroken,
  forgetOrders,
  openTestJourney,
  orderAndStart,
  paySilently,
  type TestJourney,
} from '../testing/journey.ts';
import { lastLookOf } from './close-attempt.ts';

describe('closing a payment', () => {
  let world: TestJourney;

  before(async () => {
    world = await openTestJourney();
  });
  afterEach(async () => {
    world.wechatPay.control.clearFaults();
    await forgetOrders(world);
  });
  after(() => world.stop());

  const stateOf = async (key: Parameters<typeof booksOf>[1]) => (await booksOf(world, key)).attempts[0]?.state;

  test('at its expiry a payment is asked after once more when it was closed, and before that it is not', async () => {
    const cancelled = await orderAndStart(world);
    await world.journey.endOrder(cancelled.key, 'cancelled');
    assert.equal(countCalls(world, 'query', cancelled.attempt.attemptRef), 0);
    const { key, attempt } = await orderAndStart(world);
    await world.journey.db.query('update payment_attempts set poll_at = expires_at where attempt_ref = $1', [
      attempt.attemptRef,
    ]);
    await world.timeline.advance(orderLifetimeMs);
    await world.journey.janitor.run();
    assert.deepEqual(
      [countCalls(world, 'close', attempt.attemptRef), countCalls(world, 'query', attempt.attemptRef)],
      [1, 1],
    );
    assert.deepEqual([await stateOf(key), (await booksOf(world, key)).order.state], ['closed', 'expired']);
  });

  test('a payment of the last second that its service has closed all the same is found by the last question, and has its permit', async () => {
    const provider = world.journey.accounts.named('wechat-pay', 'main') ?? assert.fail('no provider');
    const hasty = { ...provider, close: () => Promise.resolve({ kind: 'closed' } as const) };
    const node = await world.openNode({
      accounts: createAccounts([{ provider: hasty, stations: null, confirm: 'never' }]),
    });
    const { key, attempt } = await orderAndStart(world);
    await world.timeline.advance(orderLifetimeMs - secondMs);
    await paySilently(world, attempt.attemptRef);
    await world.timeline.advance(secondMs);
    await node.janitor.run();
    assert.deepEqual(
      [await stateOf(key), (await booksOf(world, key)).permit?.attemptRef],
      ['paid', attempt.attemptRef],
    );
  });

  test('a last question without an answer costs nothing: the payment is closed', async () => {
    for (const kind of ['server_error', 'rate_limited', 'hang', 'unsigned'] as const) {
      const { key } = await orderAndStart(world);
      await world.timeline.advance(orderLifetimeMs);
      world.wechatPay.control.addFault({ operation: 'query', kind, times: 1 });
      await world.journey.janitor.run();
      assert.deepEqual(
        [kind, await stateOf(key), (await booksOf(world, key)).order.state],
        [kind, 'closed', 'expired'],
      );
    }
  });

  test('after all of this the rows are in order', async () => {
    assert.deepEqual(await findBroken(world), []);
  });
});

test('what was closed before its service knew it is looked at every half minute until it is void, then every two minutes for ten', () => {
  const until = 1_000_000_000;
  const graceEnd = until + 10 * minuteMs;
  const nextLook = (state: Attempt['state'], askedAt: number, mayStillBePaidUntil = until): number | null =>
    lastLookOf(
      { ...anyAttempt, state, mayBePaidUntil: state === 'closed' ? until : null },
      mayStillBePaidUntil,
      askedAt,
    ).pollAt;
  for (const state of ['pending', 'closed'] as const) {
    assert.equal(nextLook(state, until - minuteMs), until - 30 * secondMs);
    assert.equal(nextLook(state, until - 10 * secondMs), until);
    assert.equal(nextLook(state, until), until + 2 * minuteMs);
    assert.equal(nextLook(state, graceEnd - minuteMs), graceEnd);
  }
  // One that nobody has looked at since it was closed is looked at once, however late that is.
  assert.deepEqual([nextLook('pending', graceEnd), nextLook('closed', graceEnd)], [graceEnd, null]);
  // The service's first answer counts.
  assert.equal(nextLook('closed', graceEnd, graceEnd + minuteMs), null);
});

const anyAttempt: Attempt = {
  ...nothingKnown,
  stationNumber: 1003,
  orderId: 'order',
  attemptRef: 'attempt',
  idempotencyKey: 'key',
  provider: 'alipay',
  surface: 'alipay.qr',
  merchantId: 'merchant',
  appId: 'app',
  state: 'pending',
  amountMinor: 100,
  currency: 'CNY',
  payer: { ip: '203.0.113.7', userAgent: 'test' },
  createdAt: 0,
  expiresAt: 1_000_000_000,
  pollAt: null,
};
