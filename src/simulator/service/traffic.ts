export const trafficMax = 500;
const bodyCharactersMax = 4096;

export type TrafficLine = {
  readonly atMs: number;
  readonly direction: 'in' | 'out';
  readonly operation: string;
  readonly method: string;
  readonly url: string;
  readonly status: number | null;
  readonly request: string;
  readonly answer: string;
  /** The fault that this call met, or what else is worth saying. */
  readonly note: string | null;
};

export type Traffic = { add(line: TrafficLine): void; list(): readonly TrafficLine[] };

/** The last `trafficMax` calls in both directions, for a person who wonders what happened. */
export function createTraffic(): Traffic {
  const ring: TrafficLine[] = [];
  let next = 0;
  return {
    add(line) {
      ring[next % trafficMax] = {
        ...line,
        request: line.request.slice(0, bodyCharactersMax),
        answer: line.answer.slice(0, bodyCharactersMax),
      };
      next += 1;
    },
    list: () =>
      next <= trafficMax ? [...ring] : [...ring.slice(next % trafficMax), ...ring.slice(0, next % trafficMax)],
  };
}
