import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dayMs, hourMs, minuteMs, secondMs } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import { deliveryAfter, isDelivered, retryAfterMs, saysGone, toTry } from './delivery.ts';
import type { PostOutcome } from './post-event.ts';

const now = Date.UTC(2026, 10, 23, 8);
const noChance = (byteCount: number): Uint8Array => new Uint8Array(byteCount);
const mostChance = (byteCount: number): Uint8Array => new Uint8Array(byteCount).fill(255);
const answered = (status: number, retryAfterMs: number | null = null): PostOutcome => ({
  kind: 'answered',
  status,
  answer: '',
  retryAfterMs,
});
const timeout: PostOutcome = { kind: 'failed', error: 'timeout' };

test('the schedule is that of Standard Webhooks: 5s 5m 30m 2h 5h 10h 14h 20h 24h', () => {
  const scheduled = [
    5 * secondMs,
    5 * minuteMs,
    30 * minuteMs,
    2 * hourMs,
    5 * hourMs,
    10 * hourMs,
    14 * hourMs,
    20 * hourMs,
    24 * hourMs,
  ];
  assert.deepEqual(
    scheduled.map((_, tries) => deliveryAfter(tries, timeout, now, noChance)),
    scheduled.map((delayMs, tries) => ({ state: 'waiting', tries: tries + 1, nextTryAt: now + delayMs })),
  );
  assert.deepEqual(deliveryAfter(9, timeout, now, noChance), { state: 'given_up', tries: 10, nextTryAt: null });
});

test('only a 2xx delivers, and only 410 says gone', () => {
  for (let status = 100; status < 600; status += 1) {
    const delivers = status >= 200 && status <= 299;
    assert.deepEqual(
      [isDelivered(answered(status)), saysGone(answered(status))],
      [delivers, status === 410],
      String(status),
    );
    assert.equal(deliveryAfter(0, answered(status), now, noChance).state, delivers ? 'delivered' : 'waiting');
  }
  assert.deepEqual([isDelivered(timeout), saysGone(timeout)], [false, false]);
});

test('chance puts a retry off by less than a tenth of its delay, and never earlier', () => {
  for (const [tries, delayMs] of retryAfterMs.entries()) {
    const { nextTryAt } = deliveryAfter(tries, timeout, now, mostChance);
    assert.ok(nextTryAt !== null && nextTryAt > now + delayMs && nextTryAt < now + delayMs * 1.1, `try ${tries}`);
  }
});

test('a receiver may ask for more patience than the schedule has, up to a day, and never for less', () => {
  const waitMs = (asked: number | null): number =>
    (deliveryAfter(1, answered(429, asked), now, noChance).nextTryAt ?? 0) - now;
  assert.deepEqual([null, 0, minuteMs, hourMs, 30 * dayMs].map(waitMs), [
    5 * minuteMs,
    5 * minuteMs,
    5 * minuteMs,
    hourMs,
    dayMs,
  ]);
});

test('whatever comes, a delivery waits for a next try or is over', () => {
  const outcome = fc.oneof(
    fc.constant(timeout),
    fc.record({
      kind: fc.constant('answered' as const),
      status: fc.integer({ min: 0, max: 999 }),
      answer: fc.string(),
      retryAfterMs: fc.option(fc.nat()),
    }),
  );
  fc.assert(
    fc.property(fc.nat(20), outcome, (tries, one) => {
      const { state, nextTryAt } = deliveryAfter(tries, one, now, systemRandom);
      assert.equal(state === 'waiting', nextTryAt !== null);
      assert.ok(nextTryAt === null || nextTryAt >= now + 5 * secondMs);
      const { status, error } = toTry(one, now, 12);
      assert.notEqual(status === null, error === null);
    }),
  );
});
