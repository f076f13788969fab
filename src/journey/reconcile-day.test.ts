import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { formatInstant } from '../base/clock.ts';
import type { OrderKey } from '../order/order.ts';
import { insertExplanation } from '../payment/difference.sql.ts';
import type { BillRow } from '../payment/provider/provider.ts';
import { findFacts } from '../payment/fact.sql.ts';
import {
  booksOf,
  findBroken,
  forgetOrders,
  openTestJourney,
  orderAndStart,
  pay,
  type TestJourney,
} from '../testing/journey.ts';
import {
  advanceToHour,
  balancesOf,
  differencesOf,
  printPermit,
  providerOf,
  reconcile,
  withBill,
} from '../testing/reconciliation.ts';
import { sendStolen } from '../testing/stolen-notification.ts';

const payable = 19_442;
const fee = 117;

describe('reconciling a day', () => {
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

  /** The morning after, when the bill of the day is made. */
  async function nextMorning(): Promise<void> {
    await advanceToHour(world, 11);
    world.alarms.length = 0;
  }

  async function buy(): Promise<{ key: OrderKey; attemptRef: string }> {
    const { key, attempt } = await orderAndStart(world);
    await pay(world, attempt.attemptRef);
    await printPermit(world, key);
    return { key, attemptRef: attempt.attemptRef };
  }

  /** Paid at the service; every word of it gets lost, and the order has ended. */
  async function payUnheard(): Promise<{ key: OrderKey; attemptRef: string }> {
    const { key, attempt } = await orderAndStart(world);
    await world.journey.endOrder(key, 'cancelled');
    world.wechatPay.control.addFault({ operation: 'notify', kind: 'drop', times: 16 });
    await pay(world, attempt.attemptRef, { evenIfLate: true });
    return { key, attemptRef: attempt.attemptRef };
  }

  const kindsOf = async (day: string) =>
    (await differencesOf(world, day)).map(({ kind, resolvedAt }) => `${kind}${resolvedAt === null ? '' : ' resolved'}`);

  /** What the service's bill of the day sums to beside what the ledger holds at the service. */
  const clearing = async (): Promise<number> => (await balancesOf(world))['clearing:wechat-pay'] ?? 0;

  test('a day on which both say the same has no difference; its fees are booked once, and a second run changes nothing', async () => {
    const day = await advanceToHour(world, 12);
    const before = await clearing();
    const bought = [await buy(), await buy()];
    await nextMorning();
    const done = await reconcile(world, day);
    assert.deepEqual(
      [done.failure, done.isOver, done.matched, done.differences],
      [null, true, { payments: 2, refunds: 0 }, []],
    );
    assert.deepEqual(done.totals, [
      {
        currency: 'CNY',
        paymentCount: 2,
        paidMinor: 2 * payable,
        refundCount: 0,
        refundedMinor: 0,
        otherCount: 0,
        otherMinor: 0,
        feesMinor: 2 * fee,
      },
    ]);
    assert.deepEqual(await balancesOf(world, bought[0]?.key.orderId), {
      'clearing:wechat-pay': payable - fee,
      'customer-liability': 0 - payable,
      'fees:wechat-pay': fee,
    });
    const booked = await balancesOf(world);
    const again = await reconcile(world, day);
    assert.deepEqual([again, await balancesOf(world)], [done, booked]);
    assert.equal((await clearing()) - before, 2 * (payable - fee));
    assert.deepEqual(world.alarms, []);
  });

  test('the bill has a payment that is held as unpaid: it becomes a fact, goes back whole, gives no permit, and the day closes by itself', async () => {
    const day = await advanceToHour(world, 12);
    const { key, attemptRef } = await payUnheard();
    assert.deepEqual(await balancesOf(world, key.orderId), {});
    await nextMorning();
    const done = await reconcile(world, day);
    const { order, permit, refunds } = await booksOf(world, key);
    assert.deepEqual(
      [order.state, permit, refunds.map(({ reason, state }) => [reason, state])],
      ['cancelled', null, [['late_payment', 'due']]],
    );
    const facts = await findFacts(world.journey.db, key.stationNumber, attemptRef);
    assert.deepEqual(
      facts.filter(({ source }) => source === 'bill').map(({ judgement }) => judgement),
      ['late_payment'],
    );
    assert.deepEqual(done.differences, [
      { kind: 'paid_there_not_here', openCount: 0, explainedCount: 0, resolvedCount: 1 },
    ]);
    assert.deepEqual(await balancesOf(world, key.orderId), {
      'clearing:wechat-pay': payable - fee,
      'customer-liability': 0,
      'fees:wechat-pay': fee,
      'refunds-payable': 0 - payable,
    });
  });

  test('the bill has the payment of an order that nobody ended, since no janitor went round: its driver has left, and it goes back like any late one', async () => {
    const day = await advanceToHour(world, 12);
    const { key, attempt } = await orderAndStart(world);
    world.wechatPay.control.addFault({ operation: 'notify', kind: 'drop', times: 16 });
    await pay(world, attempt.attemptRef);
    await nextMorning();
    await reconcile(world, day);
    const { permit, refunds } = await booksOf(world, key);
    assert.deepEqual([permit, refunds.map(({ reason }) => reason)], [null, ['late_payment']]);
    assert.deepEqual(await kindsOf(day), ['paid_there_not_here resolved']);
  });

  test('the bill of a day that still goes on has the payment of an order that waits: the judge believes it like any fact, and there is a permit', async () => {
    const day = await advanceToHour(world, 12);
    const { key, attempt } = await orderAndStart(world);
    const at = world.timeline.now();
    await world.timeline.advance(60_000);
    const row = { kind: 'payment', attemptRef: attempt.attemptRef, providerPaymentId: '42', at } as const;
    const provider = withBill(providerOf(world.journey), [{ ...row, amount: { minor: payable, currency: 'CNY' } }]);
    const done = await reconcile(world, day, { provider });
    const { order, permit } = await booksOf(world, key);
    assert.deepEqual([done.isOver, order.state, permit?.attemptRef], [false, 'paid', attempt.attemptRef]);
    await printPermit(world, key);
  });

  test('the bill lacks a payment that is held as paid: it stands in suspense, a person is told, and the permit is shown with all that became of it', async () => {
    const day = await advanceToHour(world, 12);
    const { key, attempt } = await orderAndStart(world);
    await sendStolen(world, attempt.attemptRef);
    await printPermit(world, key);
    await nextMorning();
    const done = await reconcile(world, day);
    assert.deepEqual(done.differences, [
      { kind: 'paid_here_not_there', openCount: 1, explainedCount: 0, resolvedCount: 0 },
    ]);
    assert.deepEqual(world.alarms, ['reconciliation_difference']);
    const [difference] = await differencesOf(world, day);
    assert.ok(difference !== undefined);
    const { permit } = await booksOf(world, key);
    assert.deepEqual(
      [difference.reference, difference.orderId, difference.detail['station'], difference.detail['pump']],
      [attempt.attemptRef, key.orderId, 1003, 3],
    );
    const at = formatInstant(permit?.stateAt ?? 0);
    assert.deepEqual(difference.detail['permit'], {
      permitId: permit?.permitId,
      state: 'printed',
      issuedAt: formatInstant(permit?.issuedAt ?? 0),
      stateAt: at,
      reports: [{ state: 'printed', at, deviceId: 'printer-1' }],
    });
    assert.deepEqual(await balancesOf(world, key.orderId), {
      'clearing:wechat-pay': 0,
      'customer-liability': 0 - payable,
      suspense: payable,
    });
    assert.deepEqual(await findBroken(world), []);
    // The day closes when a person has said what it was; what was found stands for ever.
    await insertExplanation(world.journey.db, difference, {
      at: world.timeline.now(),
      by: 'Wang Fang',
      reason: 'stolen key',
    });
    const again = await reconcile(world, day);
    assert.deepEqual(again.differences, [
      { kind: 'paid_here_not_there', openCount: 0, explainedCount: 1, resolvedCount: 0 },
    ]);
    assert.deepEqual(world.alarms, ['reconciliation_difference']);
    for (const change of [
      'update differences set kind = $1',
      'delete from differences where kind <> $1',
      'update difference_explanations set reason = $1',
    ])
      await assert.rejects(world.journey.db.query(change, ['x']), /append only|never change/, change);
  });

  test('a payment that a bill lacked and then has is resolved by itself, and suspense is empty; when it is gone again, that is found anew', async () => {
    const day = await advanceToHour(world, 12);
    const before = await balancesOf(world);
    const { key } = await buy();
    await nextMorning();
    const provider = providerOf(world.journey);
    const empty = withBill(provider, []);
    await reconcile(world, day, { provider: empty });
    assert.deepEqual(await kindsOf(day), ['paid_here_not_there']);
    const found = await reconcile(world, day);
    assert.deepEqual([found.bill?.cameCount, found.bill?.wentCount, found.bill?.changedRows.length], [1, 0, 1]);
    assert.deepEqual(await kindsOf(day), ['paid_here_not_there resolved']);
    assert.equal((await balancesOf(world, key.orderId))['suspense'], 0);
    await reconcile(world, day, { provider: empty });
    assert.deepEqual(await kindsOf(day), ['paid_here_not_there resolved', 'paid_here_not_there']);
    await reconcile(world, day);
    assert.equal((await balancesOf(world))['suspense'], before['suspense']);
    assert.equal(new Set((await differencesOf(world, day)).map(({ differenceId }) => differenceId)).size, 2);
  });

  test('a refund that stands in the bill and is known here matches, and its fee comes back', async () => {
    const day = await advanceToHour(world, 12);
    const { key, attempt } = await orderAndStart(world);
    await world.journey.endOrder(key, 'cancelled');
    await pay(world, attempt.attemptRef, { evenIfLate: true });
    await world.journey.janitor.run();
    await world.timeline.advance(3_000);
    await nextMorning();
    const done = await reconcile(world, day);
    assert.deepEqual([done.matched, done.differences], [{ payments: 1, refunds: 1 }, []]);
    assert.deepEqual(await balancesOf(world, key.orderId), {
      'clearing:wechat-pay': 0,
      'customer-liability': 0,
      'fees:wechat-pay': 0,
      'refunds-payable': 0,
    });
  });

  test('a refund that a person made at the service and nobody told us of is found in the bill, and its permit is void', async () => {
    const day = await advanceToHour(world, 12);
    const { key, attemptRef } = await buy();
    await nextMorning();
    const at = world.timeline.now() - 20 * 3_600_000;
    const rows: readonly BillRow[] = [
      {
        kind: 'refund',
        attemptRef,
        refundRef: 'BY-HAND-1',
        providerPaymentId: '42',
        amount: { minor: payable, currency: 'CNY' },
        at,
      },
      { kind: 'payment', attemptRef, providerPaymentId: '42', amount: { minor: payable, currency: 'CNY' }, at },
    ];
    await reconcile(world, day, { provider: withBill(providerOf(world.journey), rows) });
    const { order, permit, refunds } = await booksOf(world, key);
    assert.deepEqual(
      [order.state, permit?.state, refunds.map(({ reason, refundRef }) => [reason, refundRef])],
      ['refunded', 'revoked', [['elsewhere', 'BY-HAND-1']]],
    );
    assert.deepEqual(await kindsOf(day), ['refund_there_not_here resolved']);
  });

  test('other sums, another currency, a second row, a changed fee, foreign rows and chargebacks are each found by name, and the ledger holds what the bill says', async () => {
    const day = await advanceToHour(world, 12);
    const before = await clearing();
    const [less, more, twice, usd] = [await buy(), await buy(), await buy(), await buy()];
    await nextMorning();
    const at = world.timeline.now() - 20 * 3_600_000;
    const row = (attemptRef: string, minor: number, changes: Partial<BillRow> = {}): BillRow => ({
      kind: 'payment',
      attemptRef,
      providerPaymentId: `at-service-${attemptRef}`,
      amount: { minor, currency: 'CNY' },
      feeMinor: fee,
      at,
      ...changes,
    });
    const rows: readonly BillRow[] = [
      row(less.attemptRef, payable - 1),
      row(more.attemptRef, payable + 5),
      row(twice.attemptRef, payable),
      row(twice.attemptRef, payable),
      row(usd.attemptRef, 3_000, { amount: { minor: 3_000, currency: 'USD' }, feeMinor: 18 }),
      row('SHOP-TILL-77', 500),
      row('SHOP-TILL-77', 200, { kind: 'refund', refundRef: 'SHOP-BACK-1', feeMinor: -1 }),
      row('', -900, { kind: 'other', feeMinor: 1_500, description: '=HYPERLINK("chargeback")' }),
      row('', -900, { kind: 'other', feeMinor: 0, description: 'again' }),
    ];
    const provider = providerOf(world.journey);
    const done = await reconcile(world, day, { provider: withBill(provider, rows) });
    const expected = [
      'amount',
      'amount',
      'currency',
      'foreign_payment',
      'foreign_refund',
      'other',
      'other',
      'paid_twice_there',
    ];
    assert.deepEqual([await kindsOf(day), done.matched], [expected, { payments: 1, refunds: 0 }]);
    const ids = (await differencesOf(world, day)).map(({ differenceId }) => differenceId);
    // Clearing is what the bill nets, in the currency that it is kept in.
    const net = payable - 1 + payable + 5 + 2 * payable + 500 - 200 - 900 - 900 - (fee * 5 - 1 + 1_500);
    const cny = await world.journey.db.query<{ minor: number }>(
      `select sum(case when debit_account = 'clearing:wechat-pay' then amount_minor else 0 - amount_minor end)::bigint as minor
       from ledger_transfers where currency = 'CNY' and 'clearing:wechat-pay' in (debit_account, credit_account)`,
    );
    assert.equal((cny[0]?.minor ?? 0) - before, net);
    // The order of rows does not matter, and a fee that has changed is one difference more.
    const shuffled = rows
      .toReversed()
      .map((one) => (one.attemptRef === less.attemptRef ? { ...one, feeMinor: fee + 3 } : one));
    await reconcile(world, day, { provider: withBill(provider, shuffled) });
    const later = await differencesOf(world, day);
    assert.deepEqual(
      later.filter(({ kind }) => kind !== 'fee').map(({ differenceId }) => differenceId),
      ids,
    );
    assert.deepEqual(later.filter(({ resolvedAt }) => resolvedAt === null).length, ids.length + 1);
    assert.deepEqual(await findBroken(world), []);
  });

  test('money and permit that do not belong together are found by the trade: no permit, never printed, printed though revoked', async () => {
    const day = await advanceToHour(world, 12);
    const unprinted = await orderAndStart(world);
    await pay(world, unprinted.attempt.attemptRef);
    const revoked = await orderAndStart(world);
    await pay(world, revoked.attempt.attemptRef);
    const stuck = await orderAndStart(world);
    await world.journey.endOrder(stuck.key, 'cancelled');
    world.wechatPay.control.endNextRefunds('ABNORMAL');
    await pay(world, stuck.attempt.attemptRef, { evenIfLate: true });
    await world.journey.janitor.run();
    await world.timeline.advance(3_000);
    const { merchantId } = providerOf(world.journey).merchant;
    const fact = {
      source: 'query',
      attemptRef: revoked.attempt.attemptRef,
      state: 'refunded',
      amount: { minor: payable, currency: 'CNY' },
      refundedMinor: payable,
      merchantId,
      appId: revoked.attempt.appId,
      liveMode: true,
      authenticated: true,
      evidence: { receivedAt: 0, bodySha256: '' },
    } as const;
    await world.journey.settlePayment.apply({ provider: providerOf(world.journey), fact });
    await world.timeline.advance(1_000);
    await printPermit(world, revoked.key);
    await nextMorning();
    await reconcile(world, day);
    const trade = (await differencesOf(world, day)).filter(({ kind }) => /permit/.test(kind));
    assert.deepEqual(
      trade.map(({ kind, orderId }) => [kind, orderId]),
      [
        ['paid_without_permit', stuck.key.orderId],
        ['permit_never_printed', unprinted.key.orderId],
        ['printed_without_permit', revoked.key.orderId],
      ],
    );
    assert.ok(
      trade.every(
        ({ detail }) => detail['station'] === 1003 && detail['pump'] === 3 && detail['hereMinor'] === payable,
      ),
    );
    // The station's word comes late: the permit was out after all.
    await printPermit(world, unprinted.key);
    await reconcile(world, day);
    assert.deepEqual(
      (await kindsOf(day)).filter((kind) => kind.startsWith('permit_never')),
      ['permit_never_printed resolved'],
    );
  });

  test('after all of this the rows are in order', async () => {
    assert.deepEqual(await findBroken(world), []);
  });
});
