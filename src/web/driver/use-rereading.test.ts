import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sampleOrder } from './testing/samples.ts';
import { rereadsMax } from './use-rereading.ts';

void describe('an order is read anew for its methods', () => {
  it('every 15 seconds of its life and not longer', () => {
    assert.equal(rereadsMax(sampleOrder), 60, 'a quarter of an hour');
    assert.equal(rereadsMax({ placedAt: '2026-01-01T00:00:00.000Z', expiresAt: '2026-01-01T00:00:16.000Z' }), 2);
    assert.equal(rereadsMax({ placedAt: sampleOrder.placedAt, expiresAt: sampleOrder.placedAt }), 0);
  });
});
