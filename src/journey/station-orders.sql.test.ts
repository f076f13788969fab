import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { dayMs } from '../base/clock.ts';
import {
  booksOf,
  openTestJourney,
  pay,
  placeOrder,
  samplePrice,
  startPaying,
  type TestJourney,
} from '../testing/journey.ts';
import {
  findStationOrders,
  type OrderFilter,
  readPlatePart,
  readSearch,
  searchedDaysMax,
} from './station-orders.sql.ts';

const all: OrderFilter = { pump: null, plate: null, state: null, search: null };

describe("finding a station's orders", () => {
  let world: TestJourney;
  let ids: readonly string[];
  /** Of station 1004. */
  let elsewhere: string;

  before(async () => {
    world = await openTestJourney();
    const made: string[] = [];
    for (const { pump, plate } of [
      { pump: 1, plate: '京A12345' },
      { pump: 2, plate: '沪B·6789X' },
      { pump: 3, plate: '京A99999' },
      { pump: 3, plate: '' },
    ]) {
      const { orderId } = await placeOrder(world, { pump, user: { plate } });
      made.push(orderId);
      await world.timeline.advance(1_000);
    }
    const priceSeen = samplePrice(1004, '92');
    ({ orderId: elsewhere } = await placeOrder(world, { stationNumber: 1004, grade: '92', pump: 1, priceSeen }));
    ids = made.toReversed();
  });
  after(() => world.stop());

  const find = (filter: Partial<OrderFilter>, before: string | null = null, limit = 10, stationNumber = 1003) => {
    const wish = { stationNumber, before, filter: { ...all, ...filter }, now: world.timeline.now() };
    return findStationOrders(world.journey.db, wish, limit).then((keys) => keys.map(({ orderId }) => orderId));
  };

  test('gives the newest first, page by page without a gap', async () => {
    assert.deepEqual(await find({}), ids);
    const first = await find({}, null, 2);
    assert.deepEqual(first, ids.slice(0, 2));
    assert.deepEqual(await find({}, first.at(-1) ?? null, 2), ids.slice(2));
    assert.deepEqual(await find({}, ids.at(-1) ?? null), []);
  });

  test('gives no order of another station, by whatever name', async () => {
    assert.deepEqual(await find({}, null, 10, 1004), [elsewhere]);
    assert.deepEqual(await find({ search: readSearch(elsewhere) }), []);
    for (const id of ids) assert.deepEqual(await find({ search: readSearch(id) }, null, 10, 1004), []);
  });

  test('finds by pump, by a part of the plate however it is written, and by state', async () => {
    const [third, second, first] = ids.slice(1);
    assert.deepEqual(await find({ pump: 3 }), ids.slice(0, 2));
    assert.deepEqual(await find({ plate: readPlatePart('b·678') }), [second]);
    assert.deepEqual(await find({ plate: readPlatePart('京a') }), [third, first]);
    assert.deepEqual(await find({ plate: '京A', pump: 1 }), [first]);
    assert.deepEqual(await find({ state: 'placed' }), ids);
    assert.deepEqual(await find({ state: 'paid' }), []);
  });

  test('finds by what a person types: a pump, a plate, an order number or its end, a short code', async () => {
    const [newest = ''] = ids;
    const attempt = await startPaying(world, { stationNumber: 1003, orderId: newest });
    await pay(world, attempt.attemptRef);
    const { permit } = await booksOf(world, { stationNumber: 1003, orderId: newest });
    const code = permit?.shortCode ?? assert.fail('no permit');
    const typed = [newest, newest.toLowerCase(), newest.slice(-6), code, code.replace('-', '').toLowerCase()];
    for (const text of typed) assert.deepEqual(await find({ search: readSearch(text) }), [newest], text);
    assert.deepEqual(await find({ search: readSearch('2') }), [ids[2]]);
    assert.deepEqual(await find({ search: readSearch('京A1') }), [ids[3]]);
    assert.deepEqual(await find({ search: readSearch('%') }), []);
    assert.deepEqual(await find({ search: readSearch("' or true --") }), []);
  });

  test('looks back by a mark as long as it says, and by the whole number for ever', async () => {
    const [newest = ''] = ids;
    await world.timeline.advance(searchedDaysMax * dayMs);
    assert.deepEqual(await find({ plate: '京A' }), []);
    assert.deepEqual(await find({ search: readSearch(newest) }), [newest]);
    assert.deepEqual((await find({})).length, ids.length);
  });
});

test('what is typed is taken for all that it can be, and for no more', () => {
  assert.deepEqual(readSearch('7'), { pump: 7, plate: null, numberEnd: null, shortCode: null });
  assert.equal(readSearch('00').pump, 0);
  assert.equal(readSearch('x').plate, null);
  assert.equal(readSearch('ABC').numberEnd, null);
  assert.equal(readSearch('A'.repeat(25)).numberEnd, null);
  assert.deepEqual(readSearch('12345'), { pump: null, plate: '12345', numberEnd: '12345', shortCode: null });
});
