import { createHash } from 'node:crypto';
import { stationNumberOf } from '../base/ids.ts';
import type { BillRow } from './provider/provider.ts';

/** One row of a bill as it is kept. Times in ms since 1970. */
export type BillLine = {
  /** Read off the reference; 0 where it is none of ours. */
  readonly stationNumber: number;
  /** From 1, in the order of the bill. */
  readonly lineNumber: number;
  readonly kind: BillRow['kind'];
  /** The payment that it is about: our reference, or whatever the service calls it. */
  readonly attemptRef: string;
  /** The row itself: the payment's reference, the refund's, or a name made of what it says. */
  readonly rowRef: string;
  readonly providerPaymentId: string;
  readonly amountMinor: number;
  readonly currency: string;
  /** Null where the bill does not tell; negative where a fee is given back. */
  readonly feeMinor: number | null;
  readonly at: number;
  /** Null but for refunds. */
  readonly refundState: NonNullable<BillRow['refundState']> | null;
  readonly description: string | null;
};

const referenceCharactersMax = 128;
const descriptionCharactersMax = 200;

/** What a database takes and a terminal may show: no control characters, and not without end. */
const readable = (text: string, charactersMax: number): string => text.replace(/\p{Cc}/gu, ' ').slice(0, charactersMax);

/** Numbers the rows of one bill as they come. What is no row of a bill is told in a sentence. */
export function createLineMaker(): (row: BillRow) => BillLine | string {
  let lineNumber = 0;
  const others = new Map<string, number>();

  /** What is neither payment nor refund has no reference of its own: its name is what it says, and which of several that say so it is. */
  function nameOther(row: BillRow): string {
    const said = [row.amount.minor, row.amount.currency, row.feeMinor ?? '', row.description ?? ''].join(':');
    const name = `other:${row.providerPaymentId}:${row.at}:${sha256(said).slice(0, 12)}`;
    const number = (others.get(name) ?? 0) + 1;
    others.set(name, number);
    return number === 1 ? name : `${name}:${number}`;
  }

  return (row) => {
    lineNumber += 1;
    const attemptRef = readable(row.attemptRef || row.providerPaymentId, referenceCharactersMax);
    const rowRefs = {
      payment: () => attemptRef,
      refund: () => row.refundRef || `${row.providerPaymentId}:${row.at}:${row.amount.minor}`,
      other: () => nameOther(row),
    };
    const { minor, currency } = row.amount;
    if (!Number.isSafeInteger(minor) || (row.kind !== 'other' && minor < 0) || !/^[A-Z]{3}$/.test(currency))
      return `row ${lineNumber} of the bill moves ${minor} ${currency}`;
    return {
      stationNumber: stationNumberOf(attemptRef) ?? 0,
      lineNumber,
      kind: row.kind,
      attemptRef,
      rowRef: readable(rowRefs[row.kind](), referenceCharactersMax),
      providerPaymentId: readable(row.providerPaymentId, referenceCharactersMax),
      amountMinor: minor,
      currency,
      feeMinor: row.feeMinor ?? null,
      at: row.at,
      refundState: row.kind === 'refund' ? (row.refundState ?? 'succeeded') : null,
      description: row.description === undefined ? null : readable(row.description, descriptionCharactersMax),
    };
  };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** One of our accounts at a payment service, on one day of its calendar. */
export type BillSheet = { readonly provider: string; readonly merchantId: string; readonly day: string };

/** What a bill sums to in one currency, in minor units; refunds and fees as positive sums. */
export type BillTotals = {
  readonly currency: string;
  readonly paymentCount: number;
  readonly paidMinor: number;
  readonly refundCount: number;
  readonly refundedMinor: number;
  readonly otherCount: number;
  readonly otherMinor: number;
  readonly feesMinor: number;
};

/** What a bill leaves on the account. */
export const netOf = ({ paidMinor, refundedMinor, otherMinor, feesMinor }: BillTotals): number =>
  paidMinor - refundedMinor + otherMinor - feesMinor;
