import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Queries } from '../database/database.ts';
import { testDatabase } from '../testing/database.ts';
import { sampleStations } from './sample-stations.ts';
import { saveStations } from './station.sql.ts';
import { watchStations } from './watch-stations.ts';

/** A timer that ticks when the test says so. */
function handTimer() {
  let work: (() => void) | undefined;
  return {
    tick: () => work?.(),
    isRunning: () => work !== undefined,
    startTimer: (_intervalMs: number, given: () => void) => {
      work = given;
      return () => {
        work = undefined;
      };
    },
  };
}

const stations = sampleStations(0);

test('the index follows the database after a signal and after a poll, and is built anew only then', async () => {
  const db = await testDatabase();
  const timer = handTimer();
  const watch = await watchStations(db, { startTimer: timer.startTimer });
  const empty = watch.index();
  assert.equal(empty.stationCount, 0);
  await watch.refresh();
  assert.equal(watch.index(), empty, 'nothing changed, so it is the same index');
  await db.transaction((tx) => saveStations(tx, stations.slice(0, 5), 0));
  await watch.refresh();
  assert.equal(watch.index().stationCount, 5);
  await db.transaction((tx) => saveStations(tx, stations, 0));
  timer.tick();
  await watch.refresh();
  assert.equal(watch.index().stationCount, stations.length);
  await watch.stop();
  assert.equal(timer.isRunning(), false);
});

test('a database that cannot be reached leaves the index as it is, and says so', async () => {
  const db = await testDatabase();
  await db.transaction((tx) => saveStations(tx, stations, 0));
  let isDown = false;
  const sometimes: Queries = {
    query: async (text, values) => {
      if (isDown) throw new Error('the database is down');
      return db.query(text, values);
    },
  };
  const errors: unknown[] = [];
  const watch = await watchStations(sometimes, {
    startTimer: handTimer().startTimer,
    onError: (error) => errors.push(error),
  });
  isDown = true;
  await watch.refresh();
  assert.equal(watch.index().stationCount, stations.length);
  assert.match(String(errors[0]), /database is down/);
  await watch.stop();
});

test('looks never overlap, and calls during a look share one look after it', async () => {
  const db = await testDatabase();
  let looks = 0;
  let open = 0;
  const counting: Queries = {
    async query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]> {
      looks += text.includes('station_changes') ? 1 : 0;
      open += 1;
      assert.equal(open, 1);
      const rows = await db.query<Row>(text, values);
      open -= 1;
      return rows;
    },
  };
  const watch = await watchStations(counting, { startTimer: handTimer().startTimer });
  assert.equal(looks, 1);
  await Promise.all([watch.refresh(), watch.refresh(), watch.refresh(), watch.refresh()]);
  assert.equal(looks, 3);
  await watch.stop();
});

test('a watch on a database that cannot be read at the start is refused', async () => {
  const broken: Queries = { query: () => Promise.reject(new Error('no such table')) };
  await assert.rejects(watchStations(broken), /no such table/);
});
