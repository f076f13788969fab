import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as assertProperty, integer, property } from 'fast-check';
import { formatYuan, parseYuan } from './yuan.ts';

test('whole fen survive the way through yuan', () => {
  assertProperty(
    property(integer({ min: -1_000_000_000_000, max: 1_000_000_000_000 }), (fen) => {
      assert.equal(parseYuan(formatYuan(fen)), fen);
    }),
  );
});

test('fees with five decimals are read, and what is finer than a fen or no number is not', () => {
  const table = [
    ['200.00', 20_000],
    ['200', 20_000],
    ['-0.12000', -12],
    ['-0.00', 0],
    ['0.001', null],
    ['1e3', null],
    ['', null],
    ['--1', null],
    ['1,000.00', null],
  ] as const;
  for (const [yuan, fen] of table) assert.equal(parseYuan(yuan), fen, yuan);
});
