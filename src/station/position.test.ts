import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  bearingDegrees,
  checkPosition,
  distanceMeters,
  earthRadiusMeters,
  isOnEarth,
  type Position,
  toWgs84,
} from './position.ts';

const beijing = { latitude: 39.9087, longitude: 116.3975 };
const position = (more: Partial<Position>): Position => ({ ...beijing, datum: 'WGS-84', accuracyMeters: 20, ...more });

test('a degree along a great circle is 111.195 km', () => {
  const degree = (earthRadiusMeters * Math.PI) / 180;
  for (const [a, b] of [
    [
      [0, 0],
      [1, 0],
    ],
    [
      [0, 0],
      [0, 1],
    ],
    [
      [0, 179.5],
      [0, -179.5],
    ],
    [
      [89.5, 0],
      [89.5, 180],
    ],
  ] as const) {
    const distance = distanceMeters({ latitude: a[0], longitude: a[1] }, { latitude: b[0], longitude: b[1] });
    assert.ok(Math.abs(distance - degree) < 0.01, `${a.join(', ')} to ${b.join(', ')}: ${distance}`);
  }
  assert.ok(Math.abs(degree - 111_195) < 1);
});

test('bearings run clockwise from north', () => {
  const from = { latitude: 0, longitude: 0 };
  for (const [latitude, longitude, bearing] of [
    [1, 0, 0],
    [0, 1, 90],
    [-1, 0, 180],
    [0, -1, 270],
  ] as const) {
    assert.ok(Math.abs(bearingDegrees(from, { latitude, longitude }) - bearing) < 1e-9, `${latitude}, ${longitude}`);
  }
});

test('a position is refused by name, in order', () => {
  for (const [more, refusal] of [
    [{ latitude: 90.1, accuracyMeters: undefined }, 'position_invalid'],
    [{ longitude: -180.1 }, 'position_invalid'],
    [{ latitude: Number.NaN }, 'position_invalid'],
    [{ longitude: Number.POSITIVE_INFINITY }, 'position_invalid'],
    [{ accuracyMeters: undefined }, 'accuracy_missing'],
    [{ accuracyMeters: 0 }, 'accuracy_missing'],
    [{ accuracyMeters: -1 }, 'accuracy_missing'],
    [{ accuracyMeters: Number.NaN }, 'accuracy_missing'],
  ] as const) {
    assert.deepEqual(checkPosition(position(more)), { refusal }, JSON.stringify(more));
  }
});

test('a speed that the phone does not know is not known', () => {
  for (const [speed, known] of [
    [undefined, null],
    [-1, null],
    [Number.NaN, null],
    [0, 0],
    [13.5, 13.5],
  ] as const) {
    assert.deepEqual(checkPosition(position({ speedMetersPerSecond: speed })), {
      ...beijing,
      accuracyMeters: 20,
      speedMetersPerSecond: known,
    });
  }
});

test('GCJ-02 in Beijing is about 555 m off, and BD-09 more', () => {
  const moved = distanceMeters(beijing, toWgs84(beijing, 'GCJ-02'));
  assert.ok(moved > 500 && moved < 600, String(moved));
  assert.ok(distanceMeters(beijing, toWgs84(beijing, 'BD-09')) > moved);
  assert.deepEqual(toWgs84(beijing, 'WGS-84'), beijing);
});

test('a place known in all three datums is the same place', () => {
  // The same corner of Tiananmen, as gcoord's forward formulas give it: 0.1 m is what the conversion back may miss.
  const gcj = { latitude: 39.910103, longitude: 116.403742 };
  const wgs = toWgs84(gcj, 'GCJ-02');
  assert.ok(distanceMeters(wgs, { latitude: 39.9087, longitude: 116.3975 }) < 2, JSON.stringify(wgs));
});

test('outside China GCJ-02 moves nothing', () => {
  const paris = { latitude: 48.8566, longitude: 2.3522 };
  assert.deepEqual(toWgs84(paris, 'GCJ-02'), paris);
});

const place = fc.record({
  latitude: fc.double({ min: -90, max: 90, noNaN: true }),
  longitude: fc.double({ min: -180, max: 180, noNaN: true }),
});

test('distance is the same both ways and at most half the way around the earth; bearings stay in the circle', () => {
  fc.assert(
    fc.property(place, place, (a, b) => {
      const distance = distanceMeters(a, b);
      assert.ok(distance >= 0 && distance <= Math.PI * earthRadiusMeters + 1);
      assert.ok(Math.abs(distance - distanceMeters(b, a)) < 1e-6 * earthRadiusMeters);
      const bearing = bearingDegrees(a, b);
      assert.ok(bearing >= 0 && bearing < 360, String(bearing));
      assert.ok(isOnEarth(a));
    }),
  );
});
