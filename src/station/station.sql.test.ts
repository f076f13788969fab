import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Database } from '../database/database.ts';
import { testDatabase } from '../testing/database.ts';
import { sampleStations } from './sample-stations.ts';
import { findPositions, findStations, findStationVersion, type StationToSave, saveStations } from './station.sql.ts';
import type { GradePrice, Station } from './station.ts';

const start = Date.parse('2026-11-23T08:00:00.123Z');
const hour = 3_600_000;
let db: Database;
let unusedNumber = 500_000;

before(async () => {
  db = await testDatabase();
});

const save = (stations: readonly StationToSave[], now = start) =>
  db.transaction((tx) => saveStations(tx, stations, now));

function station(more: Partial<Station> = {}): Station {
  const [sample] = sampleStations(start);
  assert.ok(sample);
  unusedNumber += 1;
  return { ...sample, stationNumber: unusedNumber, ...more };
}

const price = (
  grade: string,
  pumpPriceMilli: number,
  validFrom = start,
  validUntil: number | null = null,
): GradePrice => ({
  grade,
  officialPriceMilli: null,
  pumpPriceMilli,
  memberPriceMilli: null,
  validFrom,
  validUntil,
});

const sorted = (one: Station): Station => ({
  ...one,
  grades: one.grades.toSorted((a, b) => (a.grade < b.grade ? -1 : 1)),
});

async function pumpPricesAt(stationNumber: number, now: number): Promise<Record<string, number>> {
  const [found] = await findStations(db, [stationNumber], now);
  return Object.fromEntries((found?.grades ?? []).map((one) => [one.grade, one.pumpPriceMilli]));
}

test('stations come back as they were saved, in one query, and unknown numbers not at all', async () => {
  const samples = sampleStations(start);
  await save(samples);
  const found = await findStations(db, [...samples.map((one) => one.stationNumber), 999_999], start);
  const byNumber = (a: Station, b: Station): number => a.stationNumber - b.stationNumber;
  assert.deepEqual(found.sort(byNumber).map(sorted), samples.toSorted(byNumber).map(sorted));
});

test('saving the same again writes nothing and does not raise the version', async () => {
  const one = station();
  await save([one]);
  const version = await findStationVersion(db);
  const again = { ...one, grades: one.grades.map((grade) => ({ ...grade, validFrom: start + hour })) };
  assert.deepEqual(await save([again], start + hour), { stations: 0, nozzles: 0, prices: 0, endedPrices: 0 });
  assert.equal(await findStationVersion(db), version);
});

test('a change raises the version and is found in the positions', async () => {
  const one = station();
  await save([one]);
  const version = await findStationVersion(db);
  await save([{ ...one, latitude: 10.5, longitude: -20.25, brand: null }]);
  assert.equal(await findStationVersion(db), version + 1);
  const place = (await findPositions(db)).find(({ stationNumber }) => stationNumber === one.stationNumber);
  assert.deepEqual(place, { stationNumber: one.stationNumber, latitude: 10.5, longitude: -20.25 });
});

test('a changed price is a new row, and what was valid before is still known', async () => {
  const one = station({ nozzles: [], grades: [price('92', 7_390), price('95', 7_880)] });
  await save([one]);
  const later = start + hour;
  const saved = await save([{ ...one, grades: [price('92', 7_450, later), price('95', 7_880, later)] }], later);
  assert.equal(saved.prices, 1);
  assert.deepEqual(await pumpPricesAt(one.stationNumber, later - 1), { 92: 7_390, 95: 7_880 });
  assert.deepEqual(await pumpPricesAt(one.stationNumber, later), { 92: 7_450, 95: 7_880 });
  assert.deepEqual(await pumpPricesAt(one.stationNumber, start - 1), {});
});

test('a price with an end gives way to the one before it', async () => {
  const one = station({ nozzles: [], grades: [price('92', 7_390)] });
  await save([one]);
  const [from, until] = [start + hour, start + 2 * hour];
  await save([{ ...one, grades: [price('92', 6_990, from, until)] }], start + 1);
  for (const [now, expected] of [
    [from - 1, 7_390],
    [from, 6_990],
    [until - 1, 6_990],
    [until, 7_390],
  ] as const) {
    assert.deepEqual(await pumpPricesAt(one.stationNumber, now), { 92: expected });
  }
});

test('a price with the same start corrects the one that stands', async () => {
  const one = station({ nozzles: [], grades: [price('92', 7_390)] });
  await save([one]);
  await save([{ ...one, grades: [price('92', 7_400)] }]);
  assert.deepEqual(await pumpPricesAt(one.stationNumber, start), { 92: 7_400 });
});

test('a grade that is no longer sold ends, and comes back when it is sold again', async () => {
  const one = station({ nozzles: [], grades: [price('92', 7_390), price('98', 8_880)] });
  await save([one]);
  const [later, last] = [start + hour, start + 2 * hour];
  const saved = await save([{ ...one, grades: [price('92', 7_390, later)] }], later);
  assert.deepEqual([saved.prices, saved.endedPrices], [0, 1]);
  assert.deepEqual(await pumpPricesAt(one.stationNumber, later), { 92: 7_390 });
  await save([{ ...one, grades: [price('92', 7_390, last), price('98', 8_880, last)] }], last);
  assert.deepEqual(await pumpPricesAt(one.stationNumber, last), { 92: 7_390, 98: 8_880 });
});

test('a station whose state nobody states stays closed, a new one is open, and a stated one changes', async () => {
  const one = station({ state: 'closed' });
  const stateAfter = async (state: StationToSave['state'], name: string) => {
    await save([{ ...one, name, state }]);
    return (await findStations(db, [one.stationNumber], start))[0]?.state;
  };
  await save([one]);
  assert.equal(await stateAfter(null, 'renamed'), 'closed');
  assert.equal(await stateAfter('open', 'renamed'), 'open');
  assert.equal(await stateAfter('closed', 'renamed'), 'closed');
  assert.deepEqual(await save([{ ...one, name: 'renamed', state: null }]), {
    stations: 0,
    nozzles: 0,
    prices: 0,
    endedPrices: 0,
  });
  const fresh = station();
  await save([{ ...fresh, state: null }]);
  assert.equal((await findStations(db, [fresh.stationNumber], start))[0]?.state, 'open');
});

test('pumps that are missing go, and a nozzle that changed its grade has changed', async () => {
  const one = station({
    nozzles: [
      { pump: 1, nozzle: 1, grade: '92' },
      { pump: 2, nozzle: 1, grade: '92' },
    ],
  });
  await save([one]);
  const nozzles = [
    { pump: 1, nozzle: 1, grade: '95' },
    { pump: 3, nozzle: 1, grade: '92' },
  ];
  assert.equal((await save([{ ...one, nozzles }])).nozzles, 3);
  assert.deepEqual((await findStations(db, [one.stationNumber], start))[0]?.nozzles, nozzles);
});

test('the database itself refuses what no station can have', async () => {
  const impossible: Partial<Station>[] = [
    { latitude: 91 },
    { longitude: -181 },
    { stationNumber: 2 ** 30 },
    { orderMoneyMinorMin: 0 },
    { orderMoneyMinorMax: 1 },
    { grades: [{ ...price('92', 7_390), memberPriceMilli: 7_391 }] },
    { grades: [price('92', -1)] },
    { grades: [price('92', 7_390, start, start)] },
    { nozzles: [{ pump: 100, nozzle: 1, grade: '92' }] },
  ];
  for (const more of impossible)
    await assert.rejects(save([station(more)]), /violates check constraint/, JSON.stringify(more));
});

test('two imports of the same stations in opposite order at once both end', async () => {
  const stations = Array.from({ length: 50 }, () => station());
  const renamed = (name: string): Station[] => stations.map((one) => ({ ...one, name }));
  await save(stations);
  await Promise.all([save(renamed('a')), save(renamed('b').toReversed()), save(renamed('c'))]);
  const names = new Set(
    (
      await findStations(
        db,
        stations.map((one) => one.stationNumber),
        start,
      )
    ).map((one) => one.name),
  );
  assert.equal(names.size, 1, 'the last one won everywhere');
});
