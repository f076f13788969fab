import { dayMs } from '../base/clock.ts';
import { makeRefundRef, type RefundReason } from '../base/ids.ts';
import type { Attempt } from './attempt.ts';

export type RefundState = 'due' | 'requested' | 'succeeded' | 'abnormal';

/** Money on its way back. The reference never changes, so a repeated call can never pay twice. Times in ms since 1970. */
export type Refund = {
  readonly stationNumber: number;
  readonly refundRef: string;
  readonly orderId: string;
  readonly attemptRef: string;
  readonly provider: string;
  readonly reason: RefundReason;
  readonly amountMinor: number;
  readonly currency: string;
  readonly state: RefundState;
  readonly dueAt: number;
  readonly nextTryAt: number | null;
  readonly tries: number;
  readonly finishedAt: number | null;
  /** By when it is with the driver at the latest, as the payment service promises. */
  readonly promisedBy: number;
  /** Why, in the words of who ordered it; null where it was due by itself. */
  readonly note: string | null;
  /** The name of the person who ordered it. */
  readonly orderedBy: string | null;
  /** Ordered by an operator though the permit had been used. */
  readonly overridden: boolean;
  /** Of the request that ordered it. */
  readonly idempotencyKey: string | null;
  /** How often it had succeeded and the payer's bank sent it back. */
  readonly bounces: number;
};

/** What a payment service says of refunds: how long they take to arrive, and how long after the payment they can be made. */
export type RefundTerms = { readonly refundPromiseDays: number; readonly refundWindowDays: number };

/** Where nobody here knows the service: the slowest of those that Forecourt knows, and the shortest window. */
export const cautiousTerms: RefundTerms = { refundPromiseDays: 15, refundWindowDays: 180 };

export type RefundWish = {
  readonly reason: RefundReason;
  readonly amountMinor: number;
  readonly refundPromiseDays: number;
  /** Counts refunds that people order, of which there may be several. */
  readonly part?: number;
  readonly order?: Pick<Refund, 'note' | 'orderedBy' | 'overridden' | 'idempotencyKey'>;
};

const byItself = { note: null, orderedBy: null, overridden: false, idempotencyKey: null } as const;

/** Money of this attempt that is to go back from now on. */
export const makeRefund = (attempt: Attempt, wish: RefundWish, now: number): Refund => ({
  stationNumber: attempt.stationNumber,
  refundRef: makeRefundRef(attempt.attemptRef, wish.reason, wish.part),
  orderId: attempt.orderId,
  attemptRef: attempt.attemptRef,
  provider: attempt.provider,
  reason: wish.reason,
  amountMinor: wish.amountMinor,
  currency: attempt.currency,
  state: 'due',
  dueAt: now,
  nextTryAt: now,
  tries: 0,
  finishedAt: null,
  promisedBy: now + wish.refundPromiseDays * dayMs,
  bounces: 0,
  ...(wish.order ?? byItself),
});

/** A refund that a person made at the payment service itself: it is done, and bears the service's own reference. */
export const makeForeignRefund = (attempt: Attempt, refundRef: string, amountMinor: number, now: number): Refund => ({
  ...makeRefund(attempt, { reason: 'elsewhere', amountMinor, refundPromiseDays: 0 }, now),
  refundRef,
  state: 'succeeded',
  nextTryAt: null,
  finishedAt: now,
});

/** What of an attempt's money is neither back nor on its way back. Never below zero. */
export function keptMinor(attempt: Attempt, refunds: readonly Refund[]): number {
  const onItsWay = refunds
    .filter((refund) => refund.attemptRef === attempt.attemptRef && refund.state !== 'succeeded')
    .reduce((sum, refund) => sum + refund.amountMinor, 0);
  return Math.max(0, attempt.paidMinor - attempt.refundedMinor - onItsWay);
}

export type RefundEvent = 'processing' | 'succeeded' | 'abnormal';

const transitions: Readonly<Record<RefundState, Partial<Record<RefundEvent, RefundState>>>> = {
  due: { processing: 'requested', succeeded: 'succeeded', abnormal: 'abnormal' },
  requested: { succeeded: 'succeeded', abnormal: 'abnormal' },
  // A person may have mended it at the payment service.
  abnormal: { succeeded: 'succeeded' },
  // A bank may send the money back weeks later.
  succeeded: { abnormal: 'abnormal' },
};

/** The state after an event; an event that does not belong to a state leaves it as it is. */
export const refundAfter = (state: RefundState, event: RefundEvent): RefundState => transitions[state][event] ?? state;

const tryAgainMs = [60_000, 300_000, 3_600_000] as const;
const tryDailyMs = 86_400_000;

/** When a refund that is not finished is asked for again: 1 min, 5 min, 1 h, then daily (payments.md section 3, rule 10). */
export const nextRefundTryAt = (tries: number, now: number): number => now + (tryAgainMs[tries] ?? tryDailyMs);
