import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { hourMs, minuteMs, secondMs } from '../base/clock.ts';
import { isRefusal } from '../base/problem.ts';
import type { OrderKey } from '../order/order.ts';
import { createAccounts, type PaymentAccounts } from '../payment/account.ts';
import { findFacts } from '../payment/fact.sql.ts';
import type { PaymentProvider } from '../payment/provider/provider.ts';
import {
  booksOf,
  countCalls,
  findBroken,
  forgetOrders,
  openTestJourney,
  orderAndStart,
  pay,
  paySilently,
  type TestJourney,
} from '../testing/journey.ts';
import { keepUnjudged } from '../testing/kept-fact.ts';
import type { AlarmName } from './alarm.ts';
import { tellMissingHourly } from './missing-account.ts';

type Told = { readonly name: AlarmName; readonly detail: Readonly<Record<string, unknown>> };

describe('an account that is not configured', () => {
  let world: TestJourney;
  let wechatPay: PaymentProvider;

  before(async () => {
    world = await openTestJourney();
    wechatPay = world.journey.accounts.named('wechat-pay', 'main') ?? assert.fail('no provider');
  });
  afterEach(() => forgetOrders(world));
  after(() => world.stop());

  const accountsOf = (...providers: readonly PaymentProvider[]): PaymentAccounts =>
    createAccounts(providers.map((provider) => ({ provider, stations: null, confirm: 'never' })));

  test('a kept fact of an account that bears another name by now is judged by the account of its merchant', async () => {
    const { key, attempt } = await orderAndStart(world);
    await paySilently(world, attempt.attemptRef);
    await keepUnjudged(world, wechatPay, attempt.attemptRef);
    await world.timeline.advance(5 * secondMs);
    const node = await world.openNode({ accounts: accountsOf({ ...wechatPay, account: 'shanghai' }) });
    await node.janitor.run();
    assert.equal((await booksOf(world, key)).permit?.attemptRef, attempt.attemptRef);
  });

  const others: Readonly<Record<string, () => PaymentAccounts>> = {
    'no account at the service': () => accountsOf(),
    'only the account of another merchant': () =>
      accountsOf({
        ...wechatPay,
        account: 'other',
        merchant: { ...wechatPay.merchant, merchantId: '1900000009' },
      }),
  };
  for (const [title, accounts] of Object.entries(others)) {
    test(`${title}: what is open, owed and kept stays as it is, a person is told once, and it goes on when the account is there again`, async () => {
      const told: Told[] = [];
      const node = await world.openNode({ accounts: accounts(), alarm: (name, detail) => told.push({ name, detail }) });
      const open = await orderAndStart(world);
      await paySilently(world, open.attempt.attemptRef);
      const kept = await orderAndStart(world);
      await paySilently(world, kept.attempt.attemptRef);
      await keepUnjudged(world, wechatPay, kept.attempt.attemptRef);
      const owed = await oweMoney();
      world.wechatPay.control.addFault({ operation: 'notify', kind: 'drop', times: 16 });
      await world.timeline.advance(5 * secondMs);
      for (let round = 0; round < 3; round += 1) {
        await node.janitor.run();
        await world.timeline.advance(minuteMs);
      }
      const asked = await node.endOrder(open.key, 'cancelled');
      assert.equal(isRefusal(asked) ? asked.refusal : 'ended', 'payment_in_progress');
      const { merchantId } = wechatPay.merchant;
      assert.deepEqual(new Set(told.map(({ name }) => name)), new Set(['payment_account_missing']));
      assert.deepEqual(
        told.map(({ detail }) => [detail['provider'], detail['account'], detail['merchantId']]),
        [
          ['wechat-pay', 'main', merchantId],
          ['wechat-pay', undefined, merchantId],
        ],
      );
      assert.equal(told[0]?.detail['attemptRef'], kept.attempt.attemptRef);
      const [refund] = (await booksOf(world, owed)).refunds;
      assert.deepEqual([refund?.state, refund?.tries], ['due', 0]);
      assert.equal((await booksOf(world, open.key)).attempts[0]?.state, 'pending');
      const [fact] = await findFacts(world.journey.db, 1003, kept.attempt.attemptRef);
      assert.equal(fact?.judgedAt, null);
      world.wechatPay.control.clearFaults();
      await world.timeline.advance(5 * minuteMs);
      await world.journey.janitor.run();
      for (const { key, attempt } of [open, kept])
        assert.equal((await booksOf(world, key)).permit?.attemptRef, attempt.attemptRef);
      assert.equal((await booksOf(world, owed)).refunds[0]?.state, 'requested');
      assert.equal(countCalls(world, 'refund', refund?.refundRef ?? '?'), 1);
    });
  }

  /** Cancelled, then paid: its money is due to go back. */
  async function oweMoney(): Promise<OrderKey> {
    const { key, attempt } = await orderAndStart(world);
    await world.journey.endOrder(key, 'cancelled');
    await pay(world, attempt.attemptRef, { evenIfLate: true });
    return key;
  }

  test('after all of this the rows are in order', async () => {
    assert.deepEqual(await findBroken(world), []);
  });
});

describe('telling that an account is missing', () => {
  const missing = (merchantId: string) => ({ provider: 'wechat-pay', merchantId, attemptRef: 'any' });

  test('of each account it is told once an hour, and other alarms are told each time', () => {
    let now = 0;
    const told: string[] = [];
    const alarm = tellMissingHourly(
      (name, detail) => told.push(`${name} ${String(detail['merchantId'])}`),
      () => now,
    );
    for (const at of [0, 1, hourMs - 1, hourMs, hourMs + 1]) {
      now = at;
      alarm('payment_account_missing', missing('one'));
      if (at > 0) alarm('payment_account_missing', missing('two'));
    }
    assert.deepEqual(
      told.map((line) => line.split(' ')[1]),
      ['one', 'two', 'one', 'two'],
    );
    for (let time = 0; time < 3; time += 1) alarm('refund_failed', {});
    assert.equal(told.length, 7);
  });

  test('a thousand accounts are remembered: of one more the oldest is forgotten, and told of again', () => {
    const told: unknown[] = [];
    const alarm = tellMissingHourly(
      (_, detail) => told.push(detail['merchantId']),
      () => 0,
    );
    for (let count = 0; count <= 1_000; count += 1) alarm('payment_account_missing', missing(`${count}`));
    assert.equal(told.length, 1_001);
    alarm('payment_account_missing', missing('1'));
    assert.equal(told.length, 1_001);
    alarm('payment_account_missing', missing('0'));
    assert.equal(told.length, 1_002);
  });
});
