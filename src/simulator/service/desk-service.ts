import type { Faults, FaultWords } from './faults.ts';
import type { Notice } from './notice.ts';
import type { FirstDelivery, Outbox } from './notifier.ts';

/** A payment of any service in words that are common to all. */
export type DeskPayment = {
  /** The merchant's reference, by which the desk and the notices name it. */
  readonly ref: string;
  /** The way of paying, in the service's own word: `JSAPI`, `WAP`, `checkout`, … */
  readonly surface: string;
  readonly description: string;
  readonly amountMinor: number;
  readonly currency: string;
  /** `refunded`: a refund of it was accepted. `over`: closed, expired or failed for good, so that nobody can pay it any more. */
  readonly state: 'open' | 'paid' | 'refunded' | 'over';
  /** What of it is back with the payer; a refund that is under way or failed is not. */
  readonly backMinor: number;
  /** The payer has turned away once; it can still be paid. */
  readonly declined: boolean;
  readonly createdAtMs: number;
};

export type DeskRefundEnding = 'succeeded' | 'failed';

export type DeskRefund = {
  readonly ref: string;
  readonly paymentRef: string;
  readonly amountMinor: number;
  readonly currency: string;
  /** In the service's own word: `PROCESSING`, `ABNORMAL`, `pending`, … */
  readonly state: string;
  readonly createdAtMs: number;
  /** How a person can end it now; none where it has come to its end. */
  readonly endings: readonly DeskRefundEnding[];
};

/** One simulated payment service as the desk plays it. Refusals come back by their name. */
export interface DeskService {
  /** `wechat-pay`, `alipay`, `stripe`. */
  readonly id: string;
  readonly name: { readonly zh: string; readonly en: string };
  readonly cashierUrl: string;
  readonly faultWords: FaultWords;
  /** At most `deskPaymentsMax`, newest first; open ones are never left out for the sake of others. */
  payments(): readonly DeskPayment[];
  /** The payer pays, and `first` says what becomes of the first notification. Null: done. */
  pay(ref: string, first: FirstDelivery): string | null;
  decline(ref: string): string | null;
  /** At most `deskRefundsMax`, newest first. */
  refunds(): readonly DeskRefund[];
  /** False where the refund is unknown or has come to its end. */
  endRefund(ref: string, ending: DeskRefundEnding): boolean;
  /** Oldest first. */
  notices(): readonly Notice[];
  /** Sends one notification once more. False for one that is not known. */
  resend(noticeId: string): boolean;
  faults(): readonly {
    readonly operation: string;
    readonly kind: string;
    readonly times: number;
    readonly ms: number;
  }[];
  /** Throws a `ZodError` for a wish in other words, and an `Error` where too many wait. */
  addFault(wish: unknown): void;
  clearFaults(): void;
}

export const deskPaymentsMax = 100;
export const deskRefundsMax = 50;

/** The half of a `DeskService` that is the same for all. */
export function deskParts<Words extends FaultWords>(faults: Faults<Words>, outbox: Outbox) {
  return {
    faultWords: faults.words,
    notices: () => outbox.list(),
    resend: (noticeId) => outbox.resend(noticeId),
    faults: () => faults.list(),
    addFault: (wish) => faults.add(wish),
    clearFaults: () => faults.clear(),
  } satisfies Partial<DeskService>;
}

/** Of payments as they were kept, oldest first: the newest `deskPaymentsMax`, newest first. Where there are more, the open ones stay before all others. */
export function newestForDesk(payments: readonly DeskPayment[]): readonly DeskPayment[] {
  const newestFirst = payments.toReversed().sort((a, b) => b.createdAtMs - a.createdAtMs);
  const open = newestFirst.filter((one) => one.state === 'open');
  const rest = newestFirst.filter((one) => one.state !== 'open');
  const chosen = new Set([...open, ...rest].slice(0, deskPaymentsMax));
  return newestFirst.filter((one) => chosen.has(one));
}
