import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { secondMs } from '../base/clock.ts';
import { isRefusal } from '../base/problem.ts';
import { orderLifetimeMs } from '../order/order.ts';
import { createAccounts } from '../payment/account.ts';
import { askSoon } from '../payment/attempt.sql.ts';
import { type HeldCalls, holdCalls } from '../testing/held-calls.ts';
import {
  booksOf,
  findBroken,
  forgetOrders,
  openTestJourney,
  orderAndStart,
  pay,
  placeOrder,
  pressPay,
  type TestJourney,
  until,
} from '../testing/journey.ts';
import { keepUnjudged } from '../testing/kept-fact.ts';
import { alipayTill, orderAt, startAt, type Till, wechatPayTill } from '../testing/till.ts';
import { judgeAfterMs } from './janitor.ts';
import type { Journey } from './journey.ts';
import { leaseMs } from './lease.ts';

/** What a node has in its hands, while a payment service is silent. */
describe('the janitor and the lease', () => {
  let world: TestJourney;
  let wechatPay: Till;
  let alipay: Till;

  before(async () => {
    world = await openTestJourney({ more: ['alipay'] });
    wechatPay = wechatPayTill(world);
    alipay = alipayTill(world);
  });
  afterEach(async () => {
    for (const till of [wechatPay, alipay]) till.peace();
    await forgetOrders(world);
  });
  after(() => world.stop());

  /** A node whose calls to WeChat Pay have no answer until the test gives one. */
  async function openHeldNode(confirm: 'never' | 'always' = 'never'): Promise<HeldCalls & { readonly node: Journey }> {
    const held = holdCalls(wechatPay.provider());
    const all = world.journey.accounts.all.map((account) => ({
      ...account,
      confirm,
      provider: account.provider.id === 'wechat-pay' ? held.provider : account.provider,
    }));
    return { ...held, node: await world.openNode({ accounts: createAccounts(all) }) };
  }

  /** Cancelled, then paid: its money is due to go back. */
  async function oweMoney(): Promise<string> {
    const { key, attempt } = await orderAndStart(world);
    await world.journey.endOrder(key, 'cancelled');
    await pay(world, attempt.attemptRef, { evenIfLate: true });
    return `R${attempt.attemptRef}_late_payment`;
  }

  const attemptOf = async (key: Parameters<typeof booksOf>[1], attemptRef: string) =>
    (await booksOf(world, key)).attempts.find((one) => one.attemptRef === attemptRef) ?? assert.fail('no attempt');

  test('twenty refunds at a silent service: what a node does not begin early enough another does after the lease, and none is asked for by two at once', async () => {
    const first = await openHeldNode();
    const second = await openHeldNode();
    const due: string[] = [];
    while (due.length < 20) due.push(await oweMoney());
    let isOver = false;
    const round = first.node.janitor.run().finally(() => {
      isOver = true;
    });
    const asked: string[] = [];
    // Each call is silent for as long as it may be, so that two in a row leave too little of the lease for a third.
    for (let turn = 0; turn < 2; turn += 1) {
      await until(() => first.waiting().length === 8);
      asked.push(...first.waiting());
      await world.timeline.advance(8 * secondMs);
      await second.node.janitor.run();
      assert.deepEqual(second.waiting(), []);
      first.letGo('silent');
    }
    await until(() => isOver || first.waiting().length > 0);
    assert.deepEqual(first.waiting(), []);
    await round;
    assert.equal(new Set(asked).size, 16);
    await world.timeline.advance(leaseMs - 16 * secondMs - 1);
    await second.node.janitor.run();
    assert.deepEqual(second.waiting(), []);
    await world.timeline.advance(1);
    const rest = second.node.janitor.run();
    await until(() => second.waiting().length === 4);
    assert.deepEqual([...asked, ...second.waiting()].toSorted(), due.toSorted());
    second.letGo('answered');
    await rest;
  });

  test('while one payment service is silent the other is asked as ever, orders expire, and facts that were kept are judged', async () => {
    const held = await openHeldNode();
    const expiring = await placeOrder(world);
    await world.timeline.advance(orderLifetimeMs - 7 * secondMs);
    const kept = await orderAt(world, alipay);
    await alipay.pay(kept.attempt.attemptRef, { quietly: true });
    await keepUnjudged(world, alipay.provider(), kept.attempt.attemptRef);
    await world.timeline.advance(5 * secondMs);
    // More than are asked about at once, and due before the others.
    const silent: string[] = [];
    while (silent.length < 12) silent.push((await orderAt(world, wechatPay)).attempt.attemptRef);
    const paid = await orderAt(world, alipay);
    const open = await orderAt(world, alipay);
    await alipay.pay(paid.attempt.attemptRef, { quietly: true });
    await world.timeline.advance(2 * secondMs);
    const { chores } = held.node.janitor;
    const round = Promise.all(chores.map((chore) => chore()));
    await until(() => held.waiting().length === 8);
    for (const { key } of [paid, kept]) await until(async () => (await booksOf(world, key)).order.state === 'paid');
    await until(async () => (await booksOf(world, expiring)).order.state === 'expired');
    await until(async () => (await attemptOf(open.key, open.attempt.attemptRef)).polls === 1);
    await world.timeline.advance(2 * secondMs);
    // All that can end does: nothing is left in the silent service's chores that a second round would take.
    await Promise.all(chores.map((chore) => chore()));
    assert.equal((await attemptOf(open.key, open.attempt.attemptRef)).polls, 2);
    const waiting = held.waiting();
    assert.equal(waiting.length, 8);
    held.letGo('silent');
    await until(() => held.waiting().length === 4);
    assert.deepEqual([...waiting, ...held.waiting()].toSorted(), silent.toSorted());
    held.letGo('silent');
    await round;
  });

  test('while one payment service does not confirm what it has said, what the other has said is confirmed and judged', async () => {
    const held = await openHeldNode('always');
    for (let count = 0; count < 9; count += 1) {
      const { attempt } = await orderAt(world, wechatPay);
      await wechatPay.pay(attempt.attemptRef, { quietly: true });
      await keepUnjudged(world, wechatPay.provider(), attempt.attemptRef);
    }
    await world.timeline.advance(1);
    const { key, attempt } = await orderAt(world, alipay);
    await alipay.pay(attempt.attemptRef, { quietly: true });
    await keepUnjudged(world, alipay.provider(), attempt.attemptRef);
    await world.timeline.advance(judgeAfterMs);
    const round = held.node.janitor.run();
    await until(async () => (await booksOf(world, key)).permit?.attemptRef === attempt.attemptRef);
    await until(() => held.waiting().length === 8);
    held.letGo('answered');
    await until(() => held.waiting().length === 1);
    held.letGo('answered');
    await round;
  });

  test('a chore that fails keeps no other from being done, and is told of', async () => {
    const failing = { ...wechatPay.provider(), close: () => Promise.reject(new Error('this chore fails')) };
    const node = await world.openNode({
      accounts: createAccounts([{ provider: failing, stations: null, confirm: 'never' }]),
    });
    const { key } = await orderAndStart(world);
    const other = await placeOrder(world);
    await world.timeline.advance(orderLifetimeMs);
    await assert.rejects(node.janitor.run(), /this chore fails/);
    assert.equal((await booksOf(world, other)).order.state, 'expired');
    assert.equal((await booksOf(world, key)).attempts[0]?.state, 'pending');
  });

  test('each payment is put off by its own answer, at once, though another has none yet', async () => {
    const held = await openHeldNode();
    const quick = await orderAndStart(world);
    const slow = await orderAndStart(world);
    await world.timeline.advance(2 * secondMs);
    const askedAt = world.timeline.now();
    const round = held.node.janitor.run();
    await until(() => held.waiting().length === 2);
    await world.timeline.advance(secondMs);
    held.letGo('answered', quick.attempt.attemptRef);
    const next = async ({ key, attempt }: typeof quick) => (await attemptOf(key, attempt.attemptRef)).pollAt;
    await until(async () => (await next(quick)) === askedAt + 3 * secondMs);
    assert.equal(await next(slow), askedAt + leaseMs);
    held.letGo('answered');
    await round;
    assert.equal(await next(slow), askedAt + 3 * secondMs);
  });

  test('a payment that was given up is closed at once when another is paid, though the answer to a question about it was on its way', async () => {
    const held = await openHeldNode();
    const { key, attempt } = await orderAt(world, wechatPay);
    wechatPay.trouble('close', 'rate_limited', 2);
    const waits = await pressPay(world, key, alipay.way);
    assert.equal(isRefusal(waits) ? waits.refusal : 'opened', 'payment_in_progress');
    const second = await startAt(world, alipay, key, { insists: true });
    await world.timeline.advance(2 * secondMs);
    const round = held.node.janitor.run();
    await until(() => held.waiting().length === 1);
    await alipay.pay(second.attemptRef);
    held.letGo('answered');
    await round;
    assert.deepEqual((await attemptOf(key, attempt.attemptRef)).pollAt, world.timeline.now());
    await world.journey.janitor.run();
    assert.equal((await attemptOf(key, attempt.attemptRef)).state, 'closed');
  });

  test('a driver who comes back while a question is on its way has it asked again at once', async () => {
    const held = await openHeldNode();
    const { key, attempt } = await orderAndStart(world);
    await world.timeline.advance(2 * secondMs);
    const round = held.node.janitor.run();
    await until(() => held.waiting().length === 1);
    await askSoon(world.journey.db, key, world.timeline.now());
    held.letGo('answered');
    await round;
    assert.equal((await attemptOf(key, attempt.attemptRef)).pollAt, world.timeline.now());
  });

  test('after all of this the rows are in order', async () => {
    assert.deepEqual(await findBroken(world), []);
  });
});
