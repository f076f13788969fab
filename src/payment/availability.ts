import type { ProviderError, ProviderErrorKind } from './provider/provider.ts';

/** Whether one of our accounts can be paid through just now, as this node sees it: how many calls in a row it failed to answer. */
export type Availability = { readonly misses: number };

export const freshAvailability: Availability = { misses: 0 };

/** So many calls in a row without a usable answer, and its method is not offered any more; one answer brings it back. */
export const missesMax = 3;

export const isDown = ({ misses }: Availability): boolean => misses >= missesMax;

/** Silence, noise and the refusal of our keys are misses. A plain no is an answer: the service lives. */
const isMiss: Readonly<Record<ProviderErrorKind, boolean>> = {
  unreachable: true,
  unknown: true,
  auth: true,
  declined: false,
  rejected: false,
  rate_limited: false,
  integrity: false,
};

/** After a call that was answered (null), or failed in this way. */
export const availabilityAfter = ({ misses }: Availability, failure: Failure | null): Availability =>
  failure !== null && isMiss[failure.kind] && !isInItsOwnWords(failure)
    ? { misses: Math.min(misses + 1, missesMax) }
    : freshAvailability;

type Failure = Pick<ProviderError, 'kind' | 'detail'>;

/**
 * "Already paid" leaves the outcome of a call unknown, and is an answer of a service that lives; so is the refusal of one product that the merchant has not
 * signed, which must not take the others from the driver.
 */
const isInItsOwnWords = ({ kind, detail }: Failure): boolean =>
  kind === 'auth'
    ? detail.productNotSigned === true
    : kind === 'unknown' && detail.providerCode !== undefined && (detail.httpStatus ?? 500) < 500;
