import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { orderLifetimeMs } from '../order/order.ts';
import { claimAttemptsToPoll, scheduleLastLooks } from '../payment/attempt.sql.ts';
import { findFacts } from '../payment/fact.sql.ts';
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
import { keepUnjudged } from '../testing/kept-fact.ts';

describe('the janitor', () => {
  let world: TestJourney;

  before(async () => {
    world = await openTestJourney();
  });
  afterEach(async () => {
    world.wechatPay.control.clearFaults();
    world.wire.refused = false;
    world.alarms.length = 0;
    await forgetOrders(world);
  });
  after(() => world.stop());

  const goRound = () => world.journey.janitor.run();

  test('an open payment is asked after every 2 s thirty times, every 5 s twelve times, every 30 s ten times, then at its expiry', async () => {
    const { key, attempt } = await orderAndStart(world);
    const waits = [...Array(30).fill(2_000), ...Array(12).fill(5_000), ...Array(10).fill(30_000)];
    let asked = 0;
    for (const waitMs of waits) {
      await world.timeline.advance(waitMs - 1);
      await goRound();
      assert.equal(countCalls(world, 'query', attempt.attemptRef), asked, `asked too early after ${asked}`);
      await world.timeline.advance(1);
      await goRound();
      asked += 1;
      assert.equal(countCalls(world, 'query', attempt.attemptRef), asked, `not asked after ${asked}`);
    }
    const passedMs = world.timeline.now() - attempt.createdAt;
    await world.timeline.advance(orderLifetimeMs - passedMs - 1);
    await goRound();
    assert.equal(countCalls(world, 'close', attempt.attemptRef), 0);
    await world.timeline.advance(1);
    await goRound();
    assert.equal(countCalls(world, 'close', attempt.attemptRef), 1);
    assert.equal((await booksOf(world, key)).order.state, 'expired');
    await world.timeline.advance(3_600_000);
    await goRound();
    assert.deepEqual(
      [countCalls(world, 'query', attempt.attemptRef), countCalls(world, 'close', attempt.attemptRef)],
      // After the close it was asked for the last time.
      [asked + 1, 1],
    );
  });

  test('two nodes go round at once: each payment is asked after once', async () => {
    const other = await world.openNode();
    const started = await Promise.all(Array.from({ length: 12 }, () => orderAndStart(world)));
    await world.timeline.advance(2_000);
    await Promise.all([goRound(), other.janitor.run(), goRound(), other.janitor.run()]);
    for (const { attempt } of started) assert.equal(countCalls(world, 'query', attempt.attemptRef), 1);
  });

  test('a node that dies with a payment in its hands leaves it to the others after half a minute', async () => {
    const { key, attempt } = await orderAndStart(world);
    await paySilently(world, attempt.attemptRef);
    await world.timeline.advance(2_000);
    const taken = await claimAttemptsToPoll(world.journey.db, {
      services: ['wechat-pay'],
      others: false,
      now: world.timeline.now(),
      leaseMs: 30_000,
      limit: 10,
    });
    assert.deepEqual(
      taken.map((one) => one.attemptRef),
      [attempt.attemptRef],
    );
    world.wechatPay.control.addFault({ operation: 'notify', kind: 'drop', times: 16 });
    await world.timeline.advance(29_999);
    await goRound();
    assert.equal((await booksOf(world, key)).permit, null);
    await world.timeline.advance(1);
    await goRound();
    assert.equal((await booksOf(world, key)).permit?.attemptRef, attempt.attemptRef);
  });

  test('while the payment service is down, payments stay open and orders stay as they are; afterwards what was paid is found', async () => {
    const { key, attempt } = await orderAndStart(world);
    world.wechatPay.control.addFault({ operation: 'notify', kind: 'drop', times: 16 });
    await pay(world, attempt.attemptRef);
    world.wire.refused = true;
    for (let minute = 0; minute < 12; minute += 1) {
      await world.timeline.advance(60_000);
      await goRound();
    }
    const during = await booksOf(world, key);
    assert.deepEqual([during.order.state, during.attempts[0]?.state], ['placed', 'pending']);
    world.wire.refused = false;
    await world.timeline.advance(300_000);
    await goRound();
    // He paid in time, and the order was still held: he gets his permit.
    assert.equal((await booksOf(world, key)).order.state, 'paid');
  });

  test('a payment of which nobody knows anything for ten minutes is told to a person', async () => {
    world.wechatPay.control.addFault({ operation: 'create', kind: 'hang', times: 1 });
    await orderAndStart(world);
    world.wire.refused = true;
    await world.timeline.advance(600_000);
    await goRound();
    assert.equal(world.alarms.length, 0);
    await world.timeline.advance(300_001);
    await goRound();
    assert.ok(world.alarms.includes('payment_unknown_too_long'));
  });

  const wechatPay = () => world.journey.accounts.named('wechat-pay', 'main') ?? assert.fail('no provider');

  test('a fact that was kept and never judged is judged after five seconds, once', async () => {
    const { key, attempt } = await orderAndStart(world);
    await paySilently(world, attempt.attemptRef);
    await keepUnjudged(world, wechatPay(), attempt.attemptRef);
    await goRound();
    assert.equal((await booksOf(world, key)).permit, null);
    await world.timeline.advance(5_000);
    const other = await world.openNode();
    await Promise.all([goRound(), other.janitor.run()]);
    assert.equal((await booksOf(world, key)).permit?.attemptRef, attempt.attemptRef);
    const facts = await findFacts(world.journey.db, 1003, attempt.attemptRef);
    assert.deepEqual(facts.length, 1);
    assert.ok(facts[0]?.judgement === 'paid' || facts[0]?.judgement === 'known');
  });

  test('a fact that cannot be judged holds up nobody: polls, expiry and refunds go on beside it', async () => {
    const { key, attempt } = await orderAndStart(world);
    const expiring = await placeOrder(world);
    const { attempt: poisoned } = await orderAndStart(world);
    world.wechatPay.control.addFault({ operation: 'notify', kind: 'drop', times: 100 });
    await pay(world, attempt.attemptRef);
    await pay(world, poisoned.attemptRef);
    // Half a fen fits no column of money, so the transaction that judges this fact fails every time.
    await keepUnjudged(world, wechatPay(), poisoned.attemptRef, { amount: { minor: 0.5, currency: 'CNY' } });
    await world.timeline.advance(orderLifetimeMs - 1);
    await assert.rejects(goRound());
    assert.equal((await booksOf(world, key)).permit?.attemptRef, attempt.attemptRef);
    await world.timeline.advance(1);
    await goRound();
    assert.equal((await booksOf(world, expiring)).order.state, 'expired');
    // It is tried again when the lease on it ends, by whichever node is first.
    await world.timeline.advance(30_000);
    await assert.rejects(goRound());
    await world.journey.db.query('delete from payment_facts where judged_at is null');
  });

  test('money in another currency that turns up at a last look stands in suspense, and is asked after no more', async () => {
    const { key, attempt } = await orderAndStart(world);
    await pay(world, attempt.attemptRef, { claims: { currency: 'USD' } });
    assert.equal((await booksOf(world, key)).attempts[0]?.integrity, 'wrong_currency_in_suspense');
    // A close that another node began before it was paid says only now that the service did not know it.
    await scheduleLastLooks(world.journey.db, [
      { ...attempt, mayBePaidUntil: attempt.expiresAt, pollAt: world.timeline.now() },
    ]);
    await goRound();
    assert.equal((await booksOf(world, key)).attempts[0]?.pollAt, null);
  });

  test('after all of this the rows are in order', async () => {
    assert.deepEqual(await findBroken(world), []);
  });
});
