import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readGeoJson } from './geojson.ts';

const read = (text: string) => [...readGeoJson(Buffer.from(text))];

/** Line and fault, or line and place, of each row. */
const outline = (text: string) =>
  read(text).map((row) => [row.line, row.fault ?? `${row.place?.latitude}, ${row.place?.longitude}`]);

const feature = (longitude: number, latitude: number, properties: unknown = {}) =>
  JSON.stringify({ type: 'Feature', geometry: { type: 'Point', coordinates: [longitude, latitude] }, properties });

const collection = (...features: string[]) => `{"type":"FeatureCollection","features":[\n${features.join(',\n')}\n]}\n`;

test('each Point feature is a row with its line, however the file is laid out', () => {
  const pretty = JSON.stringify(
    JSON.parse(collection(feature(5.7, 45.7, { id: 1 }), feature(4.8, 46.2, { id: 2 }))),
    null,
    2,
  );
  assert.deepEqual(outline(pretty), [
    [4, '45.7, 5.7'],
    [17, '46.2, 4.8'],
  ]);
  assert.deepEqual(outline(`\uFEFF${collection(feature(5.7, 45.7), feature(4.8, 46.2))}`), [
    [2, '45.7, 5.7'],
    [3, '46.2, 4.8'],
  ]);
  assert.deepEqual(outline('{"features":[],"type":"FeatureCollection","crs":{"a":["}",null,1e5,true]}}'), []);
});

test('a bad feature is reported by its line and the good ones around it are read', () => {
  const rows = outline(
    collection(
      feature(1, 2),
      '{"type":"Feature","geometry":null,"properties":{}}',
      '{"type":"Feature","geometry":{"type":"Polygon","coordinates":[]},"properties":{}}',
      '{"type":"Feature","geometry":{"type":"Point","coordinates":["1",2]},"properties":{}}',
      '{"type":"Feature","geometry":{"type":"Point"},"properties":{}}',
      '{"type":"Feature" "geometry":{}}',
      'null',
      '"text with ] and }"',
      feature(3, 4),
    ),
  );
  const expected = [
    /^2, 1$/,
    /no geometry/,
    /"Polygon", not "Point"/,
    /no coordinates/,
    /no coordinates/,
    /no JSON/,
    /no GeoJSON Feature/,
    /no GeoJSON Feature/,
    /^4, 3$/,
  ];
  assert.equal(rows.length, expected.length);
  for (const [at, [line, what]] of rows.entries()) {
    assert.equal(line, at + 2);
    assert.match(String(what), expected[at] ?? /never/);
  }
});

test('an id beside the properties is read, and a property of that name goes before it', () => {
  const ids = read(
    '{"type":"FeatureCollection","features":[{"type":"Feature","id":7,"geometry":{"type":"Point","coordinates":[1,2]},"properties":null}]}',
  );
  assert.deepEqual(
    ids.map((row) => row.fault ?? row.properties['id']),
    [7],
  );
});

test('a file that is no FeatureCollection is refused as a whole, with the line', () => {
  for (const [text, reason] of [
    ['', /ends too early, on line 1/],
    ['[]', /unexpected "\[" on line 1/],
    ['{}', /no GeoJSON FeatureCollection/],
    ['{"type":"Feature","features":[]}', /no GeoJSON FeatureCollection/],
    ['{"type":"FeatureCollection","features":{}}', /no GeoJSON FeatureCollection/],
    ['{"type":"FeatureCollection",\n"features":[{"type":"Feature"}', /ends too early, on line 2/],
    ['{"type":"FeatureCollection","features":[{"type":"Fea', /ends too early/],
    ['{"type" "FeatureCollection"}', /unexpected "\\""/],
    ['{"type":"FeatureCollection","features":[1 2]}', /unexpected "2"/],
    ['{"type":"FeatureCollection","features":[,]}', /unexpected ","/],
  ] as const) {
    assert.throws(() => read(text), reason, text);
  }
  assert.throws(() => [...readGeoJson(Buffer.from([0x7b, 0xff, 0x7d]))], /not UTF-8/);
});

test('any features survive, whatever quotes, brackets and line feeds are in their text', () => {
  const place = fc.tuple(fc.integer({ min: -180, max: 180 }), fc.integer({ min: -90, max: 90 }), fc.jsonValue());
  fc.assert(
    fc.property(fc.array(place, { maxLength: 8 }), fc.constantFrom(undefined, 1, '\t'), (places, indent) => {
      const features = places.map(([longitude, latitude, value]) =>
        JSON.parse(feature(longitude, latitude, { value })),
      );
      const text = JSON.stringify({ name: '{"]', type: 'FeatureCollection', features }, null, indent);
      const rows = read(text);
      assert.deepEqual(
        rows.map((row) => [
          row.fault,
          row.fault === undefined && row.properties['value'],
          row.fault === undefined && row.place,
        ]),
        features.map((one) => [
          undefined,
          one.properties.value,
          { longitude: one.geometry.coordinates[0], latitude: one.geometry.coordinates[1] },
        ]),
      );
      const lines = rows.map((row) => row.line);
      assert.deepEqual(lines, indent === undefined ? lines.map(() => 1) : [...new Set(lines)].sort((a, b) => a - b));
    }),
  );
});
