import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minuteMs } from '../base/clock.ts';
import type { AlarmName } from './alarm.ts';
import { limitAlarms } from './limit-alarms.ts';

describe('a flood of alarms', () => {
  function openAlarms() {
    const lines: (readonly [AlarmName, Readonly<Record<string, unknown>>])[] = [];
    const clock = { now: 1_000_000 };
    const alarms = limitAlarms(
      (name, detail) => lines.push([name, detail]),
      () => clock.now,
    );
    const raise = (name: AlarmName, times: number): void => {
      for (let time = 0; time < times; time += 1) alarms.alarm(name, { time });
    };
    return { lines, clock, raise, tellLeftOut: () => alarms.tellLeftOut() };
  }

  for (const name of [
    'notification_rejected',
    'notification_unmatched',
    'payment_service_refuses_us',
    'payment_answer_unbelievable',
    'payment_account_missing',
    'confirmation_failed',
  ] as const) {
    test(`of ${name} ten lines a minute are told, then one that says how many were left out`, () => {
      const { lines, clock, raise } = openAlarms();
      raise(name, 250);
      clock.now += minuteMs - 1;
      raise(name, 1);
      assert.deepEqual(
        lines,
        Array.from({ length: 10 }, (_, time) => [name, { time }]),
      );
      clock.now += 1;
      raise(name, 1);
      assert.deepEqual(lines.slice(10), [
        [name, { leftOut: 241 }],
        [name, { time: 0 }],
      ]);
    });
  }

  test('alarms about money are told each time, and one name takes no room from another', () => {
    const { lines, raise } = openAlarms();
    for (const name of ['payment_integrity', 'refund_failed', 'settlement_failed', 'payment_unknown_too_long'] as const)
      raise(name, 50);
    assert.equal(lines.length, 200);
    raise('notification_rejected', 50);
    raise('notification_unmatched', 50);
    assert.equal(lines.length, 220);
  });

  test('what was left out is told once, though no alarm follows, and the minute goes on', () => {
    const { lines, raise, tellLeftOut } = openAlarms();
    tellLeftOut();
    raise('notification_rejected', 12);
    tellLeftOut();
    tellLeftOut();
    assert.deepEqual(lines.slice(10), [['notification_rejected', { leftOut: 2 }]]);
    raise('notification_rejected', 3);
    tellLeftOut();
    assert.deepEqual(lines.slice(11), [['notification_rejected', { leftOut: 3 }]]);
  });

  test('a clock that is set back silences nothing', () => {
    const { lines, clock, raise } = openAlarms();
    raise('notification_rejected', 10);
    clock.now -= 10 * minuteMs;
    raise('notification_rejected', 1);
    assert.equal(lines.length, 11);
  });
});
