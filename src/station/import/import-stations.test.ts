import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StationToSave } from '../station.sql.ts';
import { readCsv } from './csv.ts';
import { faultsMax, importStations } from './import-stations.ts';
import { parseMapping } from './mapping.ts';
import type { StationDefaults } from './read-station.ts';

const defaults: StationDefaults = {
  currency: 'CNY',
  unit: 'l',
  priceResolutionMilli: 10,
  volumeStepMilli: 10,
  rounding: 'half-up',
  timeZone: 'Asia/Shanghai',
  orderMoneyMinorMin: 500,
  orderMoneyMinorMax: 100_000,
  orderVolumeMilliMax: 500_000,
  methods: [],
  datum: 'WGS-84',
  pumps: 0,
  nameTemplate: null,
  addressTemplate: null,
  validFrom: 0,
};

async function run(text: string, ...pairs: string[]) {
  const stored: StationToSave[][] = [];
  const mapping = parseMapping(pairs);
  assert.ok(typeof mapping !== 'string');
  const save = async (stations: readonly StationToSave[]) => {
    stored.push([...stations]);
    return { stations: stations.length, nozzles: 0, prices: 0, endedPrices: 0 };
  };
  return { report: await importStations({ rows: readCsv(Buffer.from(text), ','), mapping, defaults, save }), stored };
}

test('good rows are kept and bad ones reported by line and reason', async () => {
  const { report, stored } = await run(
    'id,lat,lon,price_92\n1,30,120,7.39\n2,95,120,7.39\n1,31,121,7.39\n3,31,121,-7\n4,31,121,\n',
  );
  assert.deepEqual(
    stored.flat().map((station) => station.stationNumber),
    [1, 4],
  );
  assert.deepEqual(report, {
    rows: 5,
    good: 2,
    bad: 3,
    faults: [
      { line: 3, reason: 'impossible position: latitude 95, longitude 120' },
      { line: 4, reason: 'station number 1 stands twice: first on line 2' },
      { line: 5, reason: 'price.92 is negative: -7' },
    ],
    missingProperties: [],
    saved: { stations: 2, nozzles: 0, prices: 0, endedPrices: 0 },
  });
});

test('a number whose first row was bad may come again', async () => {
  const { report } = await run('id,lat,lon\n1,95,120\n1,31,121\n');
  assert.deepEqual([report.good, report.bad], [1, 1]);
});

test('large files are stored in batches, all faults are counted and the first thousand kept', async () => {
  const good = Array.from({ length: 1_201 }, (_, at) => `${at + 1},30,120`);
  const bad = Array.from({ length: faultsMax + 5 }, () => 'x,30,120');
  const { report, stored } = await run(['id,lat,lon', ...good, ...bad].join('\n'));
  assert.deepEqual(
    stored.map((batch) => batch.length),
    [500, 500, 201],
  );
  assert.deepEqual([report.good, report.bad, report.faults.length], [1_201, faultsMax + 5, faultsMax]);
});

test('a mapped property that no row has is told', async () => {
  const { report } = await run('id,lat,lon,p92\n1,30,120,7.39\n', 'price.92=p92,price.95=p95');
  assert.deepEqual(report.missingProperties, ['p95']);
});
