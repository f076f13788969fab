import { encodeBytes } from '../base/crockford.ts';
import type { Random } from '../base/random.ts';
import type { OutgoingEventType } from './outgoing-event.ts';

export type SubscriptionState = 'active' | 'disabled' | 'ended';

/** One of the chain's own systems that wants to be told. Times in ms since 1970. */
export type Subscription = {
  readonly subscriptionId: string;
  readonly url: string;
  readonly types: readonly string[];
  /** Null: all stations. */
  readonly stationNumbers: readonly number[] | null;
  /** Whether it is told the driver's name, phone and plate. */
  readonly withPerson: boolean;
  /** Null once it has ended. */
  readonly secret: Uint8Array | null;
  readonly oldSecret: Uint8Array | null;
  readonly oldSecretUntil: number | null;
  readonly state: SubscriptionState;
  readonly disabledBecause: 'gone' | 'failing' | null;
  readonly failingSince: number | null;
  readonly madeAt: number;
};

export const subscriptionsMax = 100;
export const subscriptionStationsMax = 1_000;

/** Does anybody want events of this type from this station? It may say yes in vain, never no in earnest. */
export type WantsEvent = (type: OutgoingEventType, stationNumber: number) => boolean;

export const wantsEvent = (
  { types, stationNumbers }: Pick<Subscription, 'types' | 'stationNumbers'>,
  type: OutgoingEventType,
  stationNumber: number,
): boolean => types.includes(type) && (stationNumbers === null || stationNumbers.includes(stationNumber));

export const makeSubscriptionId = (random: Random): string => `sub_${encodeBytes(random(8))}`;

const secretBytes = 32;

/** Standard Webhooks wants 24 to 64 bytes. */
export const makeSecret = (random: Random): Uint8Array => random(secretBytes);

/** As the receiver's library takes it: `whsec_` and base64. */
export const formatSecret = (secret: Uint8Array): string => `whsec_${Buffer.from(secret).toString('base64')}`;

/** After a rotation the old secret signs beside the new one for so long. */
export const oldSecretMs = 86_400_000;

/** The secrets that sign now, the newest first. */
export function signingSecrets(
  subscription: Pick<Subscription, 'secret' | 'oldSecret' | 'oldSecretUntil'>,
  now: number,
): readonly Uint8Array[] {
  const { secret, oldSecret, oldSecretUntil } = subscription;
  const old = oldSecret !== null && now < (oldSecretUntil ?? 0) ? [oldSecret] : [];
  return secret === null ? [] : [secret, ...old];
}

/** One that took nothing for so long is disabled: nobody is there any more. */
export const failingMsMax = 5 * 86_400_000;
