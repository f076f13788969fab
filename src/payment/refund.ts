import type { RefundReason } from '../base/ids.ts';

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
};

export type RefundEvent = 'processing' | 'succeeded' | 'abnormal';

const transitions: Readonly<Record<RefundState, Partial<Record<RefundEvent, RefundState>>>> = {
  due: { processing: 'requested', succeeded: 'succeeded', abnormal: 'abnormal' },
  requested: { succeeded: 'succeeded', abnormal: 'abnormal' },
  // A person may have mended it at the payment service.
  abnormal: { succeeded: 'succeeded' },
  succeeded: {},
};

/** The state after an event; an event that does not belong to a state leaves it as it is. */
export const refundAfter = (state: RefundState, event: RefundEvent): RefundState => transitions[state][event] ?? state;

const tryAgainMs = [60_000, 300_000, 3_600_000] as const;
const tryDailyMs = 86_400_000;

/** When a refund that is not finished is asked for again: 1 min, 5 min, 1 h, then daily (payments.md section 3, rule 10). */
export const nextRefundTryAt = (tries: number, now: number): number => now + (tryAgainMs[tries] ?? tryDailyMs);
