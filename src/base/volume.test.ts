import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatPriceMilli, formatVolumeMilli, parsePriceMilli, parseVolumeMilli } from './volume.ts';

test('volumes and prices are whole thousandths, shown with two digits or three where the third counts', () => {
  assert.equal(parseVolumeMilli('27.06'), 27_060);
  assert.equal(formatVolumeMilli(27_060), '27.06');
  assert.equal(formatVolumeMilli(11_023), '11.023');
  assert.equal(parsePriceMilli('1.379'), 1_379);
  assert.equal(formatPriceMilli(1_379), '1.379');
  assert.equal(formatPriceMilli(7_390), '7.39');
});

test('a fourth digit is refused', () => {
  assert.equal(parseVolumeMilli('1.0001'), null);
  assert.equal(parsePriceMilli('1.3799'), null);
});
