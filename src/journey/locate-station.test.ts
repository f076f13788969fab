import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makePumpCode } from '../base/ids.ts';
import { isRefusal } from '../base/problem.ts';
import { distanceMeters, type Position } from '../station/position.ts';
import { sampleStations } from '../station/sample-stations.ts';
import { createStationIndex } from '../station/station-index.ts';
import { type LocateRequest, locateStation } from './locate-station.ts';

const metersPerDegree = 111_195.08;
const driver = { latitude: 30, longitude: 120 };

/** Stations 1, 2, … so many metres north of the driver. */
const indexAt = (...metersNorth: number[]) =>
  createStationIndex(
    metersNorth.map((meters, at) => ({
      stationNumber: at + 1,
      latitude: driver.latitude + meters / metersPerDegree,
      longitude: driver.longitude,
    })),
  );

const here = (more: Partial<Position> = {}): Position => ({ ...driver, datum: 'WGS-84', accuracyMeters: 20, ...more });

/** The station's number, or why there is none. */
function outcome(index: ReturnType<typeof indexAt>, request: LocateRequest): number | string {
  const located = locateStation(index, request);
  if (isRefusal(located)) return located.refusal;
  return located.selected?.stationNumber ?? located.reason ?? 'neither';
}

test('the nearest is taken only below 150 m and with a margin above three times the accuracy', () => {
  const cases = [
    // metres to the stations, accuracy, outcome
    [[100], 20, 1],
    [[149], 20, 1],
    [[151], 20, 'station_ambiguous'],
    [[499], 20, 'station_ambiguous'],
    [[501], 20, 'no_station_in_range'],
    [[], 20, 'no_station_in_range'],
    [[100, 161], 20, 1],
    [[100, 159], 20, 'station_ambiguous'],
    [[100, 110, 480], 5, 'station_ambiguous'],
    [[10, 321], 100, 1],
    [[10, 309], 100, 'station_ambiguous'],
    [[100, 600], 200, 'station_ambiguous'],
    [[100, 701], 200, 1],
    [[149], 250, 1],
    [[10], 251, 'position_too_vague'],
    [[], 251, 'position_too_vague'],
  ] as const;
  for (const [meters, accuracyMeters, expected] of cases) {
    assert.equal(
      outcome(indexAt(...meters), { position: here({ accuracyMeters }) }),
      expected,
      `${meters.join(', ')} at ${accuracyMeters} m`,
    );
  }
});

test('who drives faster than 13 m/s is offered no selection, whatever else', () => {
  const index = indexAt(10);
  assert.equal(outcome(index, { position: here({ speedMetersPerSecond: 13 }) }), 1);
  assert.equal(outcome(index, { position: here({ speedMetersPerSecond: 13.1 }) }), 'moving_too_fast');
  assert.equal(
    outcome(index, { position: here({ speedMetersPerSecond: 14, accuracyMeters: 900 }) }),
    'moving_too_fast',
  );
});

test('at most three candidates within 500 m are shown, nearest first, with distance and bearing', () => {
  const located = locateStation(indexAt(480, 200, -90, 300, 510), { position: here() });
  assert.ok(!isRefusal(located));
  const rounded = located.candidates.map((one) => [
    one.stationNumber,
    Math.round(one.distanceMeters),
    Math.round(one.bearingDegrees),
  ]);
  assert.deepEqual(rounded, [
    [3, 90, 180],
    [2, 200, 0],
    [4, 300, 0],
  ]);
});

test('candidates are shown for the driver to choose where none was selected', () => {
  for (const more of [{ accuracyMeters: 300 }, { speedMetersPerSecond: 20 }]) {
    const located = locateStation(indexAt(10, 20), { position: here(more) });
    assert.ok(!isRefusal(located));
    assert.equal(located.selected, null);
    assert.equal(located.candidates.length, 2);
  }
});

test('refusals come in their order', () => {
  const index = indexAt(10, 2_000);
  const code = makePumpCode(2, 4);
  const walk: [string, LocateRequest][] = [
    ['position_missing', {}],
    ['position_invalid', { position: here({ latitude: 91, accuracyMeters: undefined }), pumpCode: 'nonsense' }],
    ['accuracy_missing', { position: here({ accuracyMeters: undefined }), pumpCode: 'nonsense' }],
    ['pump_code_invalid', { pumpCode: 'nonsense', stationNumber: 1 }],
    ['station_ambiguous', { pumpCode: makePumpCode(3, 1), stationNumber: 1 }],
    ['station_unknown', { pumpCode: makePumpCode(3, 1), position: here() }],
    ['station_unknown', { stationNumber: 3 }],
    ['station_too_far', { pumpCode: code, position: here() }],
    ['station_too_far', { stationNumber: 2, position: here({ accuracyMeters: 1_000 }) }],
  ];
  for (const [refusal, request] of walk) assert.equal(outcome(index, request), refusal, JSON.stringify(request));
});

test('the code on the pump names station and pump, with and without a position', () => {
  const index = indexAt(10, 30);
  for (const position of [undefined, here({ accuracyMeters: 5_000 }), here({ speedMetersPerSecond: 30 })]) {
    const located = locateStation(index, { pumpCode: makePumpCode(2, 4), position, stationNumber: 2 });
    assert.ok(!isRefusal(located));
    assert.deepEqual(located.selected, { stationNumber: 2, pump: 4 });
  }
});

test('a named station may lie 500 m and the accuracy away, and no more', () => {
  const index = indexAt(560);
  assert.equal(outcome(index, { stationNumber: 1, position: here({ accuracyMeters: 59 }) }), 'station_too_far');
  assert.equal(outcome(index, { stationNumber: 1, position: here({ accuracyMeters: 61 }) }), 1);
  assert.equal(outcome(index, { stationNumber: 1 }), 1);
});

test('a Chinese phone that tells GCJ-02 finds the station that WGS-84 finds', () => {
  const [station] = sampleStations(0).filter(({ stationNumber }) => stationNumber === 1003);
  assert.ok(station);
  const index = createStationIndex(sampleStations(0));
  assert.equal(
    outcome(index, { position: { ...here(), latitude: station.latitude, longitude: station.longitude } }),
    1003,
  );
  const shifted = { ...here({ datum: 'GCJ-02' }), latitude: station.latitude, longitude: station.longitude };
  assert.notEqual(outcome(index, { position: shifted }), 1003, 'the same numbers in another datum are another place');
});

test('no position of any accuracy selects a station that is not the nearest, or one that the rule forbids', () => {
  const meters = fc.array(fc.integer({ min: -900, max: 900 }), { maxLength: 6 });
  fc.assert(
    fc.property(
      meters,
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 0, max: 20 }),
      (away, accuracyMeters, speedMetersPerSecond) => {
        const located = locateStation(indexAt(...away), { position: here({ accuracyMeters, speedMetersPerSecond }) });
        assert.ok(!isRefusal(located));
        assert.equal(located.selected === null, located.reason !== null);
        const [nearest = Number.POSITIVE_INFINITY, second = Number.POSITIVE_INFINITY] = away
          .map((one) => distanceMeters(driver, { ...driver, latitude: driver.latitude + one / metersPerDegree }))
          .sort((a, b) => a - b);
        const allowed =
          speedMetersPerSecond <= 13 && accuracyMeters <= 250 && nearest < 150 && second - nearest > 3 * accuracyMeters;
        assert.equal(located.selected !== null, allowed);
        if (located.selected !== null)
          assert.equal(located.candidates[0]?.stationNumber, located.selected.stationNumber);
      },
    ),
  );
});
