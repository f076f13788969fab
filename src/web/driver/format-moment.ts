import type { Language } from '../words.ts';

/** The day of an RFC 3339 instant on the station's calendar, whatever the phone's zone is. */
export const formatDay = (language: Language, instant: string, timeZone: string): string =>
  new Intl.DateTimeFormat(language, { timeZone, year: 'numeric', month: 'long', day: 'numeric' }).format(
    new Date(instant),
  );

/** The time of day on the station's clock, to the second. */
export const formatClock = (language: Language, instant: string, timeZone: string): string =>
  new Intl.DateTimeFormat(language, {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).format(new Date(instant));
