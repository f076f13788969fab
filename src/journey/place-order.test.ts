import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isRefusal, type RefusalName } from '../base/problem.ts';
import type { PlaceOrderMessage } from '../order/order.message.ts';
import { orderLifetimeMs } from '../order/order.ts';
import { newKey, plainOrder } from '../testing/cloud.ts';
import { booksOf, findBroken, openTestJourney, samplePrice, type TestJourney } from '../testing/journey.ts';

describe('placing an order', () => {
  let world: TestJourney;

  before(async () => {
    world = await openTestJourney();
  });
  after(() => world.stop());

  const wish = (changes: Partial<PlaceOrderMessage> = {}): PlaceOrderMessage => ({
    ...plainOrder,
    priceSeen: samplePrice(plainOrder.stationNumber, plainOrder.grade),
    ...changes,
  });

  const place = (changes: Partial<PlaceOrderMessage> = {}, idempotencyKey = newKey()) =>
    world.journey.placeOrder({ message: wish(changes), idempotencyKey });

  async function countRows(): Promise<{ orders: number; transactions: number }> {
    const [row] = await world.journey.db.query<{ orders: number; transactions: number }>(
      'select count(*) as orders, count(distinct xmin::text) as transactions from orders',
    );
    return row ?? assert.fail('no count');
  }

  test('a hundred orders at once are stored in a few transactions, each with its own number, price and time', async () => {
    const before = await countRows();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => place({ money: `${index + 100}.00`, pump: (index % 4) + 1 })),
    );
    const orders = answers.map((answer) => (isRefusal(answer) ? assert.fail(JSON.stringify(answer)) : answer.order));
    assert.equal(new Set(orders.map((order) => order.orderId)).size, 100);
    assert.deepEqual(
      orders.map((order) => [order.moneyMinor, order.pump]),
      orders.map((_, index) => [(index + 100) * 100, (index % 4) + 1]),
    );
    for (const order of orders) assert.equal(order.expiresAt, world.timeline.now() + orderLifetimeMs);
    const after = await countRows();
    assert.equal(after.orders - before.orders, 100);
    assert.ok(
      after.transactions - before.transactions <= 5,
      `${after.transactions - before.transactions} transactions`,
    );
  });

  test('bad neighbours in a batch are each refused by their own name, and the good ones are stored', async () => {
    const bad: readonly (readonly [Partial<PlaceOrderMessage>, RefusalName])[] = [
      [{ stationNumber: 4242 }, 'station_unknown'],
      [{ grade: '101' }, 'grade_unknown'],
      [{ pump: 77 }, 'pump_unknown'],
      [{ money: '-1' }, 'money_not_positive'],
      [{ money: '4.99' }, 'money_below_limit'],
      [{ priceSeen: { pump: '1.00', member: null } }, 'price_changed'],
      [{ user: { plate: '\u0000' } }, 'plate_invalid'],
      [{ user: { name: '\ud800' } }, 'name_invalid'],
      [{ volume: '20.00' }, 'money_volume_disagree'],
    ];
    const before = await countRows();
    const answers = await Promise.all(bad.flatMap(([changes]) => [place(changes), place()]));
    assert.deepEqual(
      answers.map((answer) => (isRefusal(answer) ? answer.refusal : answer.order.state)),
      bad.flatMap(([, name]) => [name, 'placed']),
    );
    assert.equal((await countRows()).orders - before.orders, bad.length);
  });

  test('one key ten times in one batch makes one order, and all get it; with another body it is refused beside them', async () => {
    const before = await countRows();
    const key = newKey();
    const answers = await Promise.all([
      ...Array.from({ length: 10 }, () => place({}, key)),
      place({ money: '300.00' }, key),
      place(),
    ]);
    const ids = answers.slice(0, 10).map((answer) => (isRefusal(answer) ? answer.refusal : answer.order.orderId));
    assert.equal(new Set(ids).size, 1);
    assert.deepEqual(answers[10], { refusal: 'idempotency_key_reused' });
    assert.equal((await countRows()).orders - before.orders, 2);
  });

  test('one key at two nodes in the same instant makes one order', async () => {
    const other = await world.openNode();
    const before = await countRows();
    for (let round = 0; round < 10; round += 1) {
      const request = { message: wish(), idempotencyKey: newKey() };
      const [mine, theirs] = await Promise.all([world.journey.placeOrder(request), other.placeOrder(request)]);
      assert.ok(!isRefusal(mine) && !isRefusal(theirs));
      assert.equal(mine.order.orderId, theirs.order.orderId);
    }
    assert.equal((await countRows()).orders - before.orders, 10);
  });

  test('the same key at another station is another request', async () => {
    const key = newKey();
    const [here, there] = await Promise.all([
      place({}, key),
      place({ stationNumber: 1005, grade: '92', pump: 1, priceSeen: samplePrice(1005, '92') }, key),
    ]);
    assert.ok(!isRefusal(here) && !isRefusal(there), JSON.stringify([here, there]));
    assert.notEqual(here.order.orderId, there.order.orderId);
  });

  test('a request sent again an hour later gets the order as it stands by then, not a new one', async () => {
    const key = newKey();
    const first = await place({}, key);
    assert.ok(!isRefusal(first));
    await world.timeline.advance(3_600_000);
    await world.journey.janitor.run();
    const again = await place({}, key);
    assert.ok(!isRefusal(again));
    assert.deepEqual([again.order.orderId, again.order.state], [first.order.orderId, 'expired']);
  });

  test('the order keeps what it was placed with: station, price, user and how the station was found', async () => {
    const placed = await place({ user: { name: ' 王芳 ', plate: '京a·12345' }, locale: 'en' });
    assert.ok(!isRefusal(placed));
    const { order } = await booksOf(world, placed.order);
    assert.deepEqual(
      [order.userName, order.userPlate, order.userPhone, order.locale],
      ['王芳', '京A12345', null, 'en'],
    );
    assert.deepEqual(
      [order.located, order.station.stationNumber],
      [{ by: 'station-number', pumpCode: null, position: null }, 1003],
    );
    assert.equal(order.payableMinor, order.moneyMinor - order.discountMinor);
  });

  test('after all of this the rows are in order', async () => {
    assert.deepEqual(await findBroken(world), []);
  });
});
