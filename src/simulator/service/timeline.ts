import type { Clock } from '../../base/clock.ts';

/** Time as the simulator lives it: what the hour is, and what happens later. */
export interface Timeline {
  now(): number;
  /** Runs something after so many simulated milliseconds. */
  after(delayMs: number, run: () => Promise<void> | void): void;
  close(): void;
}

export type RealTimeline = Timeline & {
  /** 60 makes a minute of the schedule pass in a second. The hour (`now`) is never scaled, or no signature would be in time. */
  setScale(timeScale: number): void;
};

/** The longest delay a timer takes: 2^31 - 1 milliseconds, 24 days. */
const timerMsMax = 2 ** 31 - 1;

export function createRealTimeline(clock: Clock, timeScale: number): RealTimeline {
  const timers = new Set<NodeJS.Timeout>();
  let scale = timeScale;
  return {
    now: clock,
    after(delayMs, run) {
      const timer = setTimeout(
        () => {
          timers.delete(timer);
          void run();
        },
        Math.min(delayMs / scale, timerMsMax),
      );
      timers.add(timer);
    },
    setScale(next) {
      if (!(next > 0)) throw new RangeError(`time cannot be scaled by ${next}`);
      scale = next;
    },
    close() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}

export type ManualTimeline = Timeline & {
  /** Moves the clock and waits for everything that falls due on the way, in its order. */
  advance(ms: number): Promise<void>;
};

type Appointment = { readonly atMs: number; readonly run: () => Promise<void> | void };

/** A clock that stands still until it is moved: a day of retries is tested in a blink. */
export function createManualTimeline(startMs: number): ManualTimeline {
  let nowMs = startMs;
  let appointments: Appointment[] = [];
  return {
    now: () => nowMs,
    after(delayMs, run) {
      appointments.push({ atMs: nowMs + delayMs, run });
    },
    close() {
      appointments = [];
    },
    async advance(ms) {
      const untilMs = nowMs + ms;
      for (;;) {
        const next = appointments.filter((one) => one.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
        if (next === undefined) break;
        appointments = appointments.filter((one) => one !== next);
        nowMs = Math.max(nowMs, next.atMs);
        await next.run();
      }
      nowMs = untilMs;
    },
  };
}
