import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatDistance } from './driver/format-distance.ts';
import { formatInstant, formatMoney, formatPrice, formatVolume } from './format.ts';

void describe('people read', () => {
  it('money with the digits of its currency and its own sign', () => {
    assert.equal(formatMoney('en', '194.59', 'CNY'), '¥194.59');
    assert.equal(formatMoney('zh-CN', '1234.50', 'CNY'), '¥1,234.50');
    assert.equal(formatMoney('en', '3000', 'JPY'), '¥3,000');
    assert.equal(formatMoney('en', '50.00', 'EUR'), '€50.00');
  });

  it('a unit price with a third digit only where there is one', () => {
    assert.equal(formatPrice('en', '7.39', 'CNY', 'l'), '¥7.39/L');
    assert.equal(formatPrice('zh-CN', '7.39', 'CNY', 'l'), '¥7.39/升');
    assert.equal(formatPrice('en', '1.729', 'EUR', 'l'), '€1.729/L');
    assert.equal(formatPrice('en', '3.459', 'USD', 'gal-us'), '$3.459/gal');
  });

  it('a volume with the digits it came with', () => {
    assert.equal(formatVolume('en', '27.06', 'l'), '27.06 L');
    assert.equal(formatVolume('zh-CN', '27.060', 'kg'), '27.060 公斤');
    assert.equal(formatVolume('en', '150', 'gal-uk'), '150 gal (UK)');
  });

  it("times on the station's clock, not on the phone's", () => {
    assert.match(formatInstant('en', '2026-01-31T23:30:00Z', 'Asia/Shanghai'), /Feb 1, 07:30/);
    assert.match(formatInstant('zh-CN', '2026-01-31T16:05:00Z', 'Asia/Shanghai'), /2月1日.*00:05/);
    assert.match(formatInstant('en', '2026-01-31T23:30:00Z', 'America/New_York'), /Jan 31, 18:30/);
  });

  it('distances no finer than a phone knows, with the direction', () => {
    assert.equal(formatDistance('en', 84.4, 41), '84 m NE');
    assert.equal(formatDistance('en', 312, 359), '310 m N');
    assert.equal(formatDistance('zh-CN', 460, 270), '460 米 西');
  });
});
