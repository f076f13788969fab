import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { makeOrderId } from '../base/ids.ts';
import { systemRandom } from '../base/random.ts';
import type { BillRow } from '../payment/provider/provider.ts';
import { findBroken, forgetOrders, openTestJourney, type TestJourney } from '../testing/journey.ts';
import {
  advanceToHour,
  balancesOf,
  differencesOf,
  providerOf,
  reconcile,
  withBill,
} from '../testing/reconciliation.ts';

const inTheBill = 555;

describe('a payment of another till, told by the bill and by a notification', () => {
  let world: TestJourney;
  let day: string;

  before(async () => {
    world = await openTestJourney();
  });
  afterEach(async () => {
    world.alarms.length = 0;
    await forgetOrders(world);
  });
  after(() => world.stop());

  /** The morning after a day whose bill has the one payment. */
  async function billWith(attemptRef: string): Promise<() => Promise<unknown>> {
    day = await advanceToHour(world, 12);
    const at = world.timeline.now();
    const row: BillRow = {
      kind: 'payment',
      attemptRef,
      providerPaymentId: `at-service-${attemptRef}`,
      amount: { minor: inTheBill, currency: 'CNY' },
      at,
    };
    await advanceToHour(world, 11);
    return () => reconcile(world, day, { provider: withBill(providerOf(world.journey), [row]) });
  }

  async function notify(attemptRef: string, minor = inTheBill): Promise<void> {
    const provider = providerOf(world.journey);
    const { merchantId, appId, liveMode } = provider.merchant;
    const fact = {
      source: 'notification',
      attemptRef,
      state: 'paid',
      providerPaymentId: `at-service-${attemptRef}`,
      amount: { minor, currency: 'CNY' },
      merchantId,
      appId,
      liveMode,
      authenticated: true,
      evidence: { receivedAt: world.timeline.now(), bodySha256: '' },
    } as const;
    assert.equal(await world.journey.settlePayment.apply({ provider, fact }), 'attempt_unknown');
  }

  /** What clearing and suspense moved by since `before`. */
  async function movedSince(before: Readonly<Record<string, number>>): Promise<readonly number[]> {
    const now = await balancesOf(world);
    return ['clearing:wechat-pay', 'suspense'].map((account) => (now[account] ?? 0) - (before[account] ?? 0));
  }

  const states = async () =>
    (await differencesOf(world, day)).map(({ kind, resolvedAt }) => `${kind}${resolvedAt === null ? '' : ' resolved'}`);

  test('the notification comes after the bill: the audit finds it booked twice, and the next run books the first back', async () => {
    const run = await billWith('OTHERTILL00001');
    const before = await balancesOf(world);
    await run();
    assert.deepEqual(await movedSince(before), [inTheBill, -inTheBill]);
    assert.deepEqual(await findBroken(world), []);
    await notify('OTHERTILL00001');
    assert.deepEqual(await findBroken(world), [
      'a payment that no order of ours can take stands in suspense with what the bill has of it: OTHERTILL00001',
    ]);
    await run();
    assert.deepEqual(await movedSince(before), [inTheBill, -inTheBill]);
    assert.deepEqual(await states(), ['foreign_payment resolved', 'foreign_payment']);
    assert.deepEqual(await findBroken(world), []);
    await run();
    assert.deepEqual(await movedSince(before), [inTheBill, -inTheBill]);
    assert.deepEqual(await states(), ['foreign_payment resolved', 'foreign_payment']);
  });

  test('the notification comes before the bill: it is booked once, and the difference stands without a sum of its own', async () => {
    const run = await billWith('OTHERTILL00002');
    const before = await balancesOf(world);
    await notify('OTHERTILL00002');
    await run();
    await run();
    assert.deepEqual(await movedSince(before), [inTheBill, -inTheBill]);
    assert.deepEqual(await states(), ['foreign_payment']);
    assert.deepEqual(await findBroken(world), []);
  });

  test('a late notification of another sum leaves in suspense what the bill has, and no more', async () => {
    const run = await billWith('OTHERTILL00003');
    const before = await balancesOf(world);
    await run();
    await notify('OTHERTILL00003', 500);
    await run();
    assert.deepEqual(await movedSince(before), [inTheBill, -inTheBill]);
    assert.deepEqual(await findBroken(world), []);
  });

  test('a reference that begins like one of ours and is none is booked once too', async () => {
    const attemptRef = `${makeOrderId(1003, world.timeline.now(), systemRandom)}TILL1`;
    const run = await billWith(attemptRef);
    const before = await balancesOf(world);
    await run();
    await notify(attemptRef);
    await run();
    assert.deepEqual(await movedSince(before), [inTheBill, -inTheBill]);
    assert.deepEqual(await findBroken(world), []);
  });
});
