import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { makeOrderId } from '../base/ids.ts';
import { isRefusal, type RefusalName } from '../base/problem.ts';
import { systemRandom } from '../base/random.ts';
import { orderLifetimeMs } from '../order/order.ts';
import { lateMoneyGraceMs } from '../payment/attempt.ts';
import type { PaymentProvider } from '../payment/provider/provider.ts';
import {
  booksOf,
  countCalls,
  findBroken,
  forgetOrders,
  openTestJourney,
  orderAndStart,
  pay,
  paySilently,
  placeOrder,
  type TestJourney,
} from '../testing/journey.ts';
import { closeAttempt } from './close-attempt.ts';

describe('ending an order', () => {
  let world: TestJourney;

  before(async () => {
    world = await openTestJourney();
  });
  afterEach(async () => {
    world.wechatPay.control.clearFaults();
    world.wire.refused = false;
    await forgetOrders(world);
  });
  after(() => world.stop());

  const cancel = (key: { stationNumber: number; orderId: string }) => world.journey.endOrder(key, 'cancelled');

  async function assertRefused(answer: Promise<object>, name: RefusalName): Promise<void> {
    const refused = await answer;
    assert.ok(isRefusal(refused), JSON.stringify(refused));
    assert.equal(refused.refusal, name);
  }

  const stateAtWechatPay = (attemptRef: string) => world.wechatPay.control.payment(attemptRef)?.state;

  test('a driver who cancels has his open payment closed at the payment service first, and may cancel twice', async () => {
    const { key, attempt } = await orderAndStart(world);
    for (let round = 0; round < 2; round += 1) {
      const books = await cancel(key);
      assert.ok(!isRefusal(books));
      assert.deepEqual([books.order.state, books.attempts[0]?.state], ['cancelled', 'closed']);
    }
    assert.equal(stateAtWechatPay(attempt.attemptRef), 'CLOSED');
    assert.equal(countCalls(world, 'close', attempt.attemptRef), 1);
  });

  test('ten cancellations at once end the order once', async () => {
    const { key } = await orderAndStart(world);
    const answers = await Promise.all(Array.from({ length: 10 }, () => cancel(key)));
    assert.ok(answers.every((answer) => !isRefusal(answer) && answer.order.state === 'cancelled'));
  });

  test('the order is paid when he cancels: close says so, nothing is cancelled, and the permit is there', async () => {
    const { key, attempt } = await orderAndStart(world);
    await paySilently(world, attempt.attemptRef);
    await assertRefused(cancel(key), 'order_already_paid');
    const { order, permit } = await booksOf(world, key);
    assert.deepEqual([order.state, permit?.attemptRef], ['paid', attempt.attemptRef]);
  });

  test('cancelling and paying in the same instant ends in a permit or in a refund, never in both or neither', async () => {
    for (let round = 0; round < 8; round += 1) {
      const { key, attempt } = await orderAndStart(world);
      await Promise.all([cancel(key), pay(world, attempt.attemptRef, { evenIfLate: true })]);
      const { order, permit, refunds } = await booksOf(world, key);
      assert.deepEqual([permit === null, refunds.length], order.state === 'paid' ? [false, 0] : [true, 1]);
    }
  });

  test('while nobody can say whether it is paid, the order cannot be cancelled; once the service answers, it can', async () => {
    for (const kind of ['hang', 'server_error', 'html_502', 'unsigned', 'rate_limited'] as const) {
      const { key } = await orderAndStart(world);
      world.wechatPay.control.addFault({ operation: 'close', kind, times: 1 });
      await assertRefused(cancel(key), 'payment_in_progress');
      assert.equal((await booksOf(world, key)).order.state, 'placed', kind);
      assert.ok(!isRefusal(await cancel(key)), kind);
    }
  });

  test('an order that nobody placed cannot be cancelled', async () => {
    const orderId = makeOrderId(1003, world.timeline.now(), systemRandom);
    await assertRefused(cancel({ stationNumber: 1003, orderId }), 'order_unknown');
  });

  test('when its time is over the payment is closed at the service and the order expires; nobody can pay or cancel it then', async () => {
    const unpaid = await placeOrder(world);
    const { key, attempt } = await orderAndStart(world);
    await world.timeline.advance(orderLifetimeMs - 1);
    await world.journey.janitor.run();
    assert.deepEqual(
      [(await booksOf(world, key)).order.state, stateAtWechatPay(attempt.attemptRef)],
      ['placed', 'NOTPAY'],
    );
    await world.timeline.advance(1);
    await world.journey.janitor.run();
    for (const one of [unpaid, key]) assert.equal((await booksOf(world, one)).order.state, 'expired');
    assert.equal(stateAtWechatPay(attempt.attemptRef), 'CLOSED');
    await assertRefused(cancel(key), 'order_expired');
  });

  test('a payment made in the last second, of which nobody told us, is found at expiry and has its permit', async () => {
    const { key, attempt } = await orderAndStart(world);
    await world.timeline.advance(orderLifetimeMs - 1_000);
    world.wechatPay.control.addFault({ operation: 'notify', kind: 'drop', times: 16 });
    await pay(world, attempt.attemptRef);
    await world.timeline.advance(1_000);
    await world.journey.janitor.run();
    const { order, permit } = await booksOf(world, key);
    assert.deepEqual([order.state, permit?.attemptRef], ['paid', attempt.attemptRef]);
  });

  test('money that comes three seconds after the end revives nothing: all of it goes back, and there is no permit', async () => {
    for (const ending of ['cancelled', 'expired'] as const) {
      const { key, attempt } = await orderAndStart(world);
      if (ending === 'cancelled') await cancel(key);
      else await world.timeline.advance(orderLifetimeMs);
      await world.journey.janitor.run();
      await world.timeline.advance(3_000);
      await pay(world, attempt.attemptRef, { evenIfLate: true });
      const { order, permit, refunds } = await booksOf(world, key);
      assert.deepEqual([order.state, permit], [ending, null]);
      assert.deepEqual(
        refunds.map((refund) => [refund.reason, refund.amountMinor]),
        [['late_payment', order.payableMinor]],
      );
      await world.journey.janitor.run();
      await world.timeline.advance(3_000);
      assert.deepEqual(
        (await booksOf(world, key)).refunds.map((refund) => refund.state),
        ['succeeded'],
      );
    }
  });

  test('money that comes after the time, before anybody ended the order, goes back too', async () => {
    const { key, attempt } = await orderAndStart(world);
    await world.timeline.advance(orderLifetimeMs + 3_000);
    await pay(world, attempt.attemptRef, { evenIfLate: true });
    const { permit, refunds } = await booksOf(world, key);
    assert.deepEqual([permit, refunds[0]?.reason], [null, 'late_payment']);
    await world.journey.janitor.run();
    assert.equal((await booksOf(world, key)).order.state, 'expired');
  });

  test('a payment service that is silent at expiry holds the order for ten minutes and no longer; its late money goes back', async () => {
    const { key, attempt } = await orderAndStart(world);
    world.wire.refused = true;
    await world.timeline.advance(orderLifetimeMs + lateMoneyGraceMs);
    await world.journey.janitor.run();
    assert.equal((await booksOf(world, key)).order.state, 'placed');
    await world.timeline.advance(1);
    await world.journey.janitor.run();
    const ended = await booksOf(world, key);
    assert.deepEqual([ended.order.state, ended.attempts[0]?.state], ['expired', 'pending']);
    world.wire.refused = false;
    world.wechatPay.control.addFault({ operation: 'notify', kind: 'drop', times: 16 });
    await pay(world, attempt.attemptRef, { evenIfLate: true });
    await world.timeline.advance(300_000);
    await world.journey.janitor.run();
    const { permit, refunds, attempts } = await booksOf(world, key);
    assert.deepEqual([permit, attempts[0]?.state, refunds[0]?.reason], [null, 'paid', 'late_payment']);
  });

  test('a create that arrives after the close said "no such order" is found and closed five minutes later', async () => {
    const key = await placeOrder(world);
    const provider = world.journey.accounts.named('wechat-pay', 'main') ?? assert.fail('no provider');
    world.wechatPay.control.addFault({ operation: 'create', kind: 'hang', times: 1 });
    const attempt = await world.journey.startPayment({
      ...key,
      idempotencyKey: 'a-key-of-this-order',
      method: 'wechat-pay',
      surface: 'wechat.native',
      payer: { ip: '203.0.113.7', userAgent: 'test' },
    });
    assert.ok(!isRefusal(attempt) && attempt.unknown);
    assert.ok(!isRefusal(await cancel(key)));
    // The bytes that hung on the way come to the service after all.
    await provider.create(
      {
        attemptRef: attempt.attemptRef,
        amount: { minor: attempt.amountMinor, currency: 'CNY' },
        subject: 'late',
        surface: 'wechat.native',
        expiresAt: attempt.expiresAt,
        notifyUrl: `${world.url}/v1/notifications/wechat-pay`,
        returnUrl: world.url,
        payer: attempt.payer,
      },
      { signal: new AbortController().signal, timeoutMs: 5_000 },
    );
    assert.equal(stateAtWechatPay(attempt.attemptRef), 'NOTPAY');
    await world.timeline.advance(300_000);
    await world.journey.janitor.run();
    assert.equal(stateAtWechatPay(attempt.attemptRef), 'CLOSED');
    assert.equal((await booksOf(world, key)).attempts[0]?.pollAt, null);
  });

  /** An attempt that WeChat Pay has never heard of, and a node of ours to close it. */
  async function unseenAttempt() {
    const { db, accounts, settlePayment: settle } = world.journey;
    const { key, attempt } = await orderAndStart(world);
    await db.query('update payment_attempts set attempt_ref = $1, poll_at = null where attempt_ref = $2', [
      attempt.attemptRef.replace(/01$/, '02'),
      attempt.attemptRef,
    ]);
    const stored = async () => (await booksOf(world, key)).attempts[0] ?? assert.fail('no attempt');
    const node = { db, accounts, settle, now: () => world.timeline.now(), alarm: () => undefined };
    return { node, stored, attempt: await stored() };
  }

  test('a node that dies as it closes what the service does not know yet leaves nothing that nobody looks at again', async () => {
    const { node, stored, attempt } = await unseenAttempt();
    const dying = { ...node.settle, apply: () => Promise.reject(new Error('the node dies here')) };
    await assert.rejects(closeAttempt({ ...node, settle: dying }, attempt), /dies here/);
    assert.notEqual((await stored()).pollAt, null);
    assert.equal(await closeAttempt(node, attempt), 'not_created');
    const closed = await stored();
    assert.deepEqual([closed.state, closed.pollAt], ['closed', world.timeline.now() + 30_000]);
  });

  test('a node that slept between the answer and its writing takes the answer for as old as it is, and looks again', async () => {
    const { node, stored, attempt } = await unseenAttempt();
    await closeAttempt(node, attempt);
    const closed = await stored();
    const askedAt = world.timeline.now();
    let now = askedAt;
    const provider = node.accounts.of(attempt) ?? assert.fail('no provider');
    const sleepy: PaymentProvider = {
      ...provider,
      async close(name, options) {
        const answer = await provider.close(name, options);
        now = (closed.mayBePaidUntil ?? 0) + 1;
        return answer;
      },
    };
    await closeAttempt({ ...node, accounts: { ...node.accounts, of: () => sleepy }, now: () => now }, closed);
    assert.equal((await stored()).pollAt, askedAt + 30_000);
  });

  test('after all of this the rows are in order', async () => {
    assert.deepEqual(await findBroken(world), []);
  });
});
