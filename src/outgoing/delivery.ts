import type { Random } from '../base/random.ts';
import type { OutgoingEvent } from './outgoing-event.ts';
import type { PostOutcome } from './post-event.ts';

/** `dropped`: its subscription ended. */
export type DeliveryState = 'waiting' | 'delivered' | 'given_up' | 'dropped';

/** An event on its way to one subscription, taken by this node until `leasedUntil`. `tries` counts those that failed. */
export type Delivery = OutgoingEvent & {
  readonly subscriptionId: string;
  readonly tries: number;
  readonly leasedUntil: number;
};

/** One try, for the log. Either the HTTP status of the answer or why there was none. */
export type DeliveryTry = {
  readonly triedAt: number;
  readonly durationMs: number;
  readonly status: number | null;
  readonly error: string | null;
  readonly answer: string | null;
};

/** 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h: the schedule of Standard Webhooks. */
export const retryAfterMs = [
  5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 72_000_000, 86_400_000,
] as const;

/** After so many failed tries, 35 minutes, an event no longer holds back the later ones of its order. */
export const holdingTriesMax = 4;

/** A receiver that asks for more patience than the schedule has gets it, up to this. */
const askedMsMax = 86_400_000;

/** Retries that began together are spread over a tenth of their delay. */
const jitterParts = 10;

export type DeliveryProgress = {
  readonly state: Extract<DeliveryState, 'waiting' | 'delivered' | 'given_up'>;
  readonly tries: number;
  readonly nextTryAt: number | null;
};

export const isDelivered = (outcome: PostOutcome): boolean =>
  outcome.kind === 'answered' && outcome.status >= 200 && outcome.status < 300;

/** 410 Gone: the receiver wants no more of any event. */
export const saysGone = (outcome: PostOutcome): boolean => outcome.kind === 'answered' && outcome.status === 410;

/** How a delivery stands after one more try: only a 2xx delivers it; anything else is tried again, until the schedule is over. */
export function deliveryAfter(tries: number, outcome: PostOutcome, now: number, random: Random): DeliveryProgress {
  if (isDelivered(outcome)) return { state: 'delivered', tries, nextTryAt: null };
  const delayMs = retryAfterMs[tries];
  if (delayMs === undefined) return { state: 'given_up', tries: tries + 1, nextTryAt: null };
  const askedMs = outcome.kind === 'answered' ? Math.min(outcome.retryAfterMs ?? 0, askedMsMax) : 0;
  const [chance = 0] = random(1);
  const jitterMs = Math.floor((delayMs * chance) / 256 / jitterParts);
  return { state: 'waiting', tries: tries + 1, nextTryAt: now + Math.max(delayMs + jitterMs, askedMs) };
}

export function toTry(outcome: PostOutcome, triedAt: number, durationMs: number): DeliveryTry {
  return outcome.kind === 'answered'
    ? { triedAt, durationMs, status: outcome.status, error: null, answer: outcome.answer }
    : { triedAt, durationMs, status: null, error: outcome.error, answer: null };
}
