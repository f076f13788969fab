import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { dayMs, hourMs, minuteMs, secondMs } from '../base/clock.ts';
import { isRefusal } from '../base/problem.ts';
import type { OrderKey } from '../order/order.ts';
import type { Attempt } from '../payment/attempt.ts';
import { findBalances } from '../payment/ledger.sql.ts';
import { newKey } from '../testing/cloud.ts';
import { booksOf, type TestJourney } from '../testing/journey.ts';
import { type Till, onStage, orderAt, serviceNames } from '../testing/till.ts';

/** Money on its way back: scenarios 22 and 23 of the payment reference, and what people do at the services, for each service. */
describe('refunds', () => {
  let world: TestJourney;
  let tills: readonly Till[];
  let till: Till;

  onStage((openedWorld, openedTills) => {
    world = openedWorld;
    tills = openedTills;
  });

  const goRound = () => world.journey.janitor.run();

  async function paidOrder(): Promise<{ key: OrderKey; attempt: Attempt }> {
    const started = await orderAt(world, till);
    await till.pay(started.attempt.attemptRef);
    return started;
  }

  async function giveBack(key: OrderKey, amountMinor: number | null = null): Promise<void> {
    const wish = { ...key, idempotencyKey: newKey(), amountMinor, reason: 'test', by: 'Li Wei', evenIfRedeemed: false };
    const answer = await world.journey.refundOrder(wish);
    assert.ok(!isRefusal(answer), JSON.stringify(answer));
  }

  const balanceOf = async (key: OrderKey, account: string): Promise<number> => {
    const found = (await findBalances(world.journey.db, key.orderId)).find((one) => one.account === account);
    return found === undefined ? 0 : found.debitMinor - found.creditMinor;
  };

  /** Asks and waits as the janitor does over two days. */
  async function letTimePass(): Promise<void> {
    for (const ms of [0, 10 * secondMs, minuteMs, 5 * minuteMs, hourMs, dayMs]) {
      await world.timeline.advance(ms);
      await goRound();
      await till.settled();
    }
  }

  for (const [index, name] of serviceNames.entries()) {
    describe(name, () => {
      before(() => {
        till = tills[index] ?? assert.fail(`no ${name}`);
      });

      test('all of it goes back: asked for once, done, and the books are at zero', async () => {
        const { key, attempt } = await paidOrder();
        await giveBack(key);
        await letTimePass();
        const { refunds, attempts, order, permit } = await booksOf(world, key);
        assert.deepEqual(
          [refunds[0]?.state, attempts[0]?.state, order.state, permit?.state],
          ['succeeded', 'refunded', 'refunded', 'revoked'],
        );
        assert.equal(till.givenBack(attempt.attemptRef), attempt.amountMinor);
        assert.deepEqual(
          [await balanceOf(key, 'refunds-payable'), await balanceOf(key, `clearing:${till.service}`)],
          [0, 0],
        );
      });

      test('two parts go back, each once; a third that would be too much is refused here', async () => {
        const { key, attempt } = await paidOrder();
        await giveBack(key, 10_000);
        await letTimePass();
        await giveBack(key, 9_000);
        await letTimePass();
        const wish = { ...key, idempotencyKey: newKey(), reason: 'test', by: 'Li Wei', evenIfRedeemed: false };
        const tooMuch = await world.journey.refundOrder({ ...wish, amountMinor: 1_000 });
        assert.equal(isRefusal(tooMuch) ? tooMuch.refusal : 'accepted', 'refund_above_paid');
        assert.equal(till.givenBack(attempt.attemptRef), 19_000);
        assert.equal(await balanceOf(key, `clearing:${till.service}`), attempt.amountMinor - 19_000);
      });

      for (const kind of [
        'commit_then_hang',
        'commit_then_reset',
        'commit_then_server_error',
        'hang',
        'reset',
        'html_502',
        'rate_limited',
      ]) {
        test(`22: the refund call ends five times in "${kind}", across a restart: one reference, one refund`, async () => {
          const { key, attempt } = await paidOrder();
          await giveBack(key);
          till.trouble('refund', kind, 5);
          await goRound();
          const other = await world.openNode();
          for (const ms of [minuteMs, 5 * minuteMs, hourMs, dayMs, dayMs, dayMs, dayMs]) {
            await world.timeline.advance(ms);
            await other.janitor.run();
            await till.settled();
          }
          const { refunds } = await booksOf(world, key);
          assert.deepEqual(
            refunds.map((one) => [one.refundRef, one.state]),
            [[`R${attempt.attemptRef}_staff_1`, 'succeeded']],
          );
          assert.equal(till.givenBack(attempt.attemptRef), attempt.amountMinor);
        });
      }

      test('22: the service is asked after a refund whose answer was lost, and is not asked to pay twice', async () => {
        const { key, attempt } = await paidOrder();
        await giveBack(key);
        till.trouble('refund', 'commit_then_hang');
        till.trouble('queryRefund', 'server_error', 2);
        await letTimePass();
        assert.equal((await booksOf(world, key)).refunds[0]?.state, 'succeeded');
        assert.equal(till.givenBack(attempt.attemptRef), attempt.amountMinor);
      });

      test('23: a refund that ends badly is not "refunded": it stays owed, a person is told, and no new reference is made by itself', async (context) => {
        // Alipay has no such end: what failed there is asked for again under the same number.
        if (till.service === 'alipay') return context.skip('Alipay ends no refund badly for good');
        const { key, attempt } = await paidOrder();
        till.endNextRefundBadly();
        await giveBack(key);
        await letTimePass();
        const { refunds, attempts } = await booksOf(world, key);
        assert.deepEqual(
          refunds.map((one) => [one.refundRef, one.state]),
          [[`R${attempt.attemptRef}_staff_1`, 'abnormal']],
        );
        assert.equal(attempts[0]?.state, 'paid');
        assert.equal(await balanceOf(key, 'refunds-payable'), -attempt.amountMinor);
        assert.ok(world.alarms.includes('refund_abnormal'));
      });

      test('a refund that failed at Alipay is asked for again under its own number, and done once', async (context) => {
        if (till.service !== 'alipay') return context.skip(`${name} ends such a refund itself`);
        const { key, attempt } = await paidOrder();
        till.endNextRefundBadly();
        await giveBack(key);
        await letTimePass();
        assert.deepEqual(
          (await booksOf(world, key)).refunds.map((one) => [one.refundRef, one.state]),
          [[`R${attempt.attemptRef}_staff_1`, 'succeeded']],
        );
        assert.equal(till.givenBack(attempt.attemptRef), attempt.amountMinor);
      });

      test('the notification of the refund never comes: it is asked after', async () => {
        const { key } = await paidOrder();
        till.trouble('notify', 'drop', 100);
        await giveBack(key);
        await letTimePass();
        assert.equal((await booksOf(world, key)).refunds[0]?.state, 'succeeded');
      });
    });
  }

  test('a person gives it back at the payment service before the permit is used: the permit is void, and the books know', async () => {
    const elsewhere: Readonly<Record<string, (attempt: Attempt) => unknown>> = {
      alipay: ({ attemptRef, amountMinor }) =>
        world.simulators.alipay?.control.refundElsewhere(attemptRef, amountMinor, 'BACK-OFFICE-1'),
      stripe: ({ attemptRef, amountMinor }) => world.simulators.stripe?.control.refundByHand(attemptRef, amountMinor),
    };
    for (till of tills.filter(({ service }) => service in elsewhere)) {
      // Of codes Alipay tells success alone; what happens to them later stands in the bill.
      const { key, attempt } = await orderAt(world, till, till.service === 'alipay' ? { surface: 'alipay.wap' } : {});
      if (attempt.nextAction?.kind === 'redirect') await fetch(attempt.nextAction.url);
      await till.pay(attempt.attemptRef);
      elsewhere[till.service]?.(attempt);
      await world.timeline.advance(minuteMs);
      await till.settled();
      const { permit, order, attempts } = await booksOf(world, key);
      assert.deepEqual(
        [permit?.state, order.state, attempts[0]?.state],
        ['revoked', 'refunded', 'refunded'],
        till.name,
      );
      assert.equal(await balanceOf(key, `clearing:${till.service}`), 0);
      assert.ok(world.alarms.includes('payment_refunded_elsewhere'));
      world.alarms.length = 0;
    }
  });

  test("Stripe: weeks later the driver's bank sends the money back: it is owed again, a person is told, and the books follow", async () => {
    till = tills[2] ?? assert.fail('no Stripe');
    const stripe = world.simulators.stripe ?? assert.fail('no Stripe');
    const { key, attempt } = await paidOrder();
    await giveBack(key);
    await letTimePass();
    const [refund] = (await booksOf(world, key)).refunds;
    assert.equal(refund?.state, 'succeeded');
    assert.equal(stripe.control.endRefund(refund?.refundRef ?? '', 'failed'), true);
    await till.settled();
    await world.timeline.advance(minuteMs);
    await goRound();
    const after = await booksOf(world, key);
    assert.deepEqual(
      [after.refunds[0]?.state, after.refunds[0]?.bounces, after.attempts[0]?.state],
      ['abnormal', 1, 'paid'],
    );
    assert.deepEqual([after.order.state, after.permit?.state], ['refunded', 'revoked']);
    assert.equal(await balanceOf(key, 'refunds-payable'), -attempt.amountMinor);
    assert.equal(await balanceOf(key, 'clearing:stripe'), attempt.amountMinor);
    assert.ok(world.alarms.includes('refund_abnormal'));
  });
});
