import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distanceMeters } from '../position.ts';
import type { StationToSave } from '../station.sql.ts';
import { type Mapping, parseMapping } from './mapping.ts';
import { readStation, type SourceStation, type StationDefaults } from './read-station.ts';

const defaults: StationDefaults = {
  currency: 'EUR',
  unit: 'l',
  priceResolutionMilli: 1,
  volumeStepMilli: 10,
  rounding: 'half-up',
  timeZone: 'Europe/Paris',
  orderMoneyMinorMin: 100,
  orderMoneyMinorMax: 100_000,
  orderVolumeMilliMax: 500_000,
  methods: [],
  datum: 'WGS-84',
  pumps: 0,
  nameTemplate: null,
  addressTemplate: null,
  validFrom: 1_000,
};

function mapping(...pairs: string[]): Mapping {
  const parsed = parseMapping(pairs);
  assert.ok(typeof parsed !== 'string', JSON.stringify(parsed));
  return parsed;
}

/** The reason where there is one; anything else never matches. */
const reasonOf = (answer: unknown): string => (typeof answer === 'string' ? answer : '');

const place = { latitude: 45.7, longitude: 5.7 };
const usual = {
  id: 1_300_004,
  address: 'RUE DENIS PAPIN',
  postcode: '01300',
  city: 'BELLEY',
  price_e10: 1.99,
  price_e85: null,
};
const row = (properties: Record<string, unknown> = {}, at: SourceStation['place'] = place): SourceStation => ({
  properties: { ...usual, ...properties },
  place: at,
});

function read(
  properties: Record<string, unknown>,
  more: Partial<StationDefaults> = {},
  ...pairs: string[]
): StationToSave {
  const station = readStation(row(properties), mapping(...pairs), { ...defaults, ...more });
  assert.ok(typeof station !== 'string', JSON.stringify(station));
  return station;
}

test('a row with the usual property names needs no mapping', () => {
  const { validFrom, datum: _d, pumps: _p, nameTemplate: _n, addressTemplate: _a, ...rules } = defaults;
  assert.deepEqual(read({}), {
    ...rules,
    ...place,
    stationNumber: 1_300_004,
    name: 'BELLEY, RUE DENIS PAPIN',
    brand: null,
    address: 'RUE DENIS PAPIN, 01300 BELLEY',
    timeZone: 'Europe/Paris',
    state: null,
    nozzles: [],
    grades: [
      {
        grade: 'e10',
        officialPriceMilli: null,
        pumpPriceMilli: 1_990,
        memberPriceMilli: null,
        validFrom,
        validUntil: null,
      },
    ],
  });
});

test('mapped properties go before the usual ones, and a mapped grade has all its mapped prices', () => {
  const station = read(
    { ref: '77', sp: '1.899', sp_member: 1.859, sp_board: '1.95' },
    {},
    'number=ref, price.SP98=sp,member-price.SP98=sp_member',
    'official-price.SP98=sp_board',
  );
  assert.equal(station.stationNumber, 77);
  assert.deepEqual(
    station.grades.map(({ grade, pumpPriceMilli, memberPriceMilli, officialPriceMilli }) => [
      grade,
      pumpPriceMilli,
      memberPriceMilli,
      officialPriceMilli,
    ]),
    [
      ['SP98', 1_899, 1_859, 1_950],
      ['e10', 1_990, null, null],
    ],
  );
});

const gradesOf = ({ grades }: StationToSave) =>
  grades.map((one) => [one.grade, one.pumpPriceMilli, one.memberPriceMilli]);

test('a mapped price renames its grade, and the other grades are still found by their names', () => {
  const more = { price_sp98: 2.1, member_price_e10: 1.95, price_E10: 9 };
  assert.deepEqual(gradesOf(read(more, {}, 'price.E10=price_e10')), [
    ['E10', 1_990, 1_950],
    ['sp98', 2_100, null],
  ]);
});

test('with the usual names turned off only mapped prices are taken', () => {
  const only = parseMapping(['price.E10=price_e10'], false);
  assert.ok(typeof only !== 'string');
  const station = readStation(row({ price_sp98: 2.1 }), only, defaults);
  assert.ok(typeof station !== 'string');
  assert.deepEqual(gradesOf(station), [['E10', 1_990, null]]);
});

test('a row with a state says it, and one without says nothing', () => {
  assert.equal(read({ state: 'open' }).state, 'open');
  assert.equal(read({ shut: 'closed' }, {}, 'state=shut').state, 'closed');
  assert.equal(read({ state: ' ' }).state, null);
});

test('a row with nozzles has that layout, and a row without the pumps that all stations get', () => {
  const own = [{ pump: 3, nozzle: 7, grade: 'e10' }];
  assert.deepEqual(read({ nozzles: '3:7:e10' }, { pumps: 2 }).nozzles, own);
  assert.deepEqual(read({ layout: own }, { pumps: 2 }, 'nozzles=layout').nozzles, own);
  assert.equal(read({ nozzles: '' }, { pumps: 2 }).nozzles.length, 2);
});

test('member and official prices are found by their usual names', () => {
  const [price] = read({ member_price_e10: '1.95', official_price_e10: '2.05' }).grades;
  assert.deepEqual([price?.memberPriceMilli, price?.officialPriceMilli], [1_950, 2_050]);
});

test('a station without a name is called by its brand and city, by city and street, or by its number', () => {
  assert.equal(read({ name: ' Le  Relais\n' }).name, 'Le Relais');
  assert.equal(read({ brand: 'Total' }).name, 'Total BELLEY');
  assert.equal(read({ city: '', address: null }).name, 'Station 1300004');
  assert.equal(read({ brand: 'Total', name: 'x' }, { nameTemplate: '{brand} - {city}' }).name, 'Total - BELLEY');
  assert.equal(read({ brand: '', name: 'x' }, { nameTemplate: '{brand}' }).name, 'x');
});

test('a station without an address has its place for one', () => {
  assert.equal(read({ city: '', address: null, postcode: '' }).address, '45.7, 5.7');
  assert.equal(read({ street: 'A 1' }, { addressTemplate: '{street}, {nothing}' }).address, 'A 1');
});

test('characters that cannot be printed become blanks', () => {
  assert.equal(read({ name: 'a\u0000b\u0089c\ud800' }).name, 'a b c\ufffd');
});

test('pumps are laid out with a nozzle for every grade that the station sells, numbered through the station', () => {
  const { nozzles } = read({ price_gazole: 1.7 }, { pumps: 2 });
  assert.deepEqual(
    nozzles.map(({ pump, nozzle, grade }) => `${pump}/${nozzle} ${grade}`),
    ['1/1 e10', '1/2 gazole', '2/3 e10', '2/4 gazole'],
  );
});

test('positions in a Chinese datum are converted', () => {
  const at = { latitude: 39.9087, longitude: 116.3975 };
  const station = readStation(row({}, at), mapping(), { ...defaults, datum: 'GCJ-02' });
  assert.ok(typeof station !== 'string');
  assert.ok(distanceMeters(at, station) > 500);
});

test('what is wrong with a row is told in words', () => {
  const cases = [
    [row({ id: '' }), /station number is missing/],
    [row({ id: 'A-7' }), /"A-7" is no whole number/],
    [row({ id: 0 }), /"0" is no whole number/],
    [row({ id: 2 ** 30 }), /from 1 to 1073741823/],
    [row({ id: 1.5 }), /"1.5"/],
    [row({}, null), /no place/],
    [row({ lat: '45,7', lon: '5' }, null), /impossible position: "45,7"/],
    [row({ lat: '91', lon: '5' }, null), /impossible position: latitude 91, longitude 5/],
    [row({}, { latitude: 6_500_000, longitude: 700_000 }), /impossible position/],
    [row({}, { latitude: 0, longitude: 0 }), /impossible position: latitude 0, longitude 0/],
    [row({ price_e10: -1.2 }), /price.e10 is negative: -1.2/],
    [row({ price_e10: 0 }), /price.e10 is zero/],
    [row({ price_e10: '1,99' }), /price.e10 "1,99" is no price/],
    [row({ price_e10: 1.9999 }), /at most three decimals/],
    [row({ price_e10: '1000000.001' }), /above 1000000.00/],
    [row({ member_price_e10: 2 }), /member-price.e10 2.00 is above the pump price 1.99/],
    [row({ member_price_e85: 2 }), /grade e85 has another price but no pump price/],
    [row({ price_e10: { value: 2 } }), /neither text nor number/],
    [row({ state: 'maybe' }), /state "maybe"/],
    [row({ nozzles: '1-1-92' }), /"1-1-92" is not pump:nozzle:grade/],
    [row({ timezone: 'Europe/Nowhere' }), /time zone "Europe\/Nowhere" is not known/],
    [row({ name: 'x'.repeat(201) }), /name has 201 characters, more than 200/],
  ] as const;
  for (const [bad, reason] of cases) assert.match(reasonOf(readStation(bad, mapping(), defaults)), reason);
  assert.match(
    reasonOf(readStation(row({ price_e10: 1.999 }), mapping(), { ...defaults, priceResolutionMilli: 10 })),
    /finer than 0.01/,
  );
  assert.match(reasonOf(readStation(row(), mapping(), { ...defaults, timeZone: null })), /time zone is missing/);
});

test('a mapping that cannot be meant is told', () => {
  for (const [pair, reason] of [
    ['number', /"number" is not FIELD=PROPERTY/],
    ['', /is not FIELD=PROPERTY/],
    ['colour=x', /"colour" is no field: number, name/],
    ['price.=x', /"price." is no field/],
    ['toString=x', /"toString" is no field/],
  ] as const) {
    assert.match(reasonOf(parseMapping([pair])), reason);
  }
});
