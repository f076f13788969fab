import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkLimits } from './limits.ts';

const station = { currency: 'CNY', orderMoneyMinorMin: 500, orderMoneyMinorMax: 100_000, orderVolumeMilliMax: 200_000 };

test('an order at a limit is taken, one beyond it is refused by name with the limit', () => {
  const cases = [
    [{ moneyMinor: 500, volumeMilli: 10 }, null],
    [{ moneyMinor: 100_000, volumeMilli: 200_000 }, null],
    [
      { moneyMinor: 499, volumeMilli: 999_999 },
      { refusal: 'money_below_limit', hint: { orderMoneyMin: '5.00' } },
    ],
    [
      { moneyMinor: 100_001, volumeMilli: 999_999 },
      { refusal: 'money_above_limit', hint: { orderMoneyMax: '1000.00' } },
    ],
    [
      { moneyMinor: 500, volumeMilli: 200_001 },
      { refusal: 'volume_above_limit', hint: { orderVolumeMax: '200.00' } },
    ],
  ] as const;
  for (const [priced, expected] of cases)
    assert.deepEqual(checkLimits(station, priced), expected, JSON.stringify(priced));
});
