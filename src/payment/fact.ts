import type { PaymentFact, RefundFact } from './provider/provider.ts';

/** What became of a fact: each is kept for ever, whatever the judgement. */
export type Judgement =
  | 'paid'
  | 'known'
  | 'recorded'
  | 'second_payment'
  | 'late_payment'
  | 'overpayment'
  | 'integrity'
  | 'refunded_elsewhere'
  | 'refund_recorded'
  /** A signed notification said paid; the service itself, asked before it was believed, said otherwise. */
  | 'contradicted'
  | 'attempt_unknown';

/** A fact as it is stored. `dedupeId` makes a repeated one harmless. Times in ms since 1970. */
export type StoredFact = {
  readonly stationNumber: number;
  readonly provider: string;
  /** Through which of our accounts it came. */
  readonly account: string;
  readonly dedupeId: string;
  readonly attemptRef: string;
  readonly source: PaymentFact['source'] | RefundFact['source'];
  readonly fact: PaymentFact | RefundFact;
  /** The notification's own bytes in base64 and its headers, for disputes. */
  readonly rawBody: string | null;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly receivedAt: number;
  readonly judgement: Judgement | null;
  readonly judgedAt: number | null;
};
