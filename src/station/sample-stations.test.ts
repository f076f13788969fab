import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStationNumber } from '../base/ids.ts';
import { minorDigits } from '../base/money.ts';
import { isRefusal } from '../base/problem.ts';
import { isTimeZone } from './import/read-station.ts';
import { checkLimits } from './limits.ts';
import { distanceMeters } from './position.ts';
import { priceOrder } from './price.ts';
import { sampleStations } from './sample-stations.ts';

const stations = sampleStations(0);

test('there are a dozen sample stations with numbers of their own, of which exactly two are neighbours', () => {
  assert.equal(stations.length, 12);
  assert.equal(new Set(stations.map((station) => station.stationNumber)).size, 12);
  const near = stations.flatMap((a) =>
    stations.filter((b) => a.stationNumber < b.stationNumber && distanceMeters(a, b) < 100),
  );
  assert.deepEqual(
    near.map((station) => station.stationNumber),
    [1002],
  );
});

test('every sample station is possible, and each of its grades can be ordered for the smallest money', () => {
  for (const station of stations) {
    assert.ok(
      isStationNumber(station.stationNumber) && isTimeZone(station.timeZone) && minorDigits(station.currency) !== null,
    );
    for (const { grade, pumpPriceMilli, memberPriceMilli, officialPriceMilli } of station.grades) {
      for (const milli of [pumpPriceMilli, memberPriceMilli, officialPriceMilli]) {
        assert.equal((milli ?? 0) % station.priceResolutionMilli, 0, `${station.name} ${grade}`);
      }
      const moneyMinor = station.orderMoneyMinorMin;
      const priced = priceOrder({ rules: station, pumpPriceMilli, memberPriceMilli, moneyMinor, volumeMilli: null });
      assert.ok(!isRefusal(priced), `${station.name} ${grade}`);
      assert.equal(checkLimits(station, priced), null);
    }
  }
});

test('methods are offered only where they take the currency', () => {
  for (const { methods, currency } of stations)
    assert.deepEqual(methods, currency === 'CNY' ? ['wechat-pay', 'alipay', 'stripe'] : ['stripe']);
});
