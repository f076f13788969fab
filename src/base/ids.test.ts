import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { crockfordAlphabet } from './crockford.ts';
import {
  isOrderId,
  isRefundRefOf,
  isStationNumber,
  makeAttemptRef,
  makeOrderId,
  makePumpCode,
  makeRefundRef,
  pumpNumberMax,
  readAttemptRef,
  readPumpCode,
  stationNumberMax,
  stationNumberOf,
} from './ids.ts';

const station = fc.integer({ min: 1, max: stationNumberMax });
const pump = fc.integer({ min: 1, max: pumpNumberMax });
const time = fc.integer({ min: 0, max: 2 ** 45 - 1 });
const bytes = fc.uint8Array({ minLength: 9, maxLength: 9 });

test('an order id names its station and fits every payment service', () => {
  fc.assert(
    fc.property(station, time, bytes, fc.integer({ min: 1, max: 99 }), (stationNumber, now, random, attempt) => {
      const orderId = makeOrderId(stationNumber, now, () => random);
      assert.match(orderId, /^[0-9A-Z]{24}$/);
      assert.ok(isOrderId(orderId));
      assert.equal(stationNumberOf(orderId), stationNumber);
      const attemptRef = makeAttemptRef(orderId, attempt);
      assert.match(attemptRef, /^[0-9A-Za-z_]{6,32}$/);
      assert.deepEqual(readAttemptRef(attemptRef), { stationNumber, orderId, attemptRef });
    }),
  );
});

test('order ids of one station sort by time', () => {
  fc.assert(
    fc.property(station, time, time, bytes, bytes, (stationNumber, a, b, first, second) => {
      fc.pre(a < b);
      assert.ok(makeOrderId(stationNumber, a, () => first) < makeOrderId(stationNumber, b, () => second));
    }),
  );
});

test('what is no order id of ours has no station', () => {
  for (const text of ['', 'ABC', '0'.repeat(24), 'U'.repeat(24), 'Z'.repeat(23), '00000a'.padEnd(24, '0')]) {
    assert.equal(stationNumberOf(text), null, text);
    assert.equal(isOrderId(text), false, text);
  }
  assert.equal(isOrderId('000001'.padEnd(25, '0')), false, 'one character too many');
});

test('what is no attempt of ours is null', () => {
  const orderId = '000001'.padEnd(24, '0');
  for (const text of [
    orderId,
    `${orderId}00`,
    `${orderId}1`,
    `${orderId}001`,
    `${orderId}0A`,
    `U${orderId.slice(1)}01`,
  ]) {
    assert.equal(readAttemptRef(text), null, text);
  }
  assert.throws(() => makeAttemptRef(orderId, 0), /attempt 0/);
  assert.throws(() => makeAttemptRef(orderId, 100), /attempt 100/);
});

test('a refund has the same name however often it is asked for', () => {
  const attemptRef = makeAttemptRef('000001'.padEnd(24, '0'), 1);
  assert.equal(makeRefundRef(attemptRef, 'late_payment'), makeRefundRef(attemptRef, 'late_payment'));
  assert.notEqual(makeRefundRef(attemptRef, 'staff', 1), makeRefundRef(attemptRef, 'staff', 2));
  assert.match(makeRefundRef(attemptRef, 'less_dispensed', 99), /^[0-9A-Za-z_]{1,64}$/);
});

test('a refund of ours is known by its name, and only as one of its own attempt', () => {
  const attemptRef = makeAttemptRef('000001'.padEnd(24, '0'), 1);
  const other = makeAttemptRef('000001'.padEnd(24, '0'), 2);
  assert.ok(isRefundRefOf(makeRefundRef(attemptRef, 'staff', 2), attemptRef));
  assert.ok(!isRefundRefOf(makeRefundRef(other, 'staff', 2), attemptRef));
  assert.ok(!isRefundRefOf('2026110222001468450512505578', attemptRef));
});

test('a pump code is read back however it was typed', () => {
  fc.assert(
    fc.property(station, pump, (stationNumber, number) => {
      const code = makePumpCode(stationNumber, number);
      assert.equal(code.length, 9);
      const typed = `${code.slice(0, 3)}-${code.slice(3, 6)} ${code.slice(6)}`.toLowerCase().replaceAll('0', 'o');
      assert.deepEqual(readPumpCode(typed), { stationNumber, pump: number });
    }),
  );
});

test('a pump code with one wrong character is none', () => {
  fc.assert(
    fc.property(
      station,
      pump,
      fc.nat({ max: 8 }),
      fc.constantFrom(...crockfordAlphabet.split('')),
      (stationNumber, number, at, wrong) => {
        const code = makePumpCode(stationNumber, number);
        fc.pre(code.charAt(at) !== wrong);
        assert.equal(readPumpCode(code.slice(0, at) + wrong + code.slice(at + 1)), null);
      },
    ),
  );
});

test('a pump that cannot exist has no code', () => {
  for (const [stationNumber, number] of [
    [0, 1],
    [stationNumberMax + 1, 1],
    [1, 0],
    [1, 100],
    [1, 1.5],
  ] as const) {
    assert.throws(() => makePumpCode(stationNumber, number), /no pump code/);
  }
  for (const code of ['', '123', '😀', 'ZZZZZZZZZ', '00000001A']) assert.equal(readPumpCode(code), null, code);
});

test('a station number is whole, from 1 to 2^30 - 1', () => {
  assert.deepEqual([0, 1, 1.5, 2 ** 30 - 1, 2 ** 30, Number.NaN].map(isStationNumber), [
    false,
    true,
    false,
    true,
    false,
    false,
  ]);
});
