import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { distanceMeters, type Place } from './position.ts';
import { createStationIndex } from './station-index.ts';

/** What the index must find, by looking at every station. */
function lookAtAll(places: readonly Place[], from: Place, rangeMeters: number, countMax: number) {
  return places
    .map((place, at) => ({ ...place, stationNumber: at + 1, distanceMeters: distanceMeters(from, place) }))
    .filter((found) => found.distanceMeters <= rangeMeters)
    .sort((a, b) => a.distanceMeters - b.distanceMeters || a.stationNumber - b.stationNumber)
    .slice(0, countMax);
}

/** Crowded into a kilometre around a corner of the earth where longitudes run together, wrap, or both. */
const corner = fc.constantFrom(
  { latitude: 39.9, longitude: 116.4 },
  { latitude: 0, longitude: 180 },
  { latitude: -17.8, longitude: -180 },
  { latitude: 90, longitude: 0 },
  { latitude: -90, longitude: 77 },
  { latitude: 89.996, longitude: 179.9 },
  { latitude: 89.99, longitude: -30 },
  { latitude: -89.9955, longitude: 12 },
);
const offset = fc.record({
  north: fc.double({ min: -0.01, max: 0.01, noNaN: true }),
  east: fc.double({ min: -1, max: 1, noNaN: true }),
});

function move({ latitude, longitude }: Place, { north, east }: { north: number; east: number }): Place {
  const movedLatitude = Math.max(-90, Math.min(90, latitude + north));
  const spread = Math.min(180, 0.01 / Math.max(Math.cos((movedLatitude * Math.PI) / 180), 1e-9));
  const movedLongitude = longitude + east * spread;
  return {
    latitude: movedLatitude,
    longitude:
      movedLongitude > 180 ? movedLongitude - 360 : movedLongitude < -180 ? movedLongitude + 360 : movedLongitude,
  };
}

test('the index finds what looking at every station finds, at the poles and across the 180th meridian too', () => {
  fc.assert(
    fc.property(
      corner,
      fc.array(offset, { maxLength: 60 }),
      offset,
      fc.integer({ min: 1, max: 900 }),
      fc.integer({ min: 1, max: 5 }),
      (around, offsets, own, rangeMeters, countMax) => {
        const places = offsets.map((one) => move(around, one));
        const from = move(around, own);
        const index = createStationIndex(places.map((place, at) => ({ ...place, stationNumber: at + 1 })));
        assert.deepEqual(index.nearest(from, rangeMeters, countMax), lookAtAll(places, from, rangeMeters, countMax));
      },
    ),
    { numRuns: 1_000 },
  );
});

test('a station on the other side of the 180th meridian is near', () => {
  const index = createStationIndex([{ stationNumber: 7, latitude: 0, longitude: -179.999 }]);
  const [found] = index.nearest({ latitude: 0, longitude: 179.999 }, 500, 3);
  assert.equal(found?.stationNumber, 7);
  assert.ok(Math.abs((found?.distanceMeters ?? 0) - 222.4) < 0.1);
});

test('a station is found by its number, and no station by another', () => {
  const index = createStationIndex([{ stationNumber: 7, latitude: 1, longitude: 2 }]);
  assert.deepEqual(index.find(7), { stationNumber: 7, latitude: 1, longitude: 2 });
  assert.equal(index.find(8), undefined);
  assert.equal(index.stationCount, 1);
});

test('an index of no stations finds none', () => {
  assert.deepEqual(createStationIndex([]).nearest({ latitude: 0, longitude: 0 }, 500, 3), []);
});
