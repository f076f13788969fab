import { hourMs } from '../../base/clock.ts';

/** China keeps one time all year, eight hours ahead of UTC. */
const beijingOffsetMs = 8 * hourMs;

/** RFC 3339 to the second with +08:00, as WeChat Pay writes it: `2026-11-02T10:34:56+08:00`. */
export const formatBeijing = (ms: number): string =>
  `${new Date(ms + beijingOffsetMs).toISOString().slice(0, 19)}+08:00`;

/** `2026-11-02 10:34:56`, as Alipay and all bills write it. */
export const formatBeijingPlain = (ms: number): string =>
  new Date(ms + beijingOffsetMs).toISOString().slice(0, 19).replace('T', ' ');

/** `2026-11-02`, the day that a bill is named by. */
export const formatBeijingDay = (ms: number): string => new Date(ms + beijingOffsetMs).toISOString().slice(0, 10);

/** Milliseconds since 1970 of an RFC 3339 instant, or null. */
export function parseInstant(text: string): number | null {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

/** Milliseconds since 1970 of `2026-11-02 10:34:56` in Beijing, or null. */
export function parseBeijingPlain(text: string): number | null {
  return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text) ? parseInstant(`${text.replace(' ', 'T')}+08:00`) : null;
}
