import { dayMs } from '../base/clock.ts';

/** One day of a payment service's calendar, with the instants (ms since 1970) at which it begins and ends. */
export type BillDay = { readonly day: string; readonly startsAt: number; readonly endsAt: number };

/** `offsetMs`: how far the service's calendar is ahead of UTC. */
export function billDay(day: string, offsetMs: number): BillDay {
  const startsAt = Date.parse(`${day}T00:00:00Z`) - offsetMs;
  if (Number.isNaN(startsAt)) throw new RangeError(`${day} is no day`);
  return { day, startsAt, endsAt: startsAt + dayMs };
}

/** The day that an instant lies in. */
export const dayAt = (at: number, offsetMs: number): string => new Date(at + offsetMs).toISOString().slice(0, 10);

export const daysBefore = (day: string, count: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) - count * dayMs).toISOString().slice(0, 10);

/** Every day from the first to the last, both included, at most `max` of them, the latest. */
export function daysFrom(first: string, last: string, max: number): readonly string[] {
  const days: string[] = [];
  for (let day = last; day >= first && days.length < max; day = daysBefore(day, 1)) days.unshift(day);
  return days;
}

/**
 * A payment of the last minutes before midnight may stand in the bill of the day or in that of the next; so a day looks for what we hold from so long
 * before its beginning until so long before its end, in every bill that was read.
 */
export const midnightMs = 10 * 60_000;

/** What we hold from `from` until before `until` must stand in a bill by now: a day that is not over yet reaches to the last minutes only. */
export function answersFor(
  { startsAt, endsAt }: BillDay,
  now: number,
): { readonly from: number; readonly until: number } {
  return { from: startsAt - midnightMs, until: Math.min(endsAt, now) - midnightMs };
}
