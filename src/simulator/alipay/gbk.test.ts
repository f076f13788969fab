import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unzipSync } from 'fflate';
import { array, assert as assertProperty, constantFrom, property, string, uint8Array } from 'fast-check';
import { encodeGbk } from './gbk.ts';
import { zip } from './zip.ts';

test('Chinese, signs and letters stand in their bytes, and what GBK does not have becomes a question mark', () => {
  assert.deepEqual([...encodeGbk('油¥9')], [0xd3, 0xcd, 0x3f, 0x39]);
  assert.deepEqual([...encodeGbk('（元）￥')], [0xa3, 0xa8, 0xd4, 0xaa, 0xa3, 0xa9, 0xa3, 0xa4]);
  assert.deepEqual([...encodeGbk('⛽')], [0x3f]);
});

test('every text of GBK is read back by the platform as it was written', () => {
  const characters = Array.from({ length: 20_902 }, (_, index) => String.fromCodePoint(0x4e00 + index));
  const decoder = new TextDecoder('gbk', { fatal: true });
  assert.equal(decoder.decode(encodeGbk(characters.join(''))), characters.join(''));
  assertProperty(
    property(array(constantFrom(...characters, 'a', ',', '\t', '￥')), (some) => {
      assert.equal(decoder.decode(encodeGbk(some.join(''))), some.join(''));
    }),
  );
});

test('an archive is read back by another library, whatever is in it', () => {
  assertProperty(
    property(string({ minLength: 1 }), uint8Array({ maxLength: 5000 }), (name, bytes) => {
      const files = unzipSync(
        zip([
          { name: Buffer.from('first.csv'), content: Buffer.from(name) },
          { name: Buffer.from('second.csv'), content: Buffer.from(bytes) },
        ]),
      );
      assert.deepEqual(Object.keys(files), ['first.csv', 'second.csv']);
      assert.deepEqual(Buffer.from(files['second.csv'] ?? []), Buffer.from(bytes));
      assert.equal(Buffer.from(files['first.csv'] ?? []).toString(), name);
    }),
    { numRuns: 30 },
  );
});
