import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { OrderKey } from '../order/order.ts';
import {
  booksOf,
  openTestJourney,
  orderAndStart,
  pay,
  placeOrder,
  type TestJourney,
  until,
} from '../testing/journey.ts';
import type { Journey } from './journey.ts';

describe('following an order', () => {
  let world: TestJourney;

  before(async () => {
    world = await openTestJourney();
  });
  after(() => world.stop());

  async function watch(journey: Journey, key: OrderKey): Promise<{ readonly seen: string[]; stop(): void }> {
    const seen: string[] = [];
    const follower = journey.orderFeeds.follow(await booksOf(world, key), ({ order, attempts }) =>
      seen.push([order.state, ...attempts.map((attempt) => attempt.state)].join(' ')),
    );
    return { seen, stop: () => follower.stop() };
  }

  test('a driver is shown his order at once and each change of it once, and nothing after he has gone', async () => {
    const { key, attempt } = await orderAndStart(world);
    const driver = await watch(world.journey, key);
    assert.deepEqual(driver.seen, ['placed pending']);
    await pay(world, attempt.attemptRef);
    await until(() => driver.seen.length === 2);
    await world.journey.orderFeeds.sweep();
    assert.deepEqual(driver.seen, ['placed pending', 'paid paid']);
    driver.stop();
    await world.journey.db.query('update permits set state_at = now()');
    world.journey.signal.tell({ orderIds: [key.orderId], events: [] });
    await world.journey.orderFeeds.sweep();
    assert.equal(driver.seen.length, 2);
  });

  test('a change whose signal was lost is shown after the next sweep, to each driver his own', async () => {
    const deaf = await world.openNode();
    const keys = await Promise.all(Array.from({ length: 20 }, () => placeOrder(world)));
    const drivers = await Promise.all(keys.map((key) => watch(deaf, key)));
    await deaf.orderFeeds.sweep();
    await Promise.all(keys.slice(0, 10).map((key) => world.journey.endOrder(key, 'cancelled')));
    await deaf.orderFeeds.sweep();
    await until(() => drivers.slice(0, 10).every(({ seen }) => seen.length === 2));
    assert.deepEqual(
      drivers.map(({ seen }) => seen),
      keys.map((_, index) => (index < 10 ? ['placed', 'cancelled'] : ['placed'])),
    );
    for (const driver of drivers) driver.stop();
  });

  test('an order that changed between the reading and the watching is shown as it is', async () => {
    const { key, attempt } = await orderAndStart(world);
    const before = await booksOf(world, key);
    await pay(world, attempt.attemptRef);
    const states: string[] = [];
    const follower = world.journey.orderFeeds.follow(before, ({ order }) => states.push(order.state));
    await until(() => states.at(-1) === 'paid');
    follower.stop();
  });
});
