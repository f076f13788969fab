import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBell } from './bell.ts';
import { createDeadline, pause, retryDelayMs, sayError } from './retry.ts';

const limits = { firstMs: 250, maxMs: 15_000 };
const draw = (byte: number) => () => Uint8Array.of(byte);

test('waits double from 250 ms to 15 s and lie between their half and their whole', () => {
  const whole = [1, 2, 3, 6, 7, 8, 1_000].map((failures) => retryDelayMs(failures, limits, draw(255)));
  const half = [1, 2, 3, 6, 7, 8, 1_000].map((failures) => retryDelayMs(failures, limits, draw(0)));
  assert.deepEqual(whole, [250, 500, 1_000, 8_000, 15_000, 15_000, 15_000]);
  assert.deepEqual(
    half,
    whole.map((ms) => ms / 2),
  );
});

test('a pause ends when the work does', async () => {
  const ending = new AbortController();
  const paused = pause(60_000, ending.signal);
  ending.abort();
  await paused;
  await pause(60_000, ending.signal);
});

test('a deadline ends with its parent, and its end leaves nothing behind', () => {
  const parent = new AbortController();
  const [open, ended] = [createDeadline(60_000, parent.signal), createDeadline(60_000, parent.signal)];
  ended.end();
  parent.abort();
  open.end();
  assert.equal(open.signal.aborted, true);
  assert.equal(ended.signal.aborted, false);
  const late = createDeadline(60_000, parent.signal);
  late.end();
  assert.equal(late.signal.aborted, true);
});

test('a ring that nobody waited for wakes the next who waits, once', async () => {
  const bell = createBell();
  const ending = new AbortController();
  bell.ring();
  bell.ring();
  await bell.wait(ending.signal);
  const order: string[] = [];
  const ring = async () => {
    await Promise.resolve();
    order.push('rung');
    bell.ring();
  };
  const wait = async () => {
    await bell.wait(ending.signal);
    order.push('woken');
  };
  await Promise.all([wait(), ring()]);
  assert.deepEqual(order, ['rung', 'woken']);
  const last = bell.wait(ending.signal);
  ending.abort();
  await last;
});

test('the reason that fetch hides is said', () => {
  assert.equal(
    sayError(new TypeError('fetch failed', { cause: new Error('connect refused') })),
    'fetch failed: connect refused',
  );
  assert.equal(sayError('plain'), 'plain');
});
