import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Problem } from './cloud.ts';
import { limitOf, withNewPrice } from './cloud-hint.ts';
import { sampleStation as station } from './testing/samples.ts';

const problem = (code: string, hint?: Problem['hint']): Problem => ({
  code,
  status: 409,
  text: { 'zh-CN': '不', en: 'no' },
  ...(hint === undefined ? {} : { hint }),
});

void describe('the hint of a refusal', () => {
  it('brings the new price of the one grade, and leaves the others', () => {
    const changed = withNewPrice(station, '92', problem('price_changed', { pumpPrice: '7.49', memberPrice: null }));
    assert.deepEqual(
      changed?.grades.map(({ grade, pumpPrice, memberPrice }) => [grade, pumpPrice, memberPrice]),
      [
        ['92', '7.49', null],
        ['95', '7.86', null],
      ],
    );
  });

  it('changes no price without one, nor with a hint that cannot be read', () => {
    assert.equal(withNewPrice(station, '92', problem('price_changed')), null);
    assert.equal(withNewPrice(station, '92', problem('price_changed', { pumpPrice: 7.49 })), null);
    assert.equal(withNewPrice(station, '92', problem('station_closed', { pumpPrice: '7.49' })), null);
  });

  it('brings the limit that the order broke, in its own unit', () => {
    assert.deepEqual(limitOf(problem('money_below_limit', { orderMoneyMin: '10.00' })), {
      fault: 'quantity_below',
      of: 'money',
      limit: '10.00',
    });
    assert.deepEqual(limitOf(problem('volume_above_limit', { orderVolumeMax: '80.00' })), {
      fault: 'quantity_above',
      of: 'volume',
      limit: '80.00',
    });
    assert.equal(limitOf(problem('station_closed')), null);
  });
});
