import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatMoneyMinor, minorDigits, parseMoneyMinor } from './money.ts';

test('each currency has the digits of ISO 4217, not those of its cash', () => {
  const digits = { CNY: 2, EUR: 2, USD: 2, JPY: 0, KRW: 0, VND: 0, KWD: 3, IQD: 3, HUF: 2, IDR: 2, ISK: 0, CLF: 4 };
  for (const [currency, expected] of Object.entries(digits)) assert.equal(minorDigits(currency), expected, currency);
});

test('three letters that are no currency are none', () => {
  for (const code of ['QQQ', 'cny', 'CN', 'CNYX', '', 'BTC', 'XAU']) assert.equal(minorDigits(code), null, code);
  assert.throws(() => parseMoneyMinor('1', 'QQQ'), /QQQ/);
});

test('amounts are read and written in minor units of their currency', () => {
  for (const [text, currency, minor] of [
    ['200.00', 'CNY', 20_000],
    ['61.09', 'EUR', 6_109],
    ['4500', 'JPY', 4_500],
    ['1.250', 'KWD', 1_250],
  ] as const) {
    assert.equal(parseMoneyMinor(text, currency), minor);
    assert.equal(formatMoneyMinor(minor, currency), text);
  }
});

test('an amount finer than the minor unit is none', () => {
  assert.equal(parseMoneyMinor('0.001', 'CNY'), null);
  assert.equal(parseMoneyMinor('0.5', 'JPY'), null);
  assert.equal(parseMoneyMinor('1.2345', 'KWD'), null);
});
