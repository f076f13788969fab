import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { systemRandom } from '../base/random.ts';
import type { Database } from '../database/database.ts';
import { testDatabase } from '../testing/database.ts';
import { makeSecret, makeSubscriptionId, subscriptionsMax } from './subscription.ts';
import { endSubscription, insertSubscription, type NewSubscription, resumeSubscription } from './subscription.sql.ts';
import { watchSubscriptions } from './watch-subscriptions.ts';

const madeAt = Date.UTC(2026, 10, 23, 8);

const subscription = (changes: Partial<NewSubscription> = {}): NewSubscription => ({
  subscriptionId: makeSubscriptionId(systemRandom),
  url: 'https://hooks.chain.example/',
  types: ['order.paid'],
  stationNumbers: null,
  withPerson: false,
  secret: makeSecret(systemRandom),
  madeAt,
  ...changes,
});

const noError = (error: unknown): void => assert.fail(String(error));

describe('what a node knows of who wants what', () => {
  let db: Database;
  before(async () => {
    db = await testDatabase();
  });

  test('nothing is wanted where nobody subscribed; types and stations of those who did are; what ended is not', async () => {
    const watch = await watchSubscriptions(db, { now: () => madeAt, onError: noError });
    assert.deepEqual([watch.any(), watch.wants('order.paid', 1003)], [false, false]);
    const [wide, narrow] = [subscription(), subscription({ types: ['refund.due'], stationNumbers: [1004, 1005] })];
    assert.ok((await insertSubscription(db, wide)) && (await insertSubscription(db, narrow)));
    assert.equal(watch.any(), false);
    await watch.refresh();
    assert.equal(watch.any(), true);
    assert.deepEqual(
      [
        watch.wants('order.paid', 1003),
        watch.wants('order.expired', 1003),
        watch.wants('refund.due', 1003),
        watch.wants('refund.due', 1005),
      ],
      [true, false, false, true],
    );
    await endSubscription(db, wide.subscriptionId);
    assert.ok(!(await resumeSubscription(db, wide.subscriptionId)));
    await endSubscription(db, narrow.subscriptionId);
    await watch.refresh();
    assert.equal(watch.any(), false);
    await watch.stop();
  });

  test('a node that could not look for thirty seconds takes it that everything is wanted, until it can look again', async () => {
    let now = madeAt;
    let broken = false;
    const errors: unknown[] = [];
    const watch = await watchSubscriptions(
      {
        query: (text, values) => (broken ? Promise.reject(new Error('the database is away')) : db.query(text, values)),
      },
      { now: () => now, onError: (error) => void errors.push(error) },
    );
    broken = true;
    now += 30_000;
    await watch.refresh();
    assert.deepEqual([errors.length > 0, watch.any()], [true, false]);
    now += 1;
    assert.deepEqual([watch.any(), watch.wants('order.paid', 1003)], [true, true]);
    broken = false;
    await watch.refresh();
    assert.deepEqual([watch.any(), watch.wants('order.paid', 1003)], [false, false]);
    await watch.stop();
  });

  test(`there are at most ${subscriptionsMax} subscriptions, not counting those that ended`, async () => {
    const all = Array.from({ length: subscriptionsMax }, () => subscription());
    for (const one of all) assert.ok(await insertSubscription(db, one));
    assert.ok(!(await insertSubscription(db, subscription())));
    await endSubscription(db, all[0]?.subscriptionId ?? '');
    assert.ok(await insertSubscription(db, subscription()));
  });
});
