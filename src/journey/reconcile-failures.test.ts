import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, afterEach, before, describe, test } from 'node:test';
import { dayMs, minuteMs, secondMs } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import { claimDay } from '../payment/bill.sql.ts';
import { daysBefore } from '../payment/bill-day.ts';
import { type BillRow, type PaymentProvider, ProviderError } from '../payment/provider/provider.ts';
import { createWechatPay, type WechatPayOptions } from '../payment/provider/wechat-pay/wechat-pay.ts';
import { forgetOrders, openTestJourney, orderAndStart, pay, type TestJourney } from '../testing/journey.ts';
import { advanceToHour, differencesOf, providerOf, reconcile, withBill } from '../testing/reconciliation.ts';
import { accountsWithBills } from './reconcile-day.ts';

describe('what can go wrong when a day is reconciled', () => {
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

  async function payAtNoon(): Promise<{ day: string; attemptRef: string }> {
    const day = await advanceToHour(world, 12);
    const { attempt } = await orderAndStart(world);
    await pay(world, attempt.attemptRef);
    return { day, attemptRef: attempt.attemptRef };
  }

  const rowsKept = async (): Promise<number> =>
    (await world.journey.db.query<{ count: number }>('select count(*) as count from bill_rows'))[0]?.count ?? 0;

  /** The same account opened with something else, opposite the same simulator. */
  const openedWith = (changes: Partial<WechatPayOptions>): PaymentProvider =>
    createWechatPay({
      ...world.wechatPay.credentials,
      baseUrl: world.wechatPay.url,
      fetch,
      clock: () => world.timeline.now(),
      random: systemRandom,
      ...changes,
    });

  test('a bill that is not made yet is said so, with when to come again; then it is read', async () => {
    const { day } = await payAtNoon();
    await advanceToHour(world, 9);
    world.alarms.length = 0;
    const early = await reconcile(world, day);
    assert.match(
      early.failure ?? '',
      /there is no whole bill of the day yet .*STATEMENT_CREATING.*10:30 of the next day/,
    );
    assert.deepEqual([early.bill, early.totals, world.alarms], [null, [], ['reconciliation_failed']]);
    const today = await reconcile(world, await advanceToHour(world, 10));
    assert.match(today.failure ?? '', /the day is not over/);
    assert.deepEqual(
      [(await reconcile(world, day)).failure, (await reconcile(world, day)).matched.payments],
      [null, 1],
    );
  });

  test('a bill that was cut on the way is refused whole, however far it came, and what was read before counts on', async () => {
    const { day } = await payAtNoon();
    await advanceToHour(world, 11);
    const whole = await reconcile(world, day);
    const kept = await rowsKept();
    const cut = openedWith({
      async fetch(target, init) {
        const answer = await fetch(target, init);
        if (!JSON.stringify(target).includes('billdownload')) return answer;
        const file = Buffer.from(await answer.arrayBuffer());
        return new Response(file.subarray(0, file.length - 40), { status: answer.status });
      },
    });
    assert.match((await reconcile(world, day, { provider: cut })).failure ?? '', /nothing of it was taken .*SHA-1/);
    assert.deepEqual([await rowsKept(), (await reconcile(world, day)).bill], [kept, whole.bill]);
  });

  test('a bill that ends in the middle of its rows, or turns out to be of another merchant, leaves no row and no difference behind', async () => {
    const { day, attemptRef } = await payAtNoon();
    await advanceToHour(world, 11);
    const kept = await rowsKept();
    const row: BillRow = {
      kind: 'payment',
      attemptRef,
      providerPaymentId: 'T',
      amount: { minor: 1, currency: 'CNY' },
      at: 0,
    };
    const endings = [
      [
        () => new ProviderError('unknown', 'bill', 'the bill is cut off'),
        /nothing of it was taken \(the bill is cut off\)/,
      ],
      [
        () => new ProviderError('integrity', 'bill', 'merchant 7 has a row of 8'),
        /not this account's.*merchant 7 has a row of 8/,
      ],
    ] as const;
    for (const [ending, sentence] of endings) {
      const provider: PaymentProvider = {
        ...providerOf(world.journey),
        async *bill() {
          for (let count = 0; count < 1_500; count += 1) yield { ...row, attemptRef: `${attemptRef}${count}` };
          throw ending();
        },
      };
      assert.match((await reconcile(world, day, { provider })).failure ?? '', sentence);
      assert.deepEqual(await differencesOf(world, day), []);
    }
    const odd = withBill(providerOf(world.journey), [{ ...row, amount: { minor: 1.5, currency: 'CNY' } }]);
    assert.match((await reconcile(world, day, { provider: odd })).failure ?? '', /row 1 of the bill moves 1\.5 CNY/);
    assert.equal((await reconcile(world, day)).failure, null);
    // What was left half read is gone with the next reading.
    assert.equal(await rowsKept(), kept + 1);
  });

  test('an account whose key is wrong, and a service that cannot be reached, are told with what to do', async () => {
    const { day } = await payAtNoon();
    await advanceToHour(world, 11);
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const wrongKey = await reconcile(world, day, { provider: openedWith({ merchantPrivateKey: privateKey }) });
    assert.match(wrongKey.failure ?? '', /does not take our key.*forecourt payments check/);
    world.wire.refused = true;
    assert.match((await reconcile(world, day)).failure ?? '', /cannot be reached/);
  });

  test('two nodes at once: one reconciles the day, the other says that it is being done, and nothing is there twice', async () => {
    const { day } = await payAtNoon();
    await advanceToHour(world, 11);
    const kept = await rowsKept();
    const other = await world.openNode();
    const outcomes = await Promise.all([reconcile(world, day), reconcile(world, day, { journey: other })]);
    const failures = outcomes.map(({ failure }) => failure?.slice(0, 22) ?? 'none');
    assert.deepEqual(new Set(failures), new Set(['none', 'another run is at work']));
    assert.equal(await rowsKept(), kept + 1);
    assert.deepEqual(
      (await differencesOf(world, day)).map(({ kind }) => kind),
      ['permit_never_printed'],
    );
  });

  test('a run that died in the middle of a day keeps it from nobody for long', async () => {
    const { day } = await payAtNoon();
    await advanceToHour(world, 11);
    const { id, merchant } = providerOf(world.journey);
    await claimDay(
      world.journey.db,
      { provider: id, merchantId: merchant.merchantId, day },
      world.timeline.now(),
      15 * minuteMs,
    );
    assert.match((await reconcile(world, day)).failure ?? '', /another run is at work/);
    await world.timeline.advance(15 * minuteMs);
    assert.equal((await reconcile(world, day)).failure, null);
  });

  describe('near midnight', () => {
    /** Paid ten seconds before midnight; `rows` are its bills by the day. */
    async function payBeforeMidnight(
      rows: (attemptRef: string, at: number) => Readonly<Record<string, readonly BillRow[]>>,
    ) {
      await advanceToHour(world, 23);
      await world.timeline.advance(59 * minuteMs + 50 * secondMs);
      const { attempt } = await orderAndStart(world);
      await pay(world, attempt.attemptRef);
      const bills = rows(attempt.attemptRef, world.timeline.now());
      const read: string[] = [];
      const provider: PaymentProvider = {
        ...providerOf(world.journey),
        async *bill(day) {
          read.push(day);
          yield* bills[day] ?? [];
        },
      };
      const nextDay = await advanceToHour(world, 11);
      return { provider, read, day: daysBefore(nextDay, 1), nextDay, attemptRef: attempt.attemptRef };
    }
    const rowOf = (attemptRef: string, at: number): BillRow => ({
      kind: 'payment',
      attemptRef,
      providerPaymentId: 'T',
      at,
      amount: { minor: 19_442, currency: 'CNY' },
    });
    const moneyKinds = async (day: string) =>
      (await differencesOf(world, day)).map(({ kind }) => kind).filter((kind) => !kind.includes('permit'));

    test('a payment that stands in the bill of the next day is missed on neither', async () => {
      const { provider, day, nextDay } = await payBeforeMidnight((attemptRef, at) => ({
        [new Date(at + 8 * 3_600_000 + dayMs).toISOString().slice(0, 10)]: [rowOf(attemptRef, at + 15 * secondMs)],
      }));
      await reconcile(world, day, { provider });
      assert.deepEqual(await moneyKinds(day), []);
      await advanceToHour(world, 11);
      assert.equal((await reconcile(world, nextDay, { provider })).matched.payments, 1);
      assert.deepEqual(await moneyKinds(nextDay), []);
    });

    test('the day before is read too where its bill was never read, before anything is called missing', async () => {
      const { provider, read, day, nextDay } = await payBeforeMidnight((attemptRef, at) => ({
        [new Date(at + 8 * 3_600_000).toISOString().slice(0, 10)]: [rowOf(attemptRef, at)],
      }));
      await advanceToHour(world, 11);
      await reconcile(world, nextDay, { provider });
      assert.deepEqual([read, await moneyKinds(nextDay)], [[nextDay, day], []]);
    });

    test('what no bill has is found on the day whose bill was its last chance', async () => {
      const { provider, day, nextDay } = await payBeforeMidnight(() => ({}));
      await reconcile(world, day, { provider });
      assert.deepEqual(await moneyKinds(day), []);
      await advanceToHour(world, 11);
      await reconcile(world, nextDay, { provider });
      assert.deepEqual(await moneyKinds(nextDay), ['paid_here_not_there']);
    });
  });

  test('several accounts of one merchant are one bill, and a service without bills is left out', () => {
    const provider = providerOf(world.journey);
    const second: PaymentProvider = { ...provider, account: 'second' };
    const elsewhere: PaymentProvider = {
      ...provider,
      account: 'other',
      merchant: { ...provider.merchant, merchantId: '7' },
    };
    const without: PaymentProvider = {
      ...provider,
      id: 'none',
      capabilities: { ...provider.capabilities, bills: false },
    };
    assert.deepEqual(
      accountsWithBills([provider, second, without, elsewhere]).map(({ account }) => account),
      ['main', 'other'],
    );
  });
});
