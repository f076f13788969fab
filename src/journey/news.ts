import { readAttemptRef, stationNumberOf } from '../base/ids.ts';
import type { StoredFact } from '../payment/fact.ts';
import type { PaymentFact, PaymentProvider, RawNotification, RefundFact } from '../payment/provider/provider.ts';

/** Something that a payment service said, on its way to be judged. */
export type News = {
  readonly provider: PaymentProvider;
  readonly fact: PaymentFact | RefundFact;
  /** Only for notifications. */
  readonly kept?: { readonly dedupeId: string; readonly notification: RawNotification };
};

export const isRefundFact = (fact: PaymentFact | RefundFact): fact is RefundFact => 'refundRef' in fact;

/** Where facts stand that name no station of ours. */
export const noStation = 0;

type Name = { readonly stationNumber: number; readonly orderId: string };

/** The order that a fact is about, by its reference alone. A refund's reference is `R` + the attempt's + its reason. */
export function nameOf(fact: PaymentFact | RefundFact): Name | null {
  return readAttemptRef(attemptRefOf(fact));
}

export const attemptRefOf = (fact: PaymentFact | RefundFact): string =>
  isRefundFact(fact) ? (fact.attemptRef ?? fact.refundRef.slice(1, 27)) : fact.attemptRef;

export function toStoredFact({ provider, fact, kept }: News, now: number): StoredFact {
  const attemptRef = attemptRefOf(fact);
  const own = isRefundFact(fact)
    ? `${fact.refundRef}:${fact.state}`
    : `${attemptRef}:${fact.state}:${fact.amount?.minor ?? ''}:${fact.refundedMinor ?? ''}`;
  return {
    stationNumber: stationNumberOf(attemptRef) ?? noStation,
    provider: provider.id,
    account: provider.account,
    dedupeId: kept === undefined ? `${fact.source}:${own}` : `notification:${kept.dedupeId}`,
    attemptRef,
    source: fact.source,
    fact,
    rawBody: kept === undefined ? null : Buffer.from(kept.notification.rawBody).toString('base64'),
    headers: kept === undefined ? null : kept.notification.headers,
    receivedAt: kept?.notification.receivedAt ?? now,
    judgement: null,
    judgedAt: null,
  };
}
