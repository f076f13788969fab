import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { minuteMs, secondMs } from '../base/clock.ts';
import { isRefusal } from '../base/problem.ts';
import { orderLifetimeMs } from '../order/order.ts';
import { lateMoneyGraceMs } from '../payment/attempt.ts';
import { booksOf, pressPay, type TestJourney } from '../testing/journey.ts';
import { type Till, assertPaidOnce, onStage, orderAt, serviceNames, startAt } from '../testing/till.ts';

/** Another method, another attempt, too late: scenarios 15 to 20 of the payment reference, for each service that they can happen with. */
describe('switching', () => {
  let world: TestJourney;
  let tills: readonly Till[];
  let till: Till;
  let other: Till;

  onStage((openedWorld, openedTills) => {
    world = openedWorld;
    tills = openedTills;
  });

  const goRound = () => world.journey.janitor.run();

  for (const [index, name] of serviceNames.entries()) {
    describe(name, () => {
      before(() => {
        till = tills[index] ?? assert.fail(`no ${name}`);
        other = tills[(index + 1) % tills.length] ?? assert.fail('no other');
      });

      test('another method: the first attempt is closed at its service before the second is opened, and only the second can be paid', async () => {
        const { key, attempt } = await orderAt(world, till);
        const second = await startAt(world, other, key);
        const { attempts } = await booksOf(world, key);
        assert.deepEqual(
          attempts.map((one) => [one.attemptRef, one.state]),
          [
            [attempt.attemptRef, 'closed'],
            [second.attemptRef, 'pending'],
          ],
        );
        await other.pay(second.attemptRef);
        await assertPaidOnce(world, key, second);
      });

      test('15: the cashier is open and close gets no clear answer: the driver waits; he insists, and the double is refunded once', async () => {
        const { key, attempt } = await orderAt(world, till);
        till.trouble('close', 'rate_limited', 2);
        const waits = await pressPay(world, key, other.way);
        assert.equal(isRefusal(waits) ? waits.refusal : 'opened', 'payment_in_progress');
        assert.equal((await booksOf(world, key)).attempts.length, 1);
        const second = await startAt(world, other, key, { insists: true });
        await other.pay(second.attemptRef);
        await till.pay(attempt.attemptRef);
        const { permit, refunds } = await booksOf(world, key);
        assert.equal(permit?.attemptRef, second.attemptRef);
        assert.deepEqual(
          refunds.map((one) => [one.attemptRef, one.reason]),
          [[attempt.attemptRef, 'second_payment']],
        );
        await goRound();
        await world.timeline.advance(minuteMs);
        await goRound();
        assert.equal(till.givenBack(attempt.attemptRef), attempt.amountMinor);
        assert.equal(other.givenBack(second.attemptRef), 0);
      });

      test('16: close says that it was paid: the switch is called off, and the order has its permit', async () => {
        const { key, attempt } = await orderAt(world, till);
        await till.pay(attempt.attemptRef, { quietly: true });
        const answer = await pressPay(world, key, other.way);
        assert.equal(isRefusal(answer) ? answer.refusal : 'opened', 'order_already_paid');
        await assertPaidOnce(world, key, attempt);
      });

      test('18: both attempts are paid: the first that we hear of gives the permit, the second is kept, acknowledged and refunded once', async () => {
        const { key, attempt } = await orderAt(world, till);
        till.trouble('close', 'server_error', 1);
        const second = await startAt(world, other, key, { insists: true });
        await Promise.all([till.pay(attempt.attemptRef), other.pay(second.attemptRef)]);
        const { permit, refunds, attempts } = await booksOf(world, key);
        assert.equal(refunds.length, 1);
        assert.deepEqual(
          new Set([permit?.attemptRef, refunds[0]?.attemptRef]),
          new Set(attempts.map((one) => one.attemptRef)),
        );
        assert.equal(refunds[0]?.reason, 'second_payment');
        for (let round = 0; round < 3; round += 1) {
          await goRound();
          await world.timeline.advance(minuteMs);
        }
        const loser = refunds[0]?.attemptRef === attempt.attemptRef ? till : other;
        assert.equal(loser.givenBack(refunds[0]?.attemptRef ?? ''), refunds[0]?.amountMinor);
      });

      test('19: paid three seconds after the order was over: never revived, all of it goes back', async () => {
        const { key, attempt } = await orderAt(world, till);
        await world.timeline.advance(orderLifetimeMs + 3 * secondMs);
        await till.pay(attempt.attemptRef, { late: true });
        const { permit, refunds } = await booksOf(world, key);
        assert.deepEqual(
          [permit, refunds.map((one) => [one.reason, one.amountMinor])],
          [null, [['late_payment', attempt.amountMinor]]],
        );
        await goRound();
        assert.equal((await booksOf(world, key)).permit, null);
      });

      test('20: news of an older attempt that was closed comes after a newer one was paid: recorded on the attempt alone', async () => {
        const { key, attempt } = await orderAt(world, till);
        const second = await startAt(world, other, key);
        await other.pay(second.attemptRef);
        for (const state of ['closed', 'pending'] as const) {
          const provider = till.provider();
          await world.journey.settlePayment.apply({
            provider,
            fact: {
              source: 'query',
              attemptRef: attempt.attemptRef,
              state,
              liveMode: provider.merchant.liveMode,
              authenticated: true,
              evidence: { receivedAt: world.timeline.now(), bodySha256: '' },
            },
          });
        }
        await assertPaidOnce(world, key, second);
      });

      test('20: "closed" after "paid" of the same attempt changes nothing', async () => {
        const { key, attempt } = await orderAt(world, till);
        await till.pay(attempt.attemptRef);
        const provider = till.provider();
        const evidence = { receivedAt: world.timeline.now(), bodySha256: '' };
        const { attemptRef } = attempt;
        const { liveMode } = provider.merchant;
        await world.journey.settlePayment.apply({
          provider,
          fact: { source: 'notification', attemptRef, state: 'closed', liveMode, authenticated: true, evidence },
        });
        await assertPaidOnce(world, key, attempt);
      });

      test('the driver cancels: the attempt is closed there, and nothing can be paid any more, or it goes back', async () => {
        const { key, attempt } = await orderAt(world, till);
        const ended = await world.journey.endOrder(key, 'cancelled');
        assert.ok(!isRefusal(ended));
        const paid = await till.pay(attempt.attemptRef).then(
          () => true,
          () => false,
        );
        const { permit, refunds } = await booksOf(world, key);
        assert.deepEqual([permit, refunds.map((one) => one.reason)], [null, paid ? ['late_payment'] : []]);
      });
    });
  }

  test("17: Alipay knows no trade while its code is in the driver's hand: not dead, another attempt is open, and if both are paid the second goes back", async () => {
    const [, alipay, stripe] = tills;
    if (alipay === undefined || stripe === undefined) return assert.fail('no tills');
    const { key, attempt } = await orderAt(world, alipay);
    const second = await startAt(world, stripe, key);
    const closed = (await booksOf(world, key)).attempts[0];
    assert.equal(closed?.state, 'closed');
    assert.ok((closed?.mayBePaidUntil ?? 0) > world.timeline.now(), 'it is looked after until its code is void');
    await stripe.pay(second.attemptRef);
    await alipay.pay(attempt.attemptRef, { quietly: true });
    // Nobody tells us: it is found by looking again.
    await world.timeline.advance(30 * secondMs);
    await goRound();
    const { permit, refunds } = await booksOf(world, key);
    assert.deepEqual(
      [permit?.attemptRef, refunds.map((one) => [one.attemptRef, one.reason])],
      [second.attemptRef, [[attempt.attemptRef, 'second_payment']]],
    );
  });

  test('17: a code that nobody scanned is looked after every half minute until it is void, every two minutes for ten more, and then no more', async () => {
    const alipay = tills[1] ?? assert.fail('no Alipay');
    const { key, attempt } = await orderAt(world, alipay);
    await world.journey.endOrder(key, 'cancelled');
    const closes = () => alipay.calls('close', attempt.attemptRef);
    const storedAttempt = async () => (await booksOf(world, key)).attempts[0] ?? assert.fail('no attempt');
    const { mayBePaidUntil } = await storedAttempt();
    const untilVoidMs = (mayBePaidUntil ?? 0) - world.timeline.now();
    assert.ok(untilVoidMs > 5 * minuteMs);
    const before = closes();
    const looksUntilVoid = Math.ceil(untilVoidMs / (30 * secondMs));
    for (let look = 1; look <= looksUntilVoid + 5; look += 1) {
      await world.timeline.advance(((await storedAttempt()).pollAt ?? 0) - world.timeline.now());
      await goRound();
      assert.equal(closes(), before + look);
      if (look === looksUntilVoid) assert.equal(world.timeline.now(), mayBePaidUntil);
    }
    assert.equal(world.timeline.now(), (mayBePaidUntil ?? 0) + lateMoneyGraceMs);
    await world.timeline.advance(30 * minuteMs);
    await goRound();
    assert.deepEqual([closes() - before, (await storedAttempt()).pollAt], [looksUntilVoid + 5, null]);
  });

  test('17: a code is paid in its last second, nobody tells us, and its service shows it a minute later: it is found, and goes back', async () => {
    const alipay = tills[1] ?? assert.fail('no Alipay');
    const { key, attempt } = await orderAt(world, alipay);
    await world.journey.endOrder(key, 'cancelled');
    const { mayBePaidUntil } = (await booksOf(world, key)).attempts[0] ?? assert.fail('no attempt');
    while (world.timeline.now() < (mayBePaidUntil ?? 0)) {
      await world.timeline.advance(30 * secondMs);
      await goRound();
    }
    await world.timeline.advance(minuteMs);
    await alipay.pay(attempt.attemptRef, { quietly: true, late: true });
    await world.timeline.advance(2 * minuteMs);
    await goRound();
    const { permit, refunds } = await booksOf(world, key);
    assert.deepEqual([permit, refunds.map((one) => one.reason)], [null, ['late_payment']]);
  });
});
