import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { divideRounded, exactNumber, roundingModes } from './rounding.ts';

const cases = [
  // numerator, denominator, half-up, half-even, down, up
  [5n, 2n, 3n, 2n, 2n, 3n],
  [7n, 2n, 4n, 4n, 3n, 4n],
  [24n, 10n, 2n, 2n, 2n, 3n],
  [26n, 10n, 3n, 3n, 2n, 3n],
  [20n, 10n, 2n, 2n, 2n, 2n],
  [0n, 7n, 0n, 0n, 0n, 0n],
  [1n, 1_000_000n, 0n, 0n, 0n, 1n],
] as const;

test('each rounding mode does what its name says', () => {
  for (const [numerator, denominator, ...expected] of cases) {
    const answers = roundingModes.map((mode) => divideRounded(numerator, denominator, mode));
    assert.deepEqual(answers, expected, `${numerator} / ${denominator}`);
  }
});

const quotient = [fc.bigInt({ min: 0n, max: 10n ** 24n }), fc.bigInt({ min: 1n, max: 10n ** 12n })] as const;

test('down never exceeds the quotient, up never falls below it, and they differ by at most one', () => {
  fc.assert(
    fc.property(...quotient, (numerator, denominator) => {
      const down = divideRounded(numerator, denominator, 'down');
      const up = divideRounded(numerator, denominator, 'up');
      assert.ok(down * denominator <= numerator && numerator <= up * denominator);
      assert.equal(up - down, numerator % denominator === 0n ? 0n : 1n);
    }),
  );
});

test('half modes are never off by more than half', () => {
  fc.assert(
    fc.property(
      ...quotient,
      fc.constantFrom('half-up' as const, 'half-even' as const),
      (numerator, denominator, mode) => {
        const off = divideRounded(numerator, denominator, mode) * denominator - numerator;
        assert.ok(2n * (off < 0n ? -off : off) <= denominator);
      },
    ),
  );
});

test('half-even sends exact halves to even numbers', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n }), (whole) => {
      assert.equal(divideRounded(2n * whole + 1n, 2n, 'half-even') % 2n, 0n);
    }),
  );
});

test('a denominator of zero or a negative numerator throws with its values', () => {
  assert.throws(() => divideRounded(1n, 0n, 'down'), /1 \/ 0/);
  assert.throws(() => divideRounded(-1n, 2n, 'down'), /-1 \/ 2/);
});

test('a whole number that a double cannot hold exactly throws', () => {
  assert.equal(exactNumber(2n ** 53n - 1n), Number.MAX_SAFE_INTEGER);
  assert.throws(() => exactNumber(2n ** 53n), /9007199254740992/);
  assert.throws(() => exactNumber(2n ** 53n + 1n), /9007199254740993/);
});
