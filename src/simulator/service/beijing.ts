/**
 * Written apart from the client's own, like all of the simulators' reading of the protocols: two misreadings are less likely to agree than
 * one is to be shared.
 */
const parts = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Asia/Shanghai',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

/** `2026-11-02 10:34:56` in Beijing. */
export const beijingPlain = (ms: number): string => parts.format(ms);

/** `2026-11-02T10:34:56+08:00`. */
export const beijingInstant = (ms: number): string => `${beijingPlain(ms).replace(' ', 'T')}+08:00`;

export const beijingDay = (ms: number): string => beijingPlain(ms).slice(0, 10);

/** `20261102103456`, as in identifiers. */
export const beijingDigits = (ms: number): string => beijingPlain(ms).replace(/\D/g, '');
