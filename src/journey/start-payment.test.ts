import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { isRefusal, type RefusalName } from '../base/problem.ts';
import { newKey } from '../testing/cloud.ts';
import type { ApiFaultKind } from '../simulator/wechat-pay/faults.ts';
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
  pressPay,
  startPaying,
  type TestJourney,
  until,
} from '../testing/journey.ts';

describe('starting a payment', () => {
  let world: TestJourney;

  before(async () => {
    world = await openTestJourney();
  });
  afterEach(async () => {
    await forgetOrders(world);
    world.wechatPay.control.clearFaults();
    world.wire.refused = false;
    world.wire.clockSkewMs = 0;
  });
  after(() => world.stop());

  const trouble = (operation: 'create' | 'query' | 'close', kind: ApiFaultKind, times = 1): void =>
    world.wechatPay.control.addFault({ operation, kind, times });

  async function assertRefused(answer: Promise<object>, name: RefusalName): Promise<void> {
    const refused = await answer;
    assert.ok(isRefusal(refused), JSON.stringify(refused));
    assert.equal(refused.refusal, name);
  }

  const paymentsOf = (orderId: string) =>
    world.wechatPay.control.payments().filter((payment) => payment.outTradeNo.startsWith(orderId));

  const unknownAnswers: readonly ApiFaultKind[] = [
    'hang',
    'commit_then_hang',
    'reset',
    'commit_then_reset',
    'server_error',
    'commit_then_server_error',
    'html_502',
    'commit_then_html_502',
    'accepted_202',
    'unsigned',
    'wrong_signature',
    'unknown_serial',
    'oversize',
  ];

  test('an answer that nobody can read leaves the attempt open and unknown, the driver reads "checking", and the second call repeats the first', async () => {
    for (const kind of unknownAnswers) {
      trouble('create', kind);
      const { key, attempt } = await orderAndStart(world);
      assert.deepEqual([kind, attempt.state, attempt.unknown, attempt.nextAction], [kind, 'created', true, null]);
      const again = await startPaying(world, key);
      assert.deepEqual([again.attemptRef, again.state, again.unknown], [attempt.attemptRef, 'pending', false], kind);
      assert.equal(again.nextAction?.kind, 'qr', kind);
      assert.equal(paymentsOf(key.orderId).length, 1, kind);
    }
  });

  test('an answer that looks like success and cannot be believed is told to a person', async () => {
    world.alarms.length = 0;
    trouble('create', 'unsigned');
    await orderAndStart(world);
    assert.deepEqual(world.alarms, ['payment_answer_unbelievable']);
  });

  test('a definite no ends the attempt, and the next press opens another one at once', async () => {
    const down = 'payment_service_down';
    const noes: readonly (readonly [string, () => void, string, RefusalName])[] = [
      ['connection refused', () => void (world.wire.refused = true), '203.0.113.7', down],
      ['429', () => trouble('create', 'rate_limited'), '203.0.113.7', down],
      ['our clock is ten minutes wrong', () => void (world.wire.clockSkewMs = -600_000), '203.0.113.7', down],
      ['parameters refused', () => undefined, 'no address', 'payment_not_taken'],
    ];
    for (const [name, begin, ip, refusal] of noes) {
      const key = await placeOrder(world);
      begin();
      await assertRefused(pressPay(world, key, { surface: 'wechat.h5', ip }), refusal);
      world.wire.refused = false;
      world.wire.clockSkewMs = 0;
      const { attempts } = await booksOf(world, key);
      assert.deepEqual(
        attempts.map((one) => [one.state, one.unknown, one.pollAt]),
        [['failed', false, null]],
        name,
      );
      const next = await startPaying(world, key, { surface: 'wechat.h5' });
      assert.deepEqual([next.attemptRef, next.state], [`${key.orderId}02`, 'pending'], name);
    }
    assert.ok(world.alarms.includes('payment_service_refuses_us'));
  });

  test('a definite no to a repeated call does not fail an attempt that the first call may have opened', async () => {
    trouble('create', 'commit_then_hang');
    const { key, attempt } = await orderAndStart(world);
    trouble('create', 'rate_limited');
    trouble('close', 'server_error');
    const again = await startPaying(world, key);
    assert.deepEqual([again.attemptRef, again.state, again.unknown], [attempt.attemptRef, 'created', true]);
    trouble('create', 'rate_limited');
    // Now the service closes it, and only then is the driver told to choose another way.
    await assertRefused(pressPay(world, key), 'payment_service_down');
    assert.equal((await booksOf(world, key)).attempts[0]?.state, 'closed');
    assert.equal(paymentsOf(key.orderId)[0]?.state, 'CLOSED');
  });

  test('the same key gives the same attempt and calls nobody again, and with another way to pay it is refused', async () => {
    const idempotencyKey = newKey();
    const { key, attempt } = await orderAndStart(world, { idempotencyKey });
    assert.deepEqual(await startPaying(world, key, { idempotencyKey }), attempt);
    assert.equal(countCalls(world, 'create', attempt.attemptRef), 1);
    await assertRefused(pressPay(world, key, { idempotencyKey, surface: 'wechat.h5' }), 'idempotency_key_reused');
  });

  test('ten presses at once open one attempt, here and at the payment service, and all get its link', async () => {
    const key = await placeOrder(world);
    const attempts = await Promise.all(Array.from({ length: 10 }, () => startPaying(world, key)));
    assert.equal(new Set(attempts.map((one) => JSON.stringify([one.attemptRef, one.nextAction]))).size, 1);
    assert.equal(countCalls(world, 'create', attempts[0]?.attemptRef ?? '?'), 1);
    assert.equal(paymentsOf(key.orderId).length, 1);
  });

  test('two ways to pay pressed at once leave one attempt open, here and at the payment service', async () => {
    const key = await placeOrder(world);
    await Promise.all([pressPay(world, key), pressPay(world, key, { surface: 'wechat.h5' })]);
    const { attempts } = await booksOf(world, key);
    assert.deepEqual(attempts.map((one) => one.state).sort(), ['closed', 'pending']);
    assert.deepEqual(
      paymentsOf(key.orderId)
        .map((payment) => payment.state)
        .sort(),
      ['CLOSED', 'NOTPAY'],
    );
  });

  test('two nodes are pressed at once in two ways: at most one link can be paid', async () => {
    const other = { journey: await world.openNode() };
    for (let round = 0; round < 5; round += 1) {
      const key = await placeOrder(world);
      await Promise.all([pressPay(world, key), pressPay(other, key, { surface: 'wechat.h5' })]);
      assert.ok(paymentsOf(key.orderId).filter((payment) => payment.state === 'NOTPAY').length <= 1);
    }
  });

  test('another way to pay: the first is closed at the payment service before the second is opened', async () => {
    const { key, attempt } = await orderAndStart(world);
    const second = await startPaying(world, key, { surface: 'wechat.h5' });
    assert.equal(second.attemptRef, `${key.orderId}02`);
    const calls = world.wechatPay.control.traffic().filter((line) => (line.url + line.request).includes(key.orderId));
    assert.deepEqual(
      calls.map((line) => [line.operation, line.status]),
      [
        ['create', 200],
        ['close', 204],
        ['create', 200],
      ],
    );
    assert.equal((await booksOf(world, key)).attempts[0]?.state, 'closed');
    assert.deepEqual(world.wechatPay.control.pay(attempt.attemptRef), { kind: 'refused', reason: 'payment_closed' });
  });

  test('the payer is in the cashier: close says "too often", no second attempt is opened, and he is told to wait', async () => {
    const { key, attempt } = await orderAndStart(world);
    trouble('close', 'rate_limited');
    await assertRefused(pressPay(world, key, { surface: 'wechat.h5' }), 'payment_in_progress');
    assert.deepEqual(
      (await booksOf(world, key)).attempts.map((one) => [one.attemptRef, one.state]),
      [[attempt.attemptRef, 'pending']],
    );
    assert.equal(countCalls(world, 'query', attempt.attemptRef), 1);
    assert.equal((await startPaying(world, key, { surface: 'wechat.h5' })).attemptRef, `${key.orderId}02`);
  });

  test('close says that it was paid: the change of way is called off, and the order has its permit', async () => {
    const { key, attempt } = await orderAndStart(world);
    await paySilently(world, attempt.attemptRef);
    await assertRefused(pressPay(world, key, { surface: 'wechat.h5' }), 'order_already_paid');
    const { order, permit, attempts } = await booksOf(world, key);
    assert.deepEqual([order.state, permit?.attemptRef, attempts.length], ['paid', attempt.attemptRef, 1]);
  });

  test('a payment service that is silent at close is not passed over: the driver waits', async () => {
    const { key } = await orderAndStart(world);
    trouble('close', 'hang');
    await assertRefused(pressPay(world, key, { surface: 'wechat.h5' }), 'payment_in_progress');
    assert.equal(paymentsOf(key.orderId).length, 1);
  });

  test('a link that has run out is replaced by a new attempt, and the old one can be paid no more', async () => {
    const { key, attempt } = await orderAndStart(world, { surface: 'wechat.h5' });
    assert.equal((await startPaying(world, key, { surface: 'wechat.h5' })).attemptRef, attempt.attemptRef);
    await world.timeline.advance(301_000);
    assert.equal((await startPaying(world, key, { surface: 'wechat.h5' })).attemptRef, `${key.orderId}02`);
    assert.deepEqual(
      paymentsOf(key.orderId).map((payment) => payment.state),
      ['CLOSED', 'NOTPAY'],
    );
  });

  test('the notification is quicker than the answer to our call: the order is paid, and the lost answer takes nothing back', async () => {
    trouble('create', 'commit_then_hang');
    const key = await placeOrder(world);
    const pressed = pressPay(world, key);
    const attemptRef = `${key.orderId}01`;
    await until(() => world.wechatPay.control.payment(attemptRef) !== undefined);
    await pay(world, attemptRef);
    assert.equal((await booksOf(world, key)).permit?.attemptRef, attemptRef);
    const answer = await pressed;
    assert.deepEqual(isRefusal(answer) ? answer : [answer.state, answer.unknown], ['paid', false]);
    assert.deepEqual(
      (await booksOf(world, key)).attempts.map((one) => [one.state, one.unknown]),
      [['paid', false]],
    );
  });

  test('a driver who cancels while the payment service is called is never shown a link that could be paid', async () => {
    world.wechatPay.control.addFault({ operation: 'create', kind: 'delay', times: 1, ms: 1_000 });
    const key = await placeOrder(world);
    const pressed = pressPay(world, key);
    await until(() => world.wechatPay.control.faults().length === 0);
    await world.journey.endOrder(key, 'cancelled');
    await world.timeline.advance(1_000);
    const answer = await pressed;
    assert.ok(isRefusal(answer) || answer.nextAction === null, JSON.stringify(answer));
    assert.deepEqual(
      paymentsOf(key.orderId).map((payment) => payment.state),
      ['CLOSED'],
    );
  });

  test('after twenty attempts the driver is asked to order again', async () => {
    const key = await placeOrder(world);
    for (let number = 1; number <= 20; number += 1)
      await startPaying(world, key, { surface: number % 2 === 0 ? 'wechat.h5' : 'wechat.native' });
    // The twentieth is still open, so it is closed first, and only then is there no more.
    await assertRefused(pressPay(world, key), 'too_many_attempts');
  });

  test('an order whose time is nearly over is not given to a payment service any more', async () => {
    const key = await placeOrder(world);
    await world.timeline.advance(9 * 60_000 + 1);
    await assertRefused(pressPay(world, key), 'order_expired');
    assert.equal(paymentsOf(key.orderId).length, 0);
  });

  test('after all of this the rows are in order', async () => {
    assert.deepEqual(await findBroken(world), []);
  });
});
