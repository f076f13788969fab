/** Milliseconds since 1970. Rules and steps take it as an argument; only programs hold the real one. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();

/** RFC 3339 in UTC with milliseconds, as on the wire. */
export const formatInstant = (ms: number): string => new Date(ms).toISOString();

export const secondMs = 1_000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
