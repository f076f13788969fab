import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { minorDigits, moneyMinorMax } from '../base/money.ts';
import { isRefusal } from '../base/problem.ts';
import { roundingModes } from '../base/rounding.ts';
import { priceMilliMax, volumeMilliMax } from '../base/volume.ts';
import { checkReceipt, type PricingRequest, priceAt, priceOrder } from './price.ts';
import type { GradePrice, RoundingRules } from './station.ts';

const rules = (more: Partial<RoundingRules> = {}): RoundingRules => ({
  currency: 'CNY',
  unit: 'l',
  priceResolutionMilli: 1,
  volumeStepMilli: 10,
  rounding: 'half-up',
  ...more,
});

const ask = (more: Partial<PricingRequest>) =>
  priceOrder({
    rules: rules(),
    pumpPriceMilli: 7_390,
    memberPriceMilli: null,
    moneyMinor: null,
    volumeMilli: null,
    ...more,
  });

test('the worked data of the field come out to the minor unit', () => {
  const cases = [
    [
      'A1: 20 gal x 2.10',
      { rules: rules({ currency: 'USD', unit: 'gal-us' }), pumpPriceMilli: 2_100, volumeMilli: 20_000 },
      4_200,
      20_000,
      0,
    ],
    [
      'A2: 44.3 l x 1.379 = 61.0897',
      { rules: rules({ currency: 'EUR' }), pumpPriceMilli: 1_379, volumeMilli: 44_300 },
      6_109,
      44_300,
      0,
    ],
    [
      'A7: 10.4 l x 2.24 = 23.296',
      { rules: rules({ currency: 'EUR' }), pumpPriceMilli: 2_240, volumeMilli: 10_400 },
      2_330,
      10_400,
      0,
    ],
    [
      'A10: 50000 / 2950, money stays',
      { rules: rules({ currency: 'ZAR' }), pumpPriceMilli: 2_950_000, moneyMinor: 5_000_000 },
      5_000_000,
      16_940,
      0,
    ],
    [
      'A10: billed 50000 for 16.95 l',
      { rules: rules({ currency: 'ZAR' }), pumpPriceMilli: 2_950_000, moneyMinor: 5_000_000, volumeMilli: 16_950 },
      5_000_000,
      16_950,
      0,
    ],
    ['A11: 100 at 7.39, member 7.19', { memberPriceMilli: 7_190, moneyMinor: 10_000 }, 10_000, 13_530, 271],
    ['A11: 200', { memberPriceMilli: 7_190, moneyMinor: 20_000 }, 20_000, 27_060, 541],
    ['A11: 300', { memberPriceMilli: 7_190, moneyMinor: 30_000 }, 30_000, 40_590, 812],
  ] as const;
  for (const [name, request, moneyMinor, volumeMilli, discountMinor] of cases) {
    assert.deepEqual(
      ask(request),
      { moneyMinor, volumeMilli, discountMinor, payableMinor: moneyMinor - discountMinor },
      name,
    );
  }
});

test('currencies with no and with three digits are right to their smallest coin', () => {
  const yen = rules({ currency: 'JPY', rounding: 'down' });
  assert.deepEqual(ask({ rules: yen, pumpPriceMilli: 172_000, volumeMilli: 30_010 }), {
    moneyMinor: 5_161, // 5161.72 cut
    volumeMilli: 30_010,
    discountMinor: 0,
    payableMinor: 5_161,
  });
  assert.deepEqual(ask({ rules: yen, pumpPriceMilli: 172_000, memberPriceMilli: 169_000, moneyMinor: 5_000 }), {
    moneyMinor: 5_000,
    volumeMilli: 29_060, // 29.0697… floored
    discountMinor: 87, // 29.06 x 3 = 87.18
    payableMinor: 4_913,
  });
  const dinar = rules({ currency: 'KWD' });
  assert.deepEqual(ask({ rules: dinar, pumpPriceMilli: 105, volumeMilli: 40_010 }), {
    moneyMinor: 4_201, // 4.20105
    volumeMilli: 40_010,
    discountMinor: 0,
    payableMinor: 4_201,
  });
  assert.deepEqual(ask({ rules: dinar, pumpPriceMilli: 105, moneyMinor: 5_000 }), {
    moneyMinor: 5_000,
    volumeMilli: 47_610,
    discountMinor: 0,
    payableMinor: 5_000,
  });
});

test('each rounding mode of a station prices its own way', () => {
  // 0.75 l x 0.10 = 0.075: an exact half of a cent.
  const moneyOf = roundingModes.map((rounding) => {
    const priced = ask({ rules: rules({ rounding }), pumpPriceMilli: 100, volumeMilli: 750 });
    return isRefusal(priced) ? priced.refusal : priced.moneyMinor;
  });
  assert.deepEqual(moneyOf, [8, 8, 7, 8]);
  const even = ask({ rules: rules({ rounding: 'half-even' }), pumpPriceMilli: 100, volumeMilli: 850 });
  assert.equal(isRefusal(even) ? even.refusal : even.moneyMinor, 8);
});

test('refusals come in their order', () => {
  const walk: [string, Partial<PricingRequest>][] = [
    ['quantity_missing', {}],
    ['money_not_positive', { moneyMinor: 0, volumeMilli: 0 }],
    ['money_not_positive', { moneyMinor: -1 }],
    ['volume_not_positive', { moneyMinor: moneyMinorMax + 1, volumeMilli: -5 }],
    ['money_above_limit', { moneyMinor: moneyMinorMax + 1, volumeMilli: volumeMilliMax + 1 }],
    ['volume_above_limit', { volumeMilli: volumeMilliMax + 1 }],
    ['volume_step', { moneyMinor: 1, volumeMilli: 27_065 }],
    ['money_volume_disagree', { moneyMinor: 20_000, volumeMilli: 27_080 }],
    ['volume_not_positive', { moneyMinor: 7 }],
    ['volume_above_limit', { moneyMinor: moneyMinorMax }],
    [
      'money_not_positive',
      { rules: rules({ currency: 'JPY', rounding: 'down' }), pumpPriceMilli: 50_000, volumeMilli: 10 },
    ],
    [
      'money_above_limit',
      { rules: rules({ currency: 'KWD' }), pumpPriceMilli: priceMilliMax, volumeMilli: volumeMilliMax },
    ],
  ];
  for (const [refusal, request] of walk) assert.deepEqual(ask(request), { refusal }, JSON.stringify(request));
});

test('a discount that leaves nothing to pay is no order', () => {
  const rulesDown = rules({ rounding: 'down' });
  assert.deepEqual(ask({ rules: rulesDown, pumpPriceMilli: 190, memberPriceMilli: 10, volumeMilli: 100 }), {
    refusal: 'money_not_positive',
  });
});

test('money and volume agree up to exactly one step at the price, in both directions', () => {
  const exact = 7_390n * 27_060n;
  for (const [moneyMinor, agrees] of [
    [19_990, true],
    [19_989, false],
    [20_004, true],
    [20_005, false],
  ] as const) {
    const check = checkReceipt({ rules: rules(), pumpPriceMilli: 7_390, moneyMinor, volumeMilli: 27_060 });
    assert.equal(check.agrees, agrees, String(moneyMinor));
    assert.equal(check.differenceMicro, BigInt(moneyMinor) * 10_000n - exact);
  }
  const check = checkReceipt({ rules: rules(), pumpPriceMilli: 7_390, moneyMinor: 20_000, volumeMilli: 27_060 });
  assert.deepEqual(check, {
    agrees: true,
    differenceMicro: 26_600n,
    toleranceMicro: 73_900n,
    expectedMoneyMinor: 19_997,
    expectedVolumeMilli: 27_060,
  });
});

const anyRules = fc.record({
  currency: fc.constantFrom('CNY', 'JPY', 'KWD', 'EUR', 'USD', 'CLF'),
  unit: fc.constant('l' as const),
  priceResolutionMilli: fc.constant(1),
  volumeStepMilli: fc.constantFrom(1, 5, 10, 100, 1_000),
  rounding: fc.constantFrom(...roundingModes),
});
const anyPrice = fc.integer({ min: 1, max: 1_000_000 });
const anyMoney = fc.integer({ min: 1, max: 100_000_000 });
const anySteps = fc.integer({ min: 1, max: 100_000 });

/** What a volume costs exactly, in millionths of the major unit, beside a sum of money. */
const inMicro = (minor: number, currency: string): bigint =>
  BigInt(minor) * 10n ** BigInt(6 - (minorDigits(currency) ?? 0));

test('money to volume to money never exceeds what was paid, and falls short of it by less than a step', () => {
  fc.assert(
    fc.property(anyRules, anyPrice, anyMoney, (given, pumpPriceMilli, moneyMinor) => {
      const priced = ask({ rules: given, pumpPriceMilli, moneyMinor });
      if (isRefusal(priced)) return assert.ok(['volume_not_positive', 'volume_above_limit'].includes(priced.refusal));
      const worth = BigInt(priced.volumeMilli) * BigInt(pumpPriceMilli);
      const paid = inMicro(moneyMinor, given.currency);
      assert.ok(worth <= paid && paid - worth < BigInt(given.volumeStepMilli) * BigInt(pumpPriceMilli));
      assert.equal(priced.volumeMilli % given.volumeStepMilli, 0);
      assert.equal(priced.moneyMinor, moneyMinor);
      const back = ask({ rules: { ...given, rounding: 'down' }, pumpPriceMilli, volumeMilli: priced.volumeMilli });
      if (!isRefusal(back)) assert.ok(back.moneyMinor <= moneyMinor);
    }),
  );
});

test('volume x price is right to less than one minor unit, in the direction of the mode', () => {
  fc.assert(
    fc.property(anyRules, anyPrice, anySteps, (given, pumpPriceMilli, steps) => {
      const volumeMilli = steps * given.volumeStepMilli;
      const priced = ask({ rules: given, pumpPriceMilli, volumeMilli });
      if (isRefusal(priced)) return assert.ok(['money_not_positive', 'volume_above_limit'].includes(priced.refusal));
      const off = inMicro(priced.moneyMinor, given.currency) - BigInt(volumeMilli) * BigInt(pumpPriceMilli);
      const unit = inMicro(1, given.currency);
      if (given.rounding === 'down') assert.ok(-unit < off && off <= 0n);
      else if (given.rounding === 'up') assert.ok(0n <= off && off < unit);
      else assert.ok(-unit <= 2n * off && 2n * off <= unit);
    }),
  );
});

test('what was priced by money or by volume is accepted when both are given, where a coin is not larger than a step costs', () => {
  fc.assert(
    fc.property(
      anyRules,
      anyPrice,
      fc.oneof(anyMoney, anySteps),
      fc.boolean(),
      (given, pumpPriceMilli, quantity, byMoney) => {
        fc.pre(inMicro(1, given.currency) <= BigInt(given.volumeStepMilli) * BigInt(pumpPriceMilli));
        const request = { rules: given, pumpPriceMilli };
        const priced = ask({
          ...request,
          ...(byMoney ? { moneyMinor: quantity } : { volumeMilli: quantity * given.volumeStepMilli }),
        });
        if (isRefusal(priced)) return;
        assert.deepEqual(ask({ ...request, moneyMinor: priced.moneyMinor, volumeMilli: priced.volumeMilli }), priced);
      },
    ),
  );
});

test('both are accepted exactly when they lie within one step of each other', () => {
  fc.assert(
    fc.property(
      anyRules,
      anyPrice,
      anySteps,
      fc.integer({ min: -300, max: 300 }),
      (given, pumpPriceMilli, steps, off) => {
        const volumeMilli = steps * given.volumeStepMilli;
        const minor = inMicro(1, given.currency);
        const worth = BigInt(volumeMilli) * BigInt(pumpPriceMilli);
        const moneyMinor = Number(worth / minor) + off;
        fc.pre(moneyMinor > 0 && volumeMilli <= volumeMilliMax);
        const difference = BigInt(moneyMinor) * minor - worth;
        const agrees =
          (difference < 0n ? -difference : difference) <= BigInt(given.volumeStepMilli) * BigInt(pumpPriceMilli);
        const answer = ask({ rules: given, pumpPriceMilli, moneyMinor, volumeMilli });
        assert.equal(isRefusal(answer) && answer.refusal === 'money_volume_disagree', !agrees);
      },
    ),
  );
});

test('the discount is never negative, never above the money, and grows with the volume', () => {
  fc.assert(
    fc.property(anyRules, anyPrice, anyPrice, anySteps, anySteps, (given, a, b, few, many) => {
      fc.pre(few < many);
      const request = { rules: given, pumpPriceMilli: Math.max(a, b), memberPriceMilli: Math.min(a, b) };
      const less = ask({ ...request, volumeMilli: few * given.volumeStepMilli });
      const more = ask({ ...request, volumeMilli: many * given.volumeStepMilli });
      for (const priced of [less, more]) {
        if (isRefusal(priced)) continue;
        assert.ok(priced.discountMinor >= 0 && priced.payableMinor > 0);
        assert.equal(priced.moneyMinor - priced.discountMinor, priced.payableMinor);
      }
      if (!isRefusal(less) && !isRefusal(more)) assert.ok(less.discountMinor <= more.discountMinor);
    }),
  );
});

test('prices that no station can have throw with their values', () => {
  for (const pumpPriceMilli of [0, -1, 1.5, priceMilliMax + 1, Number.NaN]) {
    assert.throws(() => ask({ pumpPriceMilli, moneyMinor: 100 }), /is no pump price/);
  }
  assert.throws(() => ask({ memberPriceMilli: 7_400, moneyMinor: 100 }), /member price 7400/);
});

test('of several prices the one that began last and has not ended is valid', () => {
  const price = (pumpPriceMilli: number, validFrom: number, validUntil: number | null): GradePrice => ({
    grade: '92',
    officialPriceMilli: null,
    pumpPriceMilli,
    memberPriceMilli: null,
    validFrom,
    validUntil,
  });
  const prices = [price(1, 100, null), price(2, 200, 300), price(3, 400, null)];
  for (const [now, expected] of [
    [99, 'price_missing'],
    [100, 1],
    [200, 2],
    [299, 2],
    [300, 1],
    [400, 3],
  ] as const) {
    const found = priceAt(prices, '92', now);
    assert.equal(isRefusal(found) ? found.refusal : found.pumpPriceMilli, expected, `at ${now}`);
  }
  assert.deepEqual(priceAt(prices, '95', 100), { refusal: 'grade_unknown' });
});
