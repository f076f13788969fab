import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  checkCharacter,
  crockfordAlphabet,
  decodeBytes,
  decodeNumber,
  encodeBytes,
  encodeNumber,
  normalize,
} from './crockford.ts';

const base32 = fc.string({ unit: fc.constantFrom(...crockfordAlphabet.split('')), minLength: 1, maxLength: 12 });

test('a number survives base32', () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 45 - 1 }), (value) => assert.equal(decodeNumber(encodeNumber(value, 9)), value)),
  );
});

test('numbers in base32 sort as they count', () => {
  fc.assert(fc.property(fc.nat(), fc.nat(), (a, b) => assert.equal(encodeNumber(a, 9) < encodeNumber(b, 9), a < b)));
});

test('a number that does not fit, or is none, throws', () => {
  assert.throws(() => encodeNumber(32 ** 6, 6), /does not fit/);
  assert.throws(() => encodeNumber(-1, 6), /-1/);
  assert.throws(() => encodeNumber(0.5, 6), /0\.5/);
});

test('a number beyond exact arithmetic is null', () => {
  assert.equal(decodeNumber('Z'.repeat(10)), 32 ** 10 - 1);
  assert.equal(decodeNumber('Z'.repeat(11)), null);
  assert.equal(decodeNumber('Z'.repeat(400)), null);
});

test('bytes survive base32, in small letters too', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      assert.deepEqual(decodeBytes(encodeBytes(bytes)), bytes);
      assert.deepEqual(decodeBytes(encodeBytes(bytes).toLowerCase()), bytes);
    }),
  );
});

test('each text of base32 stands for at most one run of bytes', () => {
  fc.assert(
    fc.property(base32, (text) => {
      const bytes = decodeBytes(text);
      if (bytes !== null) assert.equal(encodeBytes(bytes), text);
    }),
  );
  assert.equal(decodeBytes('01'), null, 'filling that is not zero');
  assert.equal(decodeBytes('0'), null, 'a length that no bytes give');
  assert.equal(decodeBytes('0U'), null, 'a foreign character');
});

test('one wrong character never keeps the check character', () => {
  fc.assert(
    fc.property(base32, fc.nat(), fc.nat({ max: 30 }), (text, at, shift) => {
      const position = at % text.length;
      const wrong = crockfordAlphabet.charAt((crockfordAlphabet.indexOf(text.charAt(position)) + shift + 1) % 32);
      const other = text.slice(0, position) + wrong + text.slice(position + 1);
      assert.notEqual(checkCharacter(other), checkCharacter(text));
    }),
  );
});

test('of the swaps of two neighbours only 0 with Z keeps the check character', () => {
  for (const a of crockfordAlphabet) {
    for (const b of crockfordAlphabet) {
      const kept = checkCharacter(a + b) === checkCharacter(b + a);
      assert.equal(kept, a === b || [a + b, b + a].includes('0Z'), a + b);
    }
  }
});

test('O, I and L are read as meant, and other characters are none', () => {
  assert.equal(normalize('oIl9z'), '0119Z');
  for (const text of ['U', 'a-b', ' ', 'é', '😀']) assert.equal(normalize(text), null, text);
});
