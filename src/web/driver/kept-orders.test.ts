import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accessTokenOf, keepOrder, keptOrdersMax, readKeptOrders } from './kept-orders.ts';
import { memoryStore, openStore } from './phone-store.ts';

const orderNamed = (orderId: string) => ({
  orderId,
  accessToken: `token of ${orderId}`,
  stationName: 'S',
  placedAt: '2026-01-01T00:00:00Z',
  timeZone: 'UTC',
});

void describe('the orders of this phone', () => {
  it('are the newest 20, newest first', () => {
    const store = memoryStore();
    for (let number = 1; number <= keptOrdersMax + 5; number += 1) keepOrder(store, orderNamed(String(number)));
    const kept = readKeptOrders(store).map(({ orderId }) => orderId);
    assert.equal(kept.length, keptOrdersMax);
    assert.equal(kept[0], '25');
    assert.equal(accessTokenOf(store, '25'), 'token of 25');
    assert.equal(accessTokenOf(store, '5'), null);
  });

  it('hold each order once', () => {
    const store = memoryStore();
    keepOrder(store, orderNamed('a'));
    keepOrder(store, orderNamed('b'));
    keepOrder(store, orderNamed('a'));
    assert.deepEqual(
      readKeptOrders(store).map(({ orderId }) => orderId),
      ['a', 'b'],
    );
  });

  it('survive rubbish in the storage and a phone that forbids storage', () => {
    const store = memoryStore();
    for (const rubbish of ['{', 'null', '{"a":1}', '[1,null,{"orderId":"x"}]']) {
      store.setItem('forecourt.orders', rubbish);
      assert.deepEqual(readKeptOrders(store), []);
    }
    const forbidden = openStore(() => {
      throw new Error('SecurityError');
    });
    keepOrder(forbidden, orderNamed('a'));
    assert.equal(accessTokenOf(forbidden, 'a'), 'token of a');
  });
});
