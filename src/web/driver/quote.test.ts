import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseMoneyMinor } from '../../base/money.ts';
import { quickQuantities } from './quick-quantities.ts';
import { formatStepped, quoteOrder, readDecimalText } from './quote.ts';
import { sampleStation as station } from './testing/samples.ts';

const [grade] = station.grades;
assert.ok(grade !== undefined);
const byMoney = (typed: string) => quoteOrder(station, grade, { by: 'money', typed });
const byVolume = (typed: string) => quoteOrder(station, grade, { by: 'volume', typed });

void describe('a quote', () => {
  it('turns 200 yuan at 7.39 into 27.06 litres and takes off the discount', () => {
    assert.deepEqual(byMoney('200'), {
      moneyMinor: 20000,
      volumeMilli: 27060,
      discountMinor: 541,
      payableMinor: 19459,
    });
  });

  it('turns 27.06 litres at 7.39 into 199.97 yuan', () => {
    assert.deepEqual(byVolume('27.06'), {
      moneyMinor: 19997,
      volumeMilli: 27060,
      discountMinor: 541,
      payableMinor: 19456,
    });
  });

  for (const [typed, fault] of [
    ['abc', { fault: 'quantity_malformed' }],
    ['-20', { fault: 'quantity_malformed' }],
    ['1,000', { fault: 'quantity_malformed' }],
    ['1e3', { fault: 'quantity_malformed' }],
    ['0', { fault: 'quantity_zero' }],
    ['20.005', { fault: 'quantity_too_fine', of: 'money', limit: '0.01' }],
    ['9.99', { fault: 'quantity_below', of: 'money', limit: '10.00' }],
    ['2000.01', { fault: 'quantity_above', of: 'money', limit: '2000.00' }],
    ['999999999999', { fault: 'quantity_above', of: 'money', limit: '2000.00' }],
  ] as const) {
    it(`of ${typed} yuan is none: ${fault.fault}`, () => assert.deepEqual(byMoney(typed), fault));
  }

  it('of a volume finer than the step, or above the limit, is none and names the limit in litres', () => {
    assert.deepEqual(byVolume('10.005'), { fault: 'quantity_too_fine', of: 'volume', limit: '0.01' });
    const wide = { ...station, orderMoneyMax: '100000.00' };
    assert.deepEqual(quoteOrder(wide, grade, { by: 'volume', typed: '200.01' }), {
      fault: 'quantity_above',
      of: 'volume',
      limit: '200.00',
    });
  });

  it('pays, for any amount within the limits, that amount less the discount, and never for more volume than it buys', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 147800 }), (moneyMinor) => {
        const quote = byMoney((moneyMinor / 100).toFixed(2));
        assert.ok('payableMinor' in quote);
        assert.equal(quote.moneyMinor, moneyMinor);
        assert.equal(quote.payableMinor, moneyMinor - quote.discountMinor);
        assert.ok(quote.volumeMilli * 7390 <= moneyMinor * 10_000);
      }),
    );
  });

  it('is offered by quick quantities only where the station allows them', () => {
    const small = { ...station, orderMoneyMax: '250.00' };
    const allowed = (typed: string) => !('fault' in quoteOrder(small, grade, { by: 'money', typed }));
    assert.deepEqual(
      quickQuantities(station, 'money', () => true),
      ['100', '200', '300', '400'],
    );
    assert.deepEqual(quickQuantities(small, 'money', allowed), ['100', '200']);
    assert.deepEqual(
      quickQuantities({ currency: 'CHF', unit: 'kg' }, 'money', () => true),
      [],
    );
    assert.deepEqual(
      quickQuantities({ currency: 'CHF', unit: 'kg' }, 'volume', () => true),
      ['5', '10', '15', '20'],
    );
  });

  it('shows volume with the digits of the step', () => {
    assert.equal(formatStepped({ volumeStep: '0.01' }, 27500), '27.50');
    assert.equal(formatStepped({ volumeStep: '0.001' }, 27500), '27.500');
    assert.equal(formatStepped({ volumeStep: '1' }, 27000), '27');
  });
});

void describe('what is typed', () => {
  for (const [typed, read] of [
    ['２００．５', '200.5'],
    [' 12 ', '12'],
    ['27,5', '27.5'],
    ['27.', '27'],
    ['.5', '0.5'],
    ['1,000', null],
    ['1.000,5', null],
    ['', null],
  ] as const) {
    it(`${JSON.stringify(typed)} is read as ${read ?? 'nothing'}`, () => assert.equal(readDecimalText(typed), read));
  }

  it('never becomes another number than the one meant', () => {
    fc.assert(
      fc.property(fc.nat(99_999_999), (minor) => {
        const text = (minor / 100).toFixed(2);
        assert.equal(parseMoneyMinor(readDecimalText(text) ?? '', 'CNY'), minor);
        assert.equal(parseMoneyMinor(readDecimalText(text.replace('.', ',')) ?? '', 'CNY'), minor);
      }),
    );
  });
});
