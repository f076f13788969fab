import { type Clock, minuteMs } from '../base/clock.ts';
import type { Alarm, AlarmName } from './alarm.ts';

export type LimitedAlarms = {
  readonly alarm: Alarm;
  /** Tells what was left out and not told yet; to be called now and then, since after a flood there may be no next alarm to tell it with. */
  tellLeftOut(): void;
};

const linesAMinuteMax = 10;

/** Alarms that anybody can raise from outside, or that one wrong key raises with every call. Alarms about money that is not where it should be are not among them. */
const limited: ReadonlySet<AlarmName> = new Set<AlarmName>([
  'notification_rejected',
  'notification_unmatched',
  'payment_service_refuses_us',
  'payment_answer_unbelievable',
  'payment_account_missing',
  'confirmation_failed',
]);

type Minute = { readonly beganAt: number; told: number; leftOut: number };

/** A flood of one alarm must not hide the others, nor fill the disk: of each limited name ten a minute, then one that says how many were left out. */
export function limitAlarms(tell: Alarm, now: Clock): LimitedAlarms {
  const minutes = new Map<AlarmName, Minute>();
  function tellLeftOutOf(name: AlarmName, minute: Minute): void {
    if (minute.leftOut > 0) tell(name, { leftOut: minute.leftOut });
    minute.leftOut = 0;
  }
  function minuteOf(name: AlarmName): Minute {
    const minute = minutes.get(name);
    if (minute !== undefined && Math.abs(now() - minute.beganAt) < minuteMs) return minute;
    if (minute !== undefined) tellLeftOutOf(name, minute);
    const next = { beganAt: now(), told: 0, leftOut: 0 };
    minutes.set(name, next);
    return next;
  }
  return {
    alarm(name, detail) {
      if (!limited.has(name)) return tell(name, detail);
      const minute = minuteOf(name);
      if (minute.told === linesAMinuteMax) {
        minute.leftOut += 1;
        return;
      }
      minute.told += 1;
      tell(name, detail);
    },
    tellLeftOut() {
      for (const [name, minute] of minutes) tellLeftOutOf(name, minute);
    },
  };
}
