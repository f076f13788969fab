import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { dayMs, hourMs, minuteMs } from '../base/clock.ts';
import { forgetOrders, openTestJourney, orderAndStart, pay, type TestJourney } from '../testing/journey.ts';
import { advanceToHour, differencesOf } from '../testing/reconciliation.ts';
import { createDailyReconciliation, tryOf } from './daily-reconciliation.ts';
import type { Journey } from './journey.ts';

const half = 10 * hourMs + 30 * minuteMs;

test('at half past ten in Beijing yesterday is tried for the first time, then every half hour until it is the next day’s turn', () => {
  const at = (text: string) => tryOf(Date.parse(`${text}+08:00`), half);
  assert.deepEqual(at('2026-11-22T10:30:00'), { day: '2026-11-21', number: 0 });
  assert.deepEqual(at('2026-11-22T10:59:59'), { day: '2026-11-21', number: 0 });
  assert.deepEqual(at('2026-11-22T11:00:00'), { day: '2026-11-21', number: 1 });
  assert.deepEqual(at('2026-11-22T23:59:59'), { day: '2026-11-21', number: 26 });
  assert.deepEqual(at('2026-11-23T10:29:59'), { day: '2026-11-21', number: 47 });
});

test('at any time and for any hour that is set, the day before is meant, and tries of one day count up to 47', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 0, max: dayMs - 1 }), (now, atMs) => {
      const { day, number } = tryOf(now, atMs);
      const first = Date.parse(`${day}T00:00:00+08:00`) + dayMs + atMs;
      assert.ok(first <= now && now < first + dayMs);
      assert.equal(number, Math.floor((now - first) / (30 * minuteMs)));
    }),
  );
});

describe('the daily reconciliation', () => {
  let world: TestJourney;

  before(async () => {
    world = await openTestJourney();
  });
  afterEach(async () => {
    world.wire.refused = false;
    world.alarms.length = 0;
    await forgetOrders(world);
  });
  after(() => world.stop());

  const daily = (journey: Journey = world.journey) =>
    createDailyReconciliation({
      db: journey.db,
      settle: journey.settlePayment,
      accounts: journey.accounts,
      now: () => world.timeline.now(),
      alarm: (name) => void world.alarms.push(name),
      atMs: half,
    });

  const count = async (table: 'bill_readings' | 'daily_reconciliations', day: string): Promise<number> =>
    (
      await world.journey.db.query<{ count: number }>(`select count(*) as count from ${table} where day = $1::date`, [
        day,
      ])
    )[0]?.count ?? 0;

  /** A payment at noon; the clock then stands at half past ten of the morning after, or so much later. */
  async function buyAndWait(laterMs = 0): Promise<string> {
    const day = await advanceToHour(world, 12);
    const { attempt } = await orderAndStart(world);
    await pay(world, attempt.attemptRef);
    await advanceToHour(world, 10);
    await world.timeline.advance(30 * minuteMs + laterMs);
    world.alarms.length = 0;
    return day;
  }

  test('two nodes at the same minute: one reconciles yesterday, once, and a person hears of what differs', async () => {
    const day = await buyAndWait();
    const other = await world.openNode();
    await Promise.all([daily().run(), daily(other).run(), daily().run()]);
    assert.deepEqual([await count('bill_readings', day), await count('daily_reconciliations', day)], [1, 1]);
    assert.deepEqual(
      (await differencesOf(world, day)).map(({ kind }) => kind),
      ['permit_never_printed'],
    );
    assert.deepEqual(world.alarms, ['reconciliation_difference']);
    // The day is done: no further try of it.
    await world.timeline.advance(hourMs);
    await daily().run();
    assert.deepEqual([await count('bill_readings', day), await count('daily_reconciliations', day)], [1, 1]);
  });

  test('a service that does not answer is asked again after half an hour, and a person hears of each time', async () => {
    const day = await buyAndWait();
    world.wire.refused = true;
    await daily().run();
    await daily().run();
    assert.deepEqual(world.alarms, ['reconciliation_failed']);
    world.wire.refused = false;
    await world.timeline.advance(29 * minuteMs);
    await daily().run();
    assert.equal((await differencesOf(world, day)).length, 0);
    await world.timeline.advance(minuteMs);
    await daily().run();
    assert.deepEqual(
      (await differencesOf(world, day)).map(({ kind }) => kind),
      ['permit_never_printed'],
    );
    assert.equal(await count('daily_reconciliations', day), 2);
  });

  test('before its time nothing is done for the day, and half a day after it nothing more is tried', async () => {
    const day = await buyAndWait(0 - minuteMs);
    await daily().run();
    assert.equal(await count('daily_reconciliations', day), 0);
    await world.timeline.advance(12 * hourMs + minuteMs);
    await daily().run();
    assert.equal(await count('daily_reconciliations', day), 0);
    await advanceToHour(world, 0);
  });
});
