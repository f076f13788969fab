import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { minuteMs } from '../base/clock.ts';
import { isRefusal } from '../base/problem.ts';
import { netOf } from '../payment/bill.ts';
import type { OrderKey } from '../order/order.ts';
import { findDifferencesPage } from '../payment/difference.sql.ts';
import type { PaymentProvider } from '../payment/provider/provider.ts';
import { newKey } from '../testing/cloud.ts';
import { booksOf, findBroken, openTestJourney, orderAndStart, type TestJourney, until } from '../testing/journey.ts';
import { advanceToHour, balancesOf, printPermit, reconcile } from '../testing/reconciliation.ts';

/** A surface of each service, and a station that takes its currency. */
const services = [
  { id: 'wechat-pay', surface: 'wechat.native' },
  { id: 'alipay', surface: 'alipay.qr' },
  { id: 'stripe', surface: 'card.hosted' },
] as const;
type Service = (typeof services)[number];

describe('reconciling a day of every service with its own bill', () => {
  let world: TestJourney;

  before(async () => {
    world = await openTestJourney({ more: ['alipay', 'stripe'] });
  });
  after(() => world.stop());

  const providerOf = (id: string): PaymentProvider =>
    world.journey.accounts.named(id, 'main') ?? assert.fail(`no account at ${id}`);

  /** Pays at the service's till. Where it is heard of, the permit is printed; else every notification of it gets lost. */
  async function payAt({ id, surface }: Service, isHeard: boolean): Promise<OrderKey> {
    const { key, attempt } = await orderAndStart(world, { method: id, surface });
    const { desk } = world.simulators[id] ?? assert.fail(`no simulator of ${id}`);
    desk.clearFaults();
    if (!isHeard) desk.addFault({ operation: 'notify', kind: 'drop', times: 20 });
    assert.equal(desk.pay(attempt.attemptRef, { kind: 'at_once' }), null);
    if (!isHeard) return key;
    await until(async () => (await booksOf(world, key)).permit !== null);
    await printPermit(world, key);
    return key;
  }

  async function giveBack(key: OrderKey, amountMinor: number): Promise<void> {
    const wish = { idempotencyKey: newKey(), reason: 'pump broke', by: 'Wang Fang', evenIfRedeemed: false };
    const refunded = await world.journey.refundOrder({ ...key, ...wish, amountMinor });
    assert.ok(!isRefusal(refunded), JSON.stringify(refunded));
    await until(async () => {
      await world.timeline.advance(minuteMs);
      await world.journey.janitor.run();
      return (await booksOf(world, key)).refunds.every(({ state }) => state === 'succeeded');
    });
  }

  /** What the ledger holds of an account, in the one currency that the test pays in. */
  const standing = async (account: string): Promise<number> => (await balancesOf(world))[account] ?? 0;

  for (const service of services) {
    test(`${service.id}: what was paid, given back, charged for and not heard of ends in the ledger as it stands in the bill`, async () => {
      const day = await advanceToHour(world, 12);
      const provider = providerOf(service.id);
      const bought = await payAt(service, true);
      await giveBack(bought, 5_000);
      const unheard = await payAt(service, false);
      await advanceToHour(world, 11);
      const done = await reconcile(world, day, { provider });
      assert.deepEqual([done.failure, done.isOver, done.matched], [null, true, { payments: 2, refunds: 1 }]);
      const found = await findDifferencesPage(world.journey.db, done, null, 100);
      assert.deepEqual(
        found.map(({ kind, orderId, resolvedAt }) => [kind, orderId, resolvedAt === null]),
        [['paid_there_not_here', unheard.orderId, false]],
      );
      assert.deepEqual(
        (await booksOf(world, unheard)).refunds.map(({ reason, state }) => [reason, state]),
        [['late_payment', 'due']],
      );
      const [totals, ...others] = done.totals;
      assert.ok(totals !== undefined && others.length === 0);
      const { paidMinor, refundedMinor, feesMinor } = totals;
      assert.deepEqual([paidMinor, refundedMinor], [2 * 19_442, 5_000]);
      assert.ok(feesMinor > 0);
      assert.deepEqual(
        [await standing(`clearing:${service.id}`), await standing(`fees:${service.id}`), await standing('suspense')],
        [paidMinor - refundedMinor - feesMinor, feesMinor, 0],
      );
      assert.deepEqual(await reconcile(world, day, { provider }), done);
    });
  }

  test("stripe: a refund that the payer's bank sends back is learned from the bill, is owed again, and is no difference; the first day's bill does not undo that", async () => {
    const day = await advanceToHour(world, 12);
    const provider = providerOf('stripe');
    const before = await standing('clearing:stripe');
    const key = await payAt(services[2], true);
    await giveBack(key, 4_000);
    await advanceToHour(world, 11);
    const first = await reconcile(world, day, { provider });
    const nextDay = await advanceToHour(world, 12);
    const { control } = world.simulators.stripe ?? assert.fail('no Stripe');
    const [refund] = (await booksOf(world, key)).refunds;
    world.simulators.stripe?.desk.addFault({ operation: 'notify', kind: 'drop', times: 60 });
    assert.equal(control.endRefund(refund?.refundRef ?? '', 'failed'), true);
    await advanceToHour(world, 11);
    const second = await reconcile(world, nextDay, { provider });
    const [owed] = (await booksOf(world, key)).refunds;
    assert.deepEqual([owed?.state, owed?.bounces], ['abnormal', 1]);
    assert.deepEqual(
      second.differences.map(({ kind, openCount, resolvedCount }) => [kind, openCount, resolvedCount]),
      [['other', 0, 1]],
    );
    // Stripe now tells of the first day's refund that it failed later.
    const again = await reconcile(world, day, { provider });
    assert.deepEqual(
      [again.failure, again.differences, (await booksOf(world, key)).refunds[0]?.state],
      [null, [], 'abnormal'],
    );
    const billed = [...first.totals, ...second.totals].reduce((sum, one) => sum + netOf(one), 0);
    assert.deepEqual([(await standing('clearing:stripe')) - before, await standing('suspense')], [billed, 0]);
  });

  test('after all of this the rows are in order', async () => {
    assert.deepEqual(await findBroken(world), []);
  });
});
