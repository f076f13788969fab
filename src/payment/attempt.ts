import type { NextAction } from './payment.message.ts';
import type { CreateInput, PaymentSurface } from './provider/provider.ts';

export type AttemptState = 'created' | 'pending' | 'paid' | 'partly_refunded' | 'refunded' | 'failed' | 'closed';

/** One try to pay an order: provider, surface and our own reference, written before the provider is called. Times in ms since 1970. */
export type Attempt = {
  readonly stationNumber: number;
  readonly orderId: string;
  readonly attemptRef: string;
  readonly idempotencyKey: string;
  readonly provider: string;
  readonly surface: PaymentSurface;
  /** Whose account at the payment service it was made for. */
  readonly merchantId: string;
  readonly appId: string;
  readonly state: AttemptState;
  readonly unknown: boolean;
  readonly amountMinor: number;
  readonly currency: string;
  readonly payer: CreateInput['payer'];
  readonly providerRef: string | null;
  readonly nextAction: NextAction | null;
  readonly nextExpiresAt: number | null;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly providerPaymentId: string | null;
  readonly paidAt: number | null;
  readonly paidMinor: number;
  readonly refundedMinor: number;
  readonly integrity: string | null;
  /** Given up by the driver while nobody could say whether it was paid: still asked after, no longer in the way of another. */
  readonly abandoned: boolean;
  /** Closed though the service did not know it: until then a payer who holds its code may still make it be. */
  readonly mayBePaidUntil: number | null;
  readonly pollAt: number | null;
  readonly polls: number;
};

/** What is known of an attempt that was just made, before its service was asked: nothing. */
export const nothingKnown = {
  unknown: false,
  providerRef: null,
  nextAction: null,
  nextExpiresAt: null,
  providerPaymentId: null,
  paidAt: null,
  paidMinor: 0,
  refundedMinor: 0,
  integrity: null,
  abandoned: false,
  mayBePaidUntil: null,
  polls: 0,
} as const satisfies Partial<Attempt>;

export const isOpen = (attempt: Pick<Attempt, 'state'>): boolean =>
  attempt.state === 'created' || attempt.state === 'pending';

/** The one open attempt that the driver is about to pay. */
export const isCurrent = (attempt: Pick<Attempt, 'state' | 'abandoned'>): boolean =>
  isOpen(attempt) && !attempt.abandoned;

export const holdsMoney = (attempt: Pick<Attempt, 'state'>): boolean =>
  attempt.state === 'paid' || attempt.state === 'partly_refunded' || attempt.state === 'refunded';

/** `all_bounced`, `some_bounced`: of the money that had gone back all, or some, was sent back by the payer's bank. */
export type AttemptEvent =
  | 'pending'
  | 'paid'
  | 'partly_refunded'
  | 'refunded'
  | 'failed'
  | 'closed'
  | 'all_bounced'
  | 'some_bounced';

const transitions: Readonly<Record<AttemptState, Partial<Record<AttemptEvent, AttemptState>>>> = {
  created: {
    pending: 'pending',
    paid: 'paid',
    refunded: 'refunded',
    partly_refunded: 'partly_refunded',
    failed: 'failed',
    closed: 'closed',
  },
  pending: {
    paid: 'paid',
    refunded: 'refunded',
    partly_refunded: 'partly_refunded',
    failed: 'failed',
    closed: 'closed',
  },
  // Late money is legal: it is kept, and goes back.
  failed: { paid: 'paid', refunded: 'refunded', partly_refunded: 'partly_refunded', closed: 'closed' },
  closed: { paid: 'paid', refunded: 'refunded', partly_refunded: 'partly_refunded' },
  // Nothing leads from paid to failed or closed.
  paid: { partly_refunded: 'partly_refunded', refunded: 'refunded' },
  partly_refunded: { partly_refunded: 'partly_refunded', refunded: 'refunded', all_bounced: 'paid' },
  refunded: { all_bounced: 'paid', some_bounced: 'partly_refunded' },
};

/** The state after an event. Total and monotonic: an event that does not belong to a state leaves it as it is. */
export const attemptAfter = (state: AttemptState, event: AttemptEvent): AttemptState =>
  transitions[state][event] ?? state;

/** A driver may try so often to pay one order. */
export const attemptsMax = 20;

/** A payment service wants at least this long between order and expiry (WeChat Pay: one minute). */
export const attemptLifetimeMsMin = 60_000;

/** How long past its expiry an attempt is still asked for, for money that was on its way. */
export const lateMoneyGraceMs = 10 * 60_000;

const pollSchedule = [
  { times: 30, everyMs: 2_000 },
  { times: 12, everyMs: 5_000 },
  { times: 10, everyMs: 30_000 },
] as const;
const pollSlowlyMs = 300_000;

/** When an open attempt is asked for next, after so many polls, and at its expiry in any case (payments.md section 3, rule 10). */
export function nextPollAt(polls: number, now: number, expiresAt: number): number {
  const next = now + pollInterval(polls);
  return now < expiresAt ? Math.min(next, expiresAt) : next;
}

function pollInterval(polls: number): number {
  let passed = 0;
  for (const { times, everyMs } of pollSchedule) {
    passed += times;
    if (polls < passed) return everyMs;
  }
  return pollSlowlyMs;
}
