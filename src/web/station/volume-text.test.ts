import assert from 'node:assert/strict';
import { it } from 'node:test';
import { sayIn } from './staff-tools.ts';
import { volumeText } from './volume-text.ts';

const told = (dispensed: string | null): readonly string[] =>
  (['en', 'zh-CN'] as const).map((language) =>
    volumeText(sayIn(language), language, { volume: '12.37', dispensed, unit: 'l' }),
  );

void it('fuel beside a sum is what the sum paid for, and what came out where that is another volume', () => {
  assert.deepEqual(told(null), ['12.37\u00a0L', '12.37\u00a0升']);
  assert.deepEqual(told('12.370'), ['12.37\u00a0L', '12.37\u00a0升']);
  assert.deepEqual(told('10.00'), [
    '12.37\u00a0L paid, 10.00\u00a0L dispensed',
    '已付 12.37\u00a0升，实加 10.00\u00a0升',
  ]);
});
