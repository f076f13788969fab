import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { dayMs, minuteMs } from '../base/clock.ts';
import { isRefusal, type RefusalName } from '../base/problem.ts';
import type { OrderKey } from '../order/order.ts';
import type { PaymentFact } from '../payment/provider/provider.ts';
import { findBalances } from '../payment/ledger.sql.ts';
import { findUndelivered } from '../permit/permit.sql.ts';
import { removePromise, savePromise } from '../station/delivery-promise.sql.ts';
import { findStationEvents } from '../station/station-feed.sql.ts';
import { newKey } from '../testing/cloud.ts';
import {
  booksOf,
  findBroken,
  forgetOrders,
  openTestJourney,
  orderAndStart,
  pay,
  type TestJourney,
} from '../testing/journey.ts';
import type { RefundWish } from './refund-order.ts';

describe('money that goes back because somebody says so', () => {
  let world: TestJourney;

  before(async () => {
    world = await openTestJourney();
  });
  afterEach(async () => {
    assert.deepEqual(await findBroken(world), []);
    world.wechatPay.control.clearFaults();
    world.alarms.length = 0;
    await forgetOrders(world);
    await world.journey.db.query("update permits set state = 'printed' where state in ('issued', 'sent')");
  });
  after(() => world.stop());

  /** A paid order of 194.42 yuan. */
  async function paidOrder(): Promise<OrderKey> {
    const { key, attempt } = await orderAndStart(world);
    await pay(world, attempt.attemptRef);
    assert.equal((await booksOf(world, key)).order.state, 'paid');
    return key;
  }

  const order = (key: OrderKey, changes: Partial<RefundWish> = {}) =>
    world.journey.refundOrder({
      ...key,
      idempotencyKey: newKey(),
      amountMinor: null,
      reason: 'the pump broke down',
      by: 'Li Wei',
      evenIfRedeemed: false,
      ...changes,
    });

  async function mustRefuse(name: RefusalName, key: OrderKey, changes: Partial<RefundWish> = {}): Promise<void> {
    const before = await booksOf(world, key);
    const answer = await order(key, changes);
    assert.equal(isRefusal(answer) ? answer.refusal : 'accepted', name);
    assert.deepEqual(await booksOf(world, key), before);
  }

  const setPermit = (key: OrderKey, state: string) =>
    world.journey.db.query('update permits set state = $2 where order_id = $1', [key.orderId, state]);

  const balanceOf = async (key: OrderKey, account: string): Promise<number> => {
    const found = (await findBalances(world.journey.db, key.orderId)).find((one) => one.account === account);
    return found === undefined ? 0 : found.debitMinor - found.creditMinor;
  };

  async function letMoneyGoBack(): Promise<void> {
    await world.journey.janitor.run();
    await world.timeline.advance(3_000);
  }

  test('staff give all of it back: the permit is void at once, the terminal hears of it, and the order is refunded', async () => {
    const key = await paidOrder();
    const answer = await order(key);
    assert.ok(!isRefusal(answer));
    const { refunds, permit, order: refunded } = await booksOf(world, key);
    assert.deepEqual([refunded.state, permit?.state], ['refunded', 'revoked']);
    assert.deepEqual(
      refunds.map((one) => [one.refundRef, one.amountMinor, one.note, one.orderedBy, one.state]),
      [[`R${key.orderId}01_staff_1`, 19_442, 'the pump broke down', 'Li Wei', 'due']],
    );
    const events = await findStationEvents(world.journey.db, key.stationNumber, 0, 500);
    assert.deepEqual(events.at(-1)?.body, { kind: 'permit.revoked', permitId: permit?.permitId });
    assert.equal(await balanceOf(key, 'refunds-payable'), -19_442);
    await letMoneyGoBack();
    const after = await booksOf(world, key);
    assert.deepEqual([after.refunds[0]?.state, after.attempts[0]?.state], ['succeeded', 'refunded']);
    assert.deepEqual([await balanceOf(key, 'refunds-payable'), await balanceOf(key, 'clearing:wechat-pay')], [0, 0]);
  });

  test('the driver is promised a date: what the payment service promises, counted from the decision', async () => {
    const key = await paidOrder();
    const now = world.timeline.now();
    const answer = await order(key);
    assert.ok(!isRefusal(answer));
    assert.equal(answer.refund.promisedBy, now + 5 * dayMs);
  });

  test('a part goes back and the permit stays good; the rest after it makes the permit void', async () => {
    const key = await paidOrder();
    await order(key, { amountMinor: 5_000 });
    const half = await booksOf(world, key);
    assert.deepEqual([half.order.state, half.permit?.state], ['paid', 'issued']);
    await letMoneyGoBack();
    assert.equal((await booksOf(world, key)).attempts[0]?.state, 'partly_refunded');
    await world.timeline.advance(minuteMs);
    await order(key);
    const whole = await booksOf(world, key);
    assert.deepEqual(
      [whole.order.state, whole.permit?.state, whole.refunds.map((one) => one.amountMinor)],
      ['refunded', 'revoked', [5_000, 14_442]],
    );
    await letMoneyGoBack();
    assert.equal((await booksOf(world, key)).attempts[0]?.state, 'refunded');
  });

  test('partial refunds never go beyond what was paid, not even while they are on their way', async () => {
    const key = await paidOrder();
    await order(key, { amountMinor: 15_000 });
    await mustRefuse('refund_above_paid', key, { amountMinor: 4_443 });
    const answers = await Promise.all(Array.from({ length: 5 }, () => order(key, { amountMinor: 2_000 })));
    assert.equal(answers.filter((answer) => !isRefusal(answer)).length, 2);
    const { refunds } = await booksOf(world, key);
    assert.equal(
      refunds.reduce((sum, one) => sum + one.amountMinor, 0),
      19_000,
    );
  });

  test('the same request again is the same refund, and another one under its key is refused', async () => {
    const key = await paidOrder();
    const idempotencyKey = newKey();
    const wish = { idempotencyKey, amountMinor: 1_000 };
    const answers = await Promise.all([order(key, wish), order(key, wish), order(key, wish)]);
    assert.deepEqual(
      answers.map((answer) => (isRefusal(answer) ? answer.refusal : answer.refund.refundRef)),
      Array(3).fill(`R${key.orderId}01_staff_1`),
    );
    await mustRefuse('idempotency_key_reused', key, { ...wish, amountMinor: 2_000 });
    assert.equal((await booksOf(world, key)).refunds.length, 1);
  });

  test('a permit that was used refuses a full refund, unless an operator says so, with reason, in the books', async () => {
    const key = await paidOrder();
    await setPermit(key, 'redeemed');
    await mustRefuse('refund_permit_redeemed', key);
    const part = await order(key, { amountMinor: 100 });
    assert.ok(!isRefusal(part));
    assert.equal(part.refund.overridden, false);
    const answer = await order(key, { evenIfRedeemed: true, reason: 'water in the fuel', by: 'Operator Chen' });
    assert.ok(!isRefusal(answer));
    assert.deepEqual([answer.refund.overridden, answer.refund.note], [true, 'water in the fuel']);
    const { order: refunded, permit } = await booksOf(world, key);
    assert.deepEqual([refunded.state, permit?.state], ['refunded', 'redeemed']);
  });

  test('refusals come in their order: no reason, nothing paid, no amount, more than is left, too late', async () => {
    const { key: unpaid } = await orderAndStart(world);
    await mustRefuse('refund_reason_invalid', unpaid, { reason: '  ' });
    await mustRefuse('refund_reason_invalid', unpaid, { by: 'Li\u0000Wei' });
    await mustRefuse('refund_nothing_paid', unpaid);
    const key = await paidOrder();
    await mustRefuse('refund_amount_invalid', key, { amountMinor: 0 });
    await mustRefuse('refund_amount_invalid', key, { amountMinor: 0.5 });
    await mustRefuse('refund_above_paid', key, { amountMinor: 19_443 });
    await world.journey.db.query(
      "update payment_attempts set paid_at = paid_at - interval '366 days' where order_id = $1",
      [key.orderId],
    );
    await mustRefuse('refund_too_late', key);
    await order(key, { amountMinor: 1 }).then((answer) => assert.ok(isRefusal(answer)));
  });

  test('an order whose money is all on its way back has nothing left to give', async () => {
    const key = await paidOrder();
    await order(key);
    await mustRefuse('refund_nothing_paid', key);
    await mustRefuse('refund_nothing_paid', key, { amountMinor: 1 });
  });

  test('a refund that ends abnormally is still owed: it is not given a second time', async () => {
    const key = await paidOrder();
    world.wechatPay.control.endNextRefunds('ABNORMAL');
    await order(key, { amountMinor: 10_000 });
    await letMoneyGoBack();
    assert.equal((await booksOf(world, key)).refunds[0]?.state, 'abnormal');
    await mustRefuse('refund_above_paid', key, { amountMinor: 9_443 });
  });

  test('that somebody gave money back at the service for a permit that was used, nobody says how much, breaks no rule', async () => {
    const key = await paidOrder();
    await setPermit(key, 'redeemed');
    const [paid] = (await booksOf(world, key)).attempts;
    const provider = world.journey.accounts.named('wechat-pay', 'main') ?? assert.fail('no provider');
    const fact: PaymentFact = {
      source: 'query',
      attemptRef: paid?.attemptRef ?? '',
      state: 'refunded',
      amount: { minor: paid?.paidMinor ?? 0, currency: 'CNY' },
      ...provider.merchant,
      authenticated: true,
      evidence: { receivedAt: world.timeline.now(), bodySha256: '' },
    };
    assert.equal(await world.journey.settlePayment.apply({ provider, fact }), 'refunded_elsewhere');
    const { permit, attempts } = await booksOf(world, key);
    assert.deepEqual([permit?.state, attempts[0]?.integrity], ['redeemed', 'refunded_unknown_amount']);
  });

  describe('where the station promises its slip', () => {
    const goRound = () => world.journey.janitor.run();
    before(() => savePromise(world.journey.db, { stationNumber: 1003, withinMs: 15 * minuteMs }, world.timeline.now()));
    after(() => removePromise(world.journey.db, 1003));

    for (const state of ['issued', 'sent', 'undeliverable']) {
      test(`a permit that is ${state} when the promised time is over goes back as money, once, and is void`, async () => {
        const key = await paidOrder();
        await setPermit(key, state);
        await world.timeline.advance(15 * minuteMs - 1);
        await goRound();
        assert.equal((await booksOf(world, key)).refunds.length, 0);
        await world.timeline.advance(1);
        const other = await world.openNode();
        await Promise.all([goRound(), other.janitor.run()]);
        await goRound();
        const { refunds, permit, order: refunded } = await booksOf(world, key);
        assert.deepEqual(
          refunds.map((one) => [one.refundRef, one.amountMinor]),
          [[`R${key.orderId}01_undelivered`, 19_442]],
        );
        assert.deepEqual([permit?.state, refunded.state], ['revoked', 'refunded']);
        assert.equal(world.alarms.filter((name) => name === 'permit_undelivered_refunded').length, 1);
      });
    }

    for (const state of ['printed', 'processed', 'unconfirmed', 'redeemed']) {
      test(`a permit that is ${state} stays good, however late it is`, async () => {
        const key = await paidOrder();
        await setPermit(key, state);
        await world.journey.db.query("update orders set state = 'fulfilled' where order_id = $1", [key.orderId]);
        await world.timeline.advance(60 * minuteMs);
        await goRound();
        assert.equal((await booksOf(world, key)).refunds.length, 0);
      });
    }

    test('a driver who was fuelled without his slip has what he paid for: nothing goes back, however late it is', async () => {
      const key = await paidOrder();
      const { order: sold } = await booksOf(world, key);
      const wish = { ...key, volumeMilli: sold.volumeMilli, by: 'Wang Fang', source: 'staff' } as const;
      assert.ok(!isRefusal(await world.journey.recordDispense(wish)));
      await world.timeline.advance(15 * minuteMs);
      await goRound();
      const { refunds, permit } = await booksOf(world, key);
      assert.deepEqual([refunds, permit?.state], [[], 'issued']);
      const waiting = await findUndelivered(world.journey.db, world.timeline.now(), 1_000);
      assert.ok(!waiting.some(({ orderId }) => orderId === key.orderId), 'nobody looks after it in every round');
    });

    test('a slip that comes out after its money went back is told to a person', async () => {
      const key = await paidOrder();
      await world.timeline.advance(15 * minuteMs);
      await goRound();
      const { permit } = await booksOf(world, key);
      await world.journey.recordReport({
        stationNumber: 1003,
        reportId: newKey(),
        permitId: permit?.permitId ?? '',
        state: 'printed',
        reason: null,
        deviceId: 'printer-1',
        deviceRef: null,
        reportedAt: world.timeline.now(),
        receivedAt: world.timeline.now(),
      });
      assert.equal((await booksOf(world, key)).permit?.state, 'revoked');
      assert.ok(world.alarms.includes('permit_out_after_refund'));
    });
  });

  test('without a promise the money stays, and what was sold before a promise is left alone', async () => {
    const key = await paidOrder();
    await world.timeline.advance(60 * minuteMs);
    await savePromise(world.journey.db, { stationNumber: 1003, withinMs: 15 * minuteMs }, world.timeline.now());
    await world.timeline.advance(60 * minuteMs);
    await world.journey.janitor.run();
    assert.equal((await booksOf(world, key)).refunds.length, 0);
    await removePromise(world.journey.db, 1003);
  });
});
