import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openDatabase } from '../database/database.ts';
import { findPositions, findStations } from '../station/station.sql.ts';
import { runForecourt, runInProcess } from '../testing/command.ts';
import { testDatabaseUrl } from '../testing/database.ts';
import { unreachableUrl } from '../testing/unreachable-database.ts';
import { UsageError } from './command.ts';
import { command } from './stations-import.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forecourt-import-'));
});
after(() => rm(folder, { recursive: true, force: true }));

async function fileWith(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

async function importFile(path: string, ...words: string[]) {
  const outcome = await runForecourt([
    'stations',
    'import',
    path,
    '--currency',
    'EUR',
    '--time-zone',
    'Europe/Paris',
    ...words,
  ]);
  return { ...outcome, report: words.includes('--json') ? JSON.parse(outcome.stdout) : undefined };
}

async function storedNumbers(url: string): Promise<number[]> {
  const db = openDatabase({ url, connectionsMax: 1 });
  const numbers = (await findPositions(db)).map((place) => place.stationNumber);
  await db.close();
  return numbers;
}

const goodAndBad = 'id,name,lat,lon,price_e10\n1,Eins,48,2,1.899\n2,Zwei,48,200,1.899\n3,Drei,49,2,-1\n';

test('a GeoJSON file is imported with its mapping, rules and pumps', async () => {
  const url = await testDatabaseUrl();
  const feature = {
    type: 'Feature',
    geometry: { type: 'Point', coordinates: [5.708725, 45.748953] },
    properties: { id: 1300004, address: 'RUE DENIS PAPIN', city: 'BELLEY', price_e10: 1.99, price_sp98: 2.09 },
  };
  const path = await fileWith('belley.geojson', JSON.stringify({ type: 'FeatureCollection', features: [feature] }));
  const words = [
    '--map',
    'number=id,address=address,price.E10=price_e10',
    '--pumps',
    '2',
    '--order-max',
    '150',
    '--database',
    url,
    '--json',
  ];
  const first = await importFile(path, ...words);
  assert.equal(first.exitCode, 0, first.stderr);
  assert.deepEqual(first.report, {
    stored: true,
    rows: 1,
    good: 1,
    bad: 0,
    faults: [],
    missingProperties: [],
    saved: { stations: 1, nozzles: 4, prices: 2, endedPrices: 0 },
  });
  const db = openDatabase({ url, connectionsMax: 1 });
  const [station] = await findStations(db, [1_300_004], Date.now());
  await db.close();
  assert.deepEqual(
    [station?.latitude, station?.longitude, station?.unit, station?.orderMoneyMinorMax],
    [45.748953, 5.708725, 'l', 15_000],
  );
  assert.deepEqual(
    station?.grades.map(({ grade, pumpPriceMilli }) => [grade, pumpPriceMilli]),
    [
      ['E10', 1_990],
      ['sp98', 2_090],
    ],
  );
});

test('an import again tells the prices that it ended, takes the layout of the file and leaves a closed station closed', async () => {
  const url = await testDatabaseUrl();
  const header = 'id,lat,lon,price_92,price_95,nozzles,shut\n';
  const first = await fileWith('first.csv', `${header}7,48,2,1.8,1.9,1:1:92;1:2:95;2:3:92,closed\n`);
  const again = await fileWith('again.csv', `${header}7,48,2,1.8,,1:1:92;2:3:92,open\n8,48,3,1.8,,1:x:92,\n`);
  assert.equal((await importFile(first, '--database', url, '--map', 'state=shut')).exitCode, 0);
  const { exitCode, stdout, stderr } = await importFile(again, '--database', url);
  assert.equal(exitCode, 0);
  assert.match(stderr, /^line 3: nozzle number "x" is no whole number from 1 to 999\n$/);
  assert.equal(stdout, '2 rows: 1 good, 1 bad; new or changed: 0 stations, 1 nozzles, 0 prices; ended: 1 prices\n');
  const db = openDatabase({ url, connectionsMax: 1 });
  const [station] = await findStations(db, [7], Date.now());
  await db.close();
  assert.equal(station?.state, 'closed');
  assert.deepEqual(station.nozzles, [
    { pump: 1, nozzle: 1, grade: '92' },
    { pump: 2, nozzle: 3, grade: '92' },
  ]);
});

test('a database that cannot be reached exits with 3 and says so', async () => {
  const path = await fileWith('good.csv', 'id,lat,lon\n1,48,2\n');
  const { exitCode, stderr, report } = await importFile(path, '--database', await unreachableUrl(), '--json');
  assert.equal(exitCode, 3);
  assert.match(stderr, /^forecourt stations import: .*ECONNREFUSED/);
  assert.match(report.failure, /ECONNREFUSED/);
});

test('good rows of a CSV file are kept, bad ones reported by line; with --strict nothing is kept', async () => {
  const url = await testDatabaseUrl();
  const path = await fileWith('mixed.csv', goodAndBad);
  const strict = await importFile(path, '--database', url, '--strict');
  assert.equal(strict.exitCode, 1);
  assert.match(
    strict.stderr,
    /^line 3: impossible position: latitude 48, longitude 200\nline 4: price.e10 is negative: -1\n$/,
  );
  assert.match(strict.stdout, /^3 rows: 1 good, 2 bad; nothing stored\n$/);
  const kept = await importFile(path, '--database', url);
  assert.equal(kept.exitCode, 0);
  assert.match(
    kept.stdout,
    /^3 rows: 1 good, 2 bad; new or changed: 1 stations, 0 nozzles, 1 prices; ended: 0 prices\n$/,
  );
  assert.deepEqual(await storedNumbers(url), [1]);
});

test('a dry run needs no database and stores nothing', async () => {
  const { exitCode, report } = await importFile(await fileWith('dry.csv', goodAndBad), '--dry-run', '--json');
  assert.equal(exitCode, 0);
  assert.deepEqual([report.stored, report.good, report.bad, report.faults[0].line], [false, 1, 2, 3]);
});

test('a file that cannot be read, or without a good row, exits with 1', async () => {
  const broken = await importFile(
    await fileWith('broken.geojson', '{"type":"FeatureCollection","features":[{'),
    '--dry-run',
  );
  assert.equal(broken.exitCode, 1);
  assert.match(broken.stderr, /broken\.geojson: the file ends too early, on line 1/);
  assert.equal((await importFile(await fileWith('empty.csv', 'id,lat,lon\n'), '--dry-run')).exitCode, 1);
});

test('each wrong use is told before anything is read', async () => {
  const always = ['x.csv', '--currency', 'EUR', '--time-zone', 'Europe/Paris'];
  for (const [words, reason] of [
    [[], /name one FILE/],
    [['a.csv', 'b.csv'], /name one FILE/],
    [['x.csv'], /--currency is missing/],
    [['x.xml', '--currency', 'EUR'], /ends neither in/],
    [['x.csv', '--currency', 'EURO'], /EURO is no ISO 4217/],
    [['x.csv', '--currency', 'EUR', '--time-zone', 'Mars/Olympus'], /Mars\/Olympus is not known/],
    [[...always, '--map', 'colour=x'], /--map: "colour" is no field/],
    [[...always, '--pumps', '100'], /--pumps 100 is no whole number from 0 to 99/],
    [[...always, '--order-min', '20', '--order-max', '10'], /--order-max is below/],
    [[...always, '--methods', 'alipay,alipay'], /alipay stands twice/],
    [[...always, '--methods', 'paypal'], /"paypal" is no way of paying; there are wechat-pay, alipay, stripe$/],
    [[...always, '--valid-from', '2026-11-23'], /no RFC 3339 time/],
    [[...always, '--delimiter', '||'], /--delimiter takes one/],
    [[...always, '--datum', 'NAD27'], /--datum NAD27 is none of WGS-84/],
  ] as const) {
    await assert.rejects(
      runInProcess(command, words),
      (error) => error instanceof UsageError && reason.test(error.message),
      words.join(' '),
    );
  }
});
