import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toNearbyMessage, toStationMessage } from './describe-station.ts';
import { sampleStations } from './sample-stations.ts';
import { nearbyMessage, stationMessage } from './station.message.ts';

const stations = sampleStations(Date.parse('2026-11-23T00:00:00Z'));

test('every sample station is a message that its schema takes, with nothing beside', () => {
  for (const station of stations) {
    const message = toStationMessage(station);
    assert.deepEqual(stationMessage.parse(message), message);
    assert.deepEqual(Object.keys(message).sort(), Object.keys(stationMessage.shape).sort());
  }
});

test("amounts are decimal strings of the station's currency, times RFC 3339", () => {
  const messages = new Map(stations.map((station) => [station.stationNumber, toStationMessage(station)]));
  const beijing = messages.get(1001);
  assert.deepEqual(
    [beijing?.orderMoneyMin, beijing?.volumeStep, beijing?.priceResolution, beijing?.orderVolumeMax],
    ['5.00', '0.01', '0.01', '500.00'],
  );
  assert.deepEqual(beijing?.grades[0], {
    grade: '92',
    officialPrice: '7.69',
    pumpPrice: '7.39',
    memberPrice: '7.19',
    validFrom: '2026-11-23T00:00:00.000Z',
    validUntil: null,
  });
  assert.equal(messages.get(4001)?.orderMoneyMin, '500');
  assert.equal(messages.get(3001)?.volumeStep, '0.001');
});

test('a candidate that left the database is left out, and is then not selected', () => {
  const candidate = (stationNumber: number) => ({ stationNumber, distanceMeters: 12.6, bearingDegrees: 359.7 });
  const nearby = { candidates: [candidate(77), candidate(1001)], selected: { stationNumber: 77 }, reason: null };
  const message = toNearbyMessage(nearby, stations);
  assert.deepEqual(nearbyMessage.parse(message), message);
  assert.deepEqual(
    message.candidates.map((one) => [one.station.stationNumber, one.distanceMeters, one.bearingDegrees]),
    [[1001, 13, 0]],
  );
  assert.deepEqual([message.selected, message.reason], [null, 'no_station_in_range']);
});
