import { createHash } from 'node:crypto';
import { encodeBytes } from '../base/crockford.ts';
import type { BillSheet } from './bill.ts';

/** Every way in which two accounts of one day can differ, each with what it means and what a person does about it. */
export const differenceKinds = {
  paid_there_not_here: {
    means: 'the bill has a payment that we do not hold as paid',
    todo: 'usually it is put right by itself (a late payment goes back); where it stays, look at the order and ask the service',
  },
  paid_here_not_there: {
    means: 'we hold a payment as paid that no bill has',
    todo: 'look whether the permit was used and ask the service for the payment; the sum stands in suspense',
  },
  amount: {
    means: 'the bill has another sum for a payment',
    todo: 'compare with the service; the rest stands in suspense',
  },
  currency: {
    means: 'the bill has a payment in another currency',
    todo: 'compare with the service; both sums stand in suspense',
  },
  paid_twice_there: {
    means: 'the bill has a payment once more',
    todo: 'ask the service; the second stands in suspense',
  },
  refund_there_not_here: {
    means: 'the bill has a refund that we do not hold as done',
    todo: 'look who gave it back at the service; the sum stands in suspense until we hold it too',
  },
  refund_here_not_there: {
    means: 'we hold a refund as done that no bill has',
    todo: 'ask the service whether the driver has his money; the sum stands in suspense',
  },
  refund_amount: {
    means: 'the bill has another sum for a refund',
    todo: 'compare with the service; the rest stands in suspense',
  },
  refunded_twice_there: {
    means: 'the bill has a refund once more',
    todo: 'ask the service; the second stands in suspense',
  },
  fee: {
    means: 'the bill has another fee than was booked',
    todo: 'compare with the contract; the rest stands in suspense',
  },
  foreign_payment: {
    means: 'the bill has a payment whose reference no order of ours has',
    todo: 'find out which till uses this account; the sum stands in suspense',
  },
  foreign_refund: {
    means: 'the bill has a refund of a payment that no order of ours has',
    todo: 'find out which till uses this account; the sum stands in suspense',
  },
  other: {
    means: 'the bill moves money that is neither payment nor refund, such as a chargeback',
    todo: "look it up in the service's own list; the sum stands in suspense",
  },
  paid_without_permit: {
    means: 'a payment gave no permit, and its money is not on its way back',
    todo: 'give the money back, or help the driver if he is still there',
  },
  permit_without_payment: {
    means: 'a permit stands though its payment holds no money',
    todo: 'this must never be: keep the rows as they are and run forecourt audit',
  },
  printed_without_permit: {
    means: 'the station printed a permit that was revoked before',
    todo: 'look whether the driver left with it; the terminal may have been cut off',
  },
  permit_never_printed: {
    means: 'a permit was issued and no device ever confirmed it',
    todo: 'ask the station whether the driver was served, and what ails the printer',
  },
} as const satisfies Record<string, { readonly means: string; readonly todo: string }>;

export type DifferenceKind = keyof typeof differenceKinds;

/** How much more (or less) than we have booked the service has for us, by this difference alone: what must stand in suspense. */
export type Surplus = { readonly minor: number; readonly currency: string };

type Facts = Readonly<Record<string, string | number | null>>;

/** Something that does not agree, before it is kept. */
export type Finding = {
  readonly kind: DifferenceKind;
  /** The attempt, refund or permit that it is about. */
  readonly reference: string;
  readonly stationNumber: number;
  readonly orderId: string | null;
  /** What makes it this difference and no other; sums in minor units, times in RFC 3339. */
  readonly facts: Facts;
  /** What else was known when it was found. */
  readonly around: Readonly<Record<string, unknown>>;
  /** Nothing where nothing is to be booked. */
  readonly surplus: readonly Surplus[];
};

/** The name of a difference, made from what it is about and what it says: the same in every run and at every node. `D` + 12 characters. */
export function differenceIdOf(sheet: BillSheet, finding: Finding): string {
  const { provider, merchantId, day } = sheet;
  const facts = Object.entries(finding.facts).sort(([a], [b]) => (a < b ? -1 : 1));
  const said = JSON.stringify([
    provider,
    merchantId,
    day,
    finding.kind,
    finding.stationNumber,
    finding.reference,
    facts,
  ]);
  return `D${encodeBytes(createHash('sha256').update(said).digest()).slice(0, 12)}`;
}

/** What was gone in a run and is found again later is another difference of the same words. */
export const repeatedId = (baseId: string, occurrence: number): string =>
  occurrence === 1 ? baseId : `${baseId}-${occurrence}`;
