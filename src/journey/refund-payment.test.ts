import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { OrderKey } from '../order/order.ts';
import { findBalances } from '../payment/ledger.sql.ts';
import type { Refund } from '../payment/refund.ts';
import type { ApiFaultKind } from '../simulator/wechat-pay/faults.ts';
import {
  booksOf,
  countCalls,
  findBroken,
  forgetOrders,
  openTestJourney,
  orderAndStart,
  pay,
  type TestJourney,
} from '../testing/journey.ts';

describe('giving money back', () => {
  let world: TestJourney;

  before(async () => {
    world = await openTestJourney();
  });
  afterEach(async () => {
    world.wechatPay.control.clearFaults();
    world.alarms.length = 0;
    await forgetOrders(world);
  });
  after(() => world.stop());

  /** An order that was cancelled and then paid: its money is due to go back. */
  async function oweMoney(): Promise<{ key: OrderKey; refundRef: string; payableMinor: number }> {
    const { key, attempt } = await orderAndStart(world);
    await world.journey.endOrder(key, 'cancelled');
    await pay(world, attempt.attemptRef, { evenIfLate: true });
    const { refunds, order } = await booksOf(world, key);
    assert.deepEqual(
      refunds.map((refund) => [refund.refundRef, refund.state]),
      [[`R${attempt.attemptRef}_late_payment`, 'due']],
    );
    return { key, refundRef: `R${attempt.attemptRef}_late_payment`, payableMinor: order.payableMinor };
  }

  async function refundOf(key: OrderKey): Promise<Refund> {
    const { refunds } = await booksOf(world, key);
    assert.equal(refunds.length, 1);
    return refunds[0] ?? assert.fail('no refund');
  }

  const atWechatPay = (refundRef: string) =>
    world.wechatPay.control.refunds().filter((refund) => refund.outTradeNo === refundRef.slice(1, 27));

  const balancesOf = async (key: OrderKey) =>
    Object.fromEntries(
      (await findBalances(world.journey.db, key.orderId)).map((one) => [one.account, one.debitMinor - one.creditMinor]),
    );

  const trouble = (operation: 'refund' | 'queryRefund', kind: ApiFaultKind, times = 1): void =>
    world.wechatPay.control.addFault({ operation, kind, times });

  const goRound = () => world.journey.janitor.run();

  test('money that is due goes back: requested, then succeeded by notification, and the books show each step', async () => {
    const { key, refundRef, payableMinor } = await oweMoney();
    assert.deepEqual(await balancesOf(key), {
      'clearing:wechat-pay': payableMinor,
      'customer-liability': 0,
      'refunds-payable': -payableMinor,
    });
    await goRound();
    assert.equal((await refundOf(key)).state, 'requested');
    assert.equal((await booksOf(world, key)).attempts[0]?.state, 'paid');
    await world.timeline.advance(3_000);
    const refund = await refundOf(key);
    assert.deepEqual([refund.state, refund.nextTryAt, refund.finishedAt !== null], ['succeeded', null, true]);
    assert.deepEqual([refundRef, (await booksOf(world, key)).attempts[0]?.state], [refund.refundRef, 'refunded']);
    assert.deepEqual(await balancesOf(key), {
      'clearing:wechat-pay': 0,
      'customer-liability': 0,
      'refunds-payable': 0,
    });
    assert.deepEqual(world.alarms, []);
  });

  test('the notification of the refund never arrives: the service is asked after a minute, and the refund is done', async () => {
    const { key, refundRef } = await oweMoney();
    await goRound();
    world.wechatPay.control.addFault({ operation: 'notify', kind: 'drop', times: 16 });
    await world.timeline.advance(59_000);
    await goRound();
    assert.equal((await refundOf(key)).state, 'requested');
    await world.timeline.advance(1_000);
    await goRound();
    assert.equal((await refundOf(key)).state, 'succeeded');
    assert.deepEqual([countCalls(world, 'refund', refundRef), countCalls(world, 'queryRefund', refundRef)], [1, 1]);
  });

  test('the refund call gives no answer five times, across a restart: one reference, one refund, its state from the question', async () => {
    const { key, refundRef } = await oweMoney();
    trouble('refund', 'commit_then_hang');
    trouble('queryRefund', 'server_error', 4);
    // Its notifications are lost as well.
    world.wechatPay.control.addFault({ operation: 'notify', kind: 'drop', times: 100 });
    const restarted = await world.openNode();
    for (const waitMs of [60_000, 300_000, 3_600_000, 86_400_000, 86_400_000]) {
      await restarted.janitor.run();
      const refund = await refundOf(key);
      assert.deepEqual([refund.state, refund.nextTryAt], ['due', world.timeline.now() + waitMs]);
      await world.timeline.advance(waitMs);
    }
    world.wechatPay.control.clearFaults();
    await restarted.janitor.run();
    assert.equal((await refundOf(key)).state, 'succeeded');
    assert.deepEqual(
      atWechatPay(refundRef).map((refund) => refund.outRefundNo),
      [refundRef],
    );
    assert.equal(countCalls(world, 'refund', refundRef), 1);
  });

  test('whatever the refund call answers but yes, the refund stays owed, is tried again by the same reference, and a person is told', async () => {
    for (const kind of [
      'hang',
      'reset',
      'rate_limited',
      'server_error',
      'html_502',
      'accepted_202',
      'unsigned',
    ] as const) {
      const { key, refundRef } = await oweMoney();
      trouble('refund', kind);
      await goRound();
      assert.deepEqual([kind, (await refundOf(key)).state, (await refundOf(key)).tries], [kind, 'due', 1]);
      assert.ok(world.alarms.includes('refund_failed'), kind);
      await world.timeline.advance(60_000);
      await goRound();
      await world.timeline.advance(3_000);
      assert.equal((await refundOf(key)).state, 'succeeded', kind);
      assert.deepEqual(
        atWechatPay(refundRef).map((refund) => refund.outRefundNo),
        [refundRef],
        kind,
      );
    }
  });

  test('a refund that ends abnormal or closed is not refunded: it stays owed, a person is told once, and nothing new is asked for', async () => {
    for (const ending of ['ABNORMAL', 'CLOSED'] as const) {
      const { key, refundRef, payableMinor } = await oweMoney();
      world.wechatPay.control.endNextRefunds(ending);
      await goRound();
      await world.timeline.advance(3_000);
      const refund = await refundOf(key);
      assert.equal(refund.state, 'abnormal');
      // It is asked after, never asked for again.
      assert.ok(refund.nextTryAt !== null);
      assert.deepEqual(world.alarms, ['refund_abnormal']);
      assert.equal((await balancesOf(key))['refunds-payable'], -payableMinor);
      for (let day = 0; day < 3; day += 1) {
        await world.timeline.advance(86_400_000);
        await goRound();
      }
      assert.equal(countCalls(world, 'refund', refundRef), 1);
      assert.equal(atWechatPay(refundRef).length, 1);
      world.alarms.length = 0;
    }
  });

  test('an abnormal refund that a person put right at the payment service is done when its notification says so', async () => {
    const { key, refundRef } = await oweMoney();
    world.wechatPay.control.endNextRefunds('ABNORMAL');
    await goRound();
    await world.timeline.advance(3_000);
    assert.equal(world.wechatPay.control.endRefund(refundRef, 'SUCCESS'), true);
    await world.wechatPay.control.settled();
    assert.equal((await refundOf(key)).state, 'succeeded');
  });

  test('two nodes pay back at once: one refund call, one refund', async () => {
    const other = await world.openNode();
    const { key, refundRef } = await oweMoney();
    await Promise.all([goRound(), other.janitor.run()]);
    assert.equal(countCalls(world, 'refund', refundRef), 1);
    await world.timeline.advance(3_000);
    assert.equal((await refundOf(key)).state, 'succeeded');
  });

  test('the question after the payment says "refunded" while our own refund goes on, and that alarms nobody', async () => {
    const { key } = await oweMoney();
    await goRound();
    const provider = world.journey.accounts.named('wechat-pay', 'main') ?? assert.fail('no provider');
    const attemptRef = (await booksOf(world, key)).attempts[0]?.attemptRef ?? '?';
    const fact = await provider.query({ attemptRef }, { signal: new AbortController().signal, timeoutMs: 5_000 });
    assert.equal(fact.state, 'refunded');
    assert.equal(await world.journey.settlePayment.apply({ provider, fact }), 'known');
    await world.timeline.advance(3_000);
    assert.deepEqual([(await refundOf(key)).state, world.alarms], ['succeeded', []]);
  });

  test('after all of this the rows are in order', async () => {
    assert.deepEqual(await findBroken(world), []);
  });
});
