import { createHash } from 'node:crypto';
import { formatInstant } from '../base/clock.ts';
import { type AttemptState, holdsMoney } from './attempt.ts';
import type { BillLine } from './bill.ts';
import type { DifferenceKind, Finding, Surplus } from './difference.ts';
import type { PaymentFact, PaymentProvider, RefundFact } from './provider/provider.ts';
import type { RefundState } from './refund.ts';

/** A row of a bill beside all that we hold of the same payment. */
export type BillPair = BillLine & {
  /** The same payment or refund stood in a bill before this row. */
  readonly isRepeated: boolean;
  /** By the row's reference alone; it may have been made for another account. */
  readonly attempt: HeldAttempt | null;
  /** The refund that the row names. */
  readonly refund: { readonly amountMinor: number; readonly currency: string; readonly state: RefundState } | null;
  /** What is booked as this row's fee; null: nothing. */
  readonly feeBookedMinor: number | null;
  /** What the judge has put into suspense for this payment. */
  readonly unmatched: Surplus | null;
  /** Where money comes back to us: the refund that it may have been, which the payer's bank did not take; `isKnown` where we know that it failed. */
  readonly bounced?: { readonly refundRef: string; readonly isKnown: boolean } | null;
  /** Of a refund that we do not know by name: how much of it we hold as gone back all the same, since the service told us the sum alone. */
  readonly namelessMinor: number;
};

export type HeldAttempt = {
  readonly provider: string;
  readonly merchantId: string;
  readonly appId: string;
  readonly orderId: string;
  readonly state: AttemptState;
  readonly paidMinor: number;
  readonly currency: string;
};

/** Whose bill it is. */
export type BillOwner = { readonly provider: string; readonly merchantId: string };

/** What one row leads to: what does not agree, and its fee where it is to be booked now. */
export type Comparison = { readonly findings: readonly Finding[]; readonly feeMinor: number };

/** Sets one row of a bill against what we hold. Pure; the order of rows does not matter. */
export function compareLine(line: BillPair, owner: BillOwner): Comparison {
  if (line.isRepeated) return { findings: [repeated(line)], feeMinor: 0 };
  const own = { payment: comparePayment, refund: compareRefund, other: compareOther }[line.kind](line, owner);
  const fee = compareFee(line);
  return { findings: [...own, ...fee.findings], feeMinor: fee.feeMinor };
}

function comparePayment(line: BillPair, owner: BillOwner): readonly Finding[] {
  const { attempt, amountMinor, currency } = line;
  const unbooked = notYetBooked(line);
  if (attempt === null || !isOwn(attempt, owner)) return [finding(line, 'foreign_payment', {}, unbooked)];
  if (!holdsMoney(attempt)) return [finding(line, 'paid_there_not_here', {}, unbooked)];
  const here = { hereMinor: attempt.paidMinor, hereCurrency: attempt.currency };
  if (attempt.currency !== currency) {
    const both = [...surplus(0 - attempt.paidMinor, attempt.currency), ...surplus(amountMinor, currency)];
    return [finding(line, 'currency', here, both)];
  }
  if (attempt.paidMinor === amountMinor) return [];
  return [finding(line, 'amount', here, surplus(amountMinor - attempt.paidMinor, currency))];
}

function compareRefund(line: BillPair, owner: BillOwner): readonly Finding[] {
  const { attempt, refund, amountMinor, currency, namelessMinor } = line;
  if (attempt === null || !isOwn(attempt, owner))
    return [finding(line, 'foreign_refund', {}, surplus(0 - amountMinor, currency))];
  if (refund === null) {
    const unknownMinor = amountMinor - namelessMinor;
    return unknownMinor === 0
      ? []
      : [finding(line, 'refund_there_not_here', { unknownMinor }, surplus(0 - unknownMinor, currency))];
  }
  // What is under way at the service has left our account there, and is booked here when it is done.
  const bookedMinor = refund.state === 'succeeded' || line.refundState !== 'succeeded' ? refund.amountMinor : 0;
  const here = { hereMinor: refund.amountMinor, hereCurrency: refund.currency };
  if (refund.currency !== currency) {
    const both = [...surplus(bookedMinor, refund.currency), ...surplus(0 - amountMinor, currency)];
    return [finding(line, 'refund_amount', here, both)];
  }
  if (refund.amountMinor !== amountMinor)
    return [finding(line, 'refund_amount', here, surplus(bookedMinor - amountMinor, currency))];
  if (bookedMinor === amountMinor) return [];
  return [finding(line, 'refund_there_not_here', { unknownMinor: amountMinor }, surplus(0 - amountMinor, currency))];
}

/** A refund that failed is in the books, or never left them: its return is no news. */
const compareOther = (line: BillPair): readonly Finding[] =>
  line.bounced?.isKnown === true
    ? []
    : [finding(line, 'other', { word: line.description }, surplus(line.amountMinor, line.currency))];

/** What the row moved on the account all in all: nothing of it is booked. */
function repeated(line: BillPair): Finding {
  const minor = (line.kind === 'refund' ? 0 - line.amountMinor : line.amountMinor) - (line.feeMinor ?? 0);
  const kind = line.kind === 'refund' ? 'refunded_twice_there' : 'paid_twice_there';
  return finding(line, kind, {}, surplus(minor, line.currency));
}

function compareFee(line: BillPair): Comparison {
  const { feeMinor, feeBookedMinor } = line;
  if (feeMinor === null) return { findings: [], feeMinor: 0 };
  if (feeBookedMinor === null) return { findings: [], feeMinor };
  if (feeBookedMinor === feeMinor) return { findings: [], feeMinor: 0 };
  const said = { feeMinor, feeBookedMinor };
  return { findings: [finding(line, 'fee', said, surplus(feeBookedMinor - feeMinor, line.currency))], feeMinor: 0 };
}

const isOwn = (attempt: HeldAttempt, owner: BillOwner): boolean =>
  attempt.provider === owner.provider && attempt.merchantId === owner.merchantId;

/** What stands in suspense already is not booked again; in another currency it is taken back. */
const notYetBooked = ({ amountMinor, currency, unmatched }: BillPair): readonly Surplus[] =>
  unmatched === null || unmatched.currency === currency
    ? surplus(amountMinor - (unmatched?.minor ?? 0), currency)
    : [...surplus(0 - unmatched.minor, unmatched.currency), ...surplus(amountMinor, currency)];

const surplus = (minor: number, currency: string): readonly Surplus[] => (minor === 0 ? [] : [{ minor, currency }]);

function finding(line: BillPair, kind: DifferenceKind, facts: Finding['facts'], booked: readonly Surplus[]): Finding {
  return {
    kind,
    reference: line.rowRef,
    stationNumber: line.stationNumber,
    orderId: line.attempt?.orderId ?? null,
    facts: { thereMinor: line.amountMinor, currency: line.currency, at: formatInstant(line.at), ...facts },
    around: { attemptRef: line.attemptRef, providerPaymentId: line.providerPaymentId },
    surplus: booked,
  };
}

/** What a row tells that we may not know yet. `ask`: the bill is older than what the service would say now. */
export type RowNews =
  | { readonly kind: 'fact'; readonly fact: PaymentFact | RefundFact }
  | { readonly kind: 'ask'; readonly refundRef: string; readonly attemptRef: string }
  | null;

/**
 * The row as a fact. The bill comes from the account itself, over a signed answer or with a digest that one gave; it names no app, since it is of
 * the whole merchant, so the attempt's own stands.
 */
export function newsOf(line: BillPair, provider: Pick<PaymentProvider, 'merchant'>, now: number): RowNews {
  const { attemptRef, rowRef: refundRef, bounced } = line;
  if (line.kind === 'other')
    return bounced == null || bounced.isKnown ? null : { kind: 'ask', refundRef: bounced.refundRef, attemptRef };
  const amount = { minor: line.amountMinor, currency: line.currency };
  const evidence = { receivedAt: now, bodySha256: sha256(JSON.stringify(line)) };
  if (line.kind === 'payment') {
    const { merchantId, appId, liveMode } = provider.merchant;
    return {
      kind: 'fact',
      fact: {
        source: 'bill',
        attemptRef: line.attemptRef,
        state: 'paid',
        providerPaymentId: line.providerPaymentId,
        amount,
        merchantId,
        appId: line.attempt?.appId ?? appId,
        liveMode,
        paidAt: line.at,
        authenticated: true,
        evidence,
      },
    };
  }
  const state = line.refundState ?? 'succeeded';
  // It may have failed before the bill was made, or after.
  if (line.refund?.state === 'abnormal') return { kind: 'ask', refundRef, attemptRef };
  if (line.refund !== null)
    return { kind: 'fact', fact: { source: 'bill', refundRef, attemptRef, state, amount, evidence } };
  const unknownMinor = line.amountMinor - line.namelessMinor;
  if (unknownMinor <= 0) return null;
  if (state !== 'succeeded') return { kind: 'ask', refundRef, attemptRef };
  return {
    kind: 'fact',
    fact: { source: 'bill', refundRef, attemptRef, state, amount: { ...amount, minor: unknownMinor }, evidence },
  };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
