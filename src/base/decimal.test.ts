import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatDecimal, parseDecimal } from './decimal.ts';

test('a decimal string is read as whole smallest parts', () => {
  assert.equal(parseDecimal('27.06', 3), 27_060);
  assert.equal(parseDecimal('0.001', 3), 1);
  assert.equal(parseDecimal('200', 2), 20_000);
  assert.equal(parseDecimal('1.500', 2), 150, 'zeros at the end are not finer');
  assert.equal(parseDecimal('007', 0), 7);
});

test('what is no plain decimal, or is too fine, is null', () => {
  const texts = [
    '',
    ' ',
    '1.',
    '.5',
    '-1',
    '+1',
    '1e3',
    '1,5',
    '0x10',
    '1.2345',
    'NaN',
    'Infinity',
    ' 1',
    '1\n',
    '１',
    '1.2.3',
    '1'.repeat(16),
  ];
  for (const text of texts) assert.equal(parseDecimal(text, 3), null, JSON.stringify(text));
});

test('a number too large for exact arithmetic is null', () => {
  assert.equal(parseDecimal('999999999999.999', 3), 999_999_999_999_999);
  assert.equal(parseDecimal('999999999999.999999', 6), null);
});

test('no more digits are shown than needed, and never fewer than asked', () => {
  assert.equal(formatDecimal(7_390, 3, 2), '7.39');
  assert.equal(formatDecimal(1_379, 3, 2), '1.379');
  assert.equal(formatDecimal(7_000, 3, 2), '7.00');
  assert.equal(formatDecimal(5, 2), '0.05');
  assert.equal(formatDecimal(-5, 2), '-0.05');
  assert.equal(formatDecimal(500, 0), '500');
  assert.equal(formatDecimal(-2_500_000n, 6, 2), '-2.50');
  assert.equal(formatDecimal(100_000_000_000_000_001n, 6, 2), '100000000000.000001');
});

test('a fraction cannot be formatted', () => {
  assert.throws(() => formatDecimal(1.5, 2), /1\.5/);
  assert.throws(() => formatDecimal(Number.NaN, 2), /NaN/);
});

test('what was formatted is read back the same', () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 40 }), fc.nat({ max: 4 }), (value, digits) => {
      assert.equal(parseDecimal(formatDecimal(value, digits), digits), value);
      assert.equal(parseDecimal(formatDecimal(value, digits, 0), digits), value);
    }),
  );
});
