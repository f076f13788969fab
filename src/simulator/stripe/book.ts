import { z } from 'zod';
import type { Random } from '../../base/random.ts';
import type { Store } from '../service/store.sql.ts';
import type { Timeline } from '../service/timeline.ts';
import { openShelf, type Shelf } from './shelf.ts';

const metadata = z.record(z.string(), z.string());
const money = { amountMinor: z.int(), /** Lower case, as Stripe writes it. */ currency: z.string() };

const card = z.object({
  brand: z.string(),
  last4: z.string(),
  wallet: z.enum(['apple_pay', 'google_pay']).nullable(),
});

const sessionRecord = z.object({
  id: z.string(),
  /** client_reference_id */
  reference: z.string().nullable(),
  metadata,
  intentMetadata: metadata,
  description: z.string(),
  ...money,
  successUrl: z.string(),
  cancelUrl: z.string().nullable(),
  locale: z.string().nullable(),
  createdAtMs: z.int(),
  expiresAtMs: z.int(),
  status: z.enum(['open', 'complete', 'expired']),
  paymentStatus: z.enum(['paid', 'unpaid']),
  intentId: z.string().nullable(),
  email: z.string().nullable(),
  declinedAtMs: z.int().nullable(),
});

const intentRecord = z.object({
  id: z.string(),
  sessionId: z.string(),
  metadata,
  description: z.string(),
  ...money,
  createdAtMs: z.int(),
  status: z.enum(['requires_payment_method', 'requires_action', 'processing', 'succeeded', 'canceled']),
  chargeId: z.string().nullable(),
  /** With which the payer is trying at this moment. */
  card: card.nullable(),
  lastError: z.object({ code: z.string(), declineCode: z.string().nullable(), message: z.string() }).nullable(),
});

const chargeRecord = z.object({
  id: z.string(),
  intentId: z.string(),
  ...money,
  createdAtMs: z.int(),
  status: z.enum(['succeeded', 'pending', 'failed']),
  refundedMinor: z.int(),
  card,
  failureCode: z.string().nullable(),
  movementId: z.string().nullable(),
  disputed: z.boolean(),
});

const refundRecord = z.object({
  id: z.string(),
  intentId: z.string(),
  chargeId: z.string(),
  ...money,
  createdAtMs: z.int(),
  status: z.enum(['pending', 'succeeded', 'failed', 'canceled']),
  metadata,
  reason: z.string().nullable(),
  movementId: z.string(),
  failureMovementId: z.string().nullable(),
});

const disputeRecord = z.object({
  id: z.string(),
  intentId: z.string(),
  chargeId: z.string(),
  ...money,
  createdAtMs: z.int(),
  movementId: z.string(),
});

/** A movement on the account's balance; `amountMinor` is negative where money leaves it. */
const movementRecord = z.object({
  id: z.string(),
  type: z.enum(['charge', 'refund', 'refund_failure', 'adjustment', 'payout']),
  ...money,
  feeMinor: z.int(),
  createdAtMs: z.int(),
  sourceId: z.string(),
  description: z.string().nullable(),
});

const eventRecord = z.object({ id: z.string(), type: z.string(), createdAtMs: z.int(), object: z.unknown() });

export type Card = z.infer<typeof card>;
export type Session = z.infer<typeof sessionRecord>;
export type Intent = z.infer<typeof intentRecord>;
export type Charge = z.infer<typeof chargeRecord>;
export type Refund = z.infer<typeof refundRecord>;
export type Dispute = z.infer<typeof disputeRecord>;
export type Movement = z.infer<typeof movementRecord>;
export type StripeEvent = z.infer<typeof eventRecord>;

const recordsMax = 100_000;
const eventsMax = 10_000;

/** Everything that the service remembers of one account. */
export type Book = {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly sessions: Shelf<Session>;
  readonly intents: Shelf<Intent>;
  readonly charges: Shelf<Charge>;
  readonly refunds: Shelf<Refund>;
  readonly disputes: Shelf<Dispute>;
  readonly movements: Shelf<Movement>;
  readonly events: Shelf<StripeEvent>;
  /** By the merchant's reference (the newest of several), or by the session's own name. */
  findSession(ref: string): Session | undefined;
  /** By the merchant's own mark `refundRef`, or by the refund's own name. */
  findRefund(ref: string): Refund | undefined;
  /** Stripe counts time in whole seconds. Milliseconds since 1970. */
  secondNow(): number;
};

export function openBook(store: Store, timeline: Timeline, random: Random): Book {
  const sessions = openShelf(store, 'session', sessionRecord, recordsMax);
  const refunds = openShelf(store, 'refund', refundRecord, recordsMax);
  const byReference = new Map(sessions.list().map((session) => [session.reference, session.id]));
  return {
    timeline,
    random,
    sessions: {
      ...sessions,
      put(session) {
        const known = sessions.get(byReference.get(session.reference) ?? null);
        if (known === undefined || known.createdAtMs <= session.createdAtMs)
          byReference.set(session.reference, session.id);
        return sessions.put(session);
      },
    },
    intents: openShelf(store, 'intent', intentRecord, recordsMax),
    charges: openShelf(store, 'charge', chargeRecord, recordsMax),
    refunds,
    disputes: openShelf(store, 'dispute', disputeRecord, recordsMax),
    movements: openShelf(store, 'movement', movementRecord, recordsMax),
    events: openShelf(store, 'event', eventRecord, eventsMax),
    findSession: (ref) => sessions.get(byReference.get(ref) ?? ref),
    findRefund: (ref) => refunds.list().findLast((one) => refundNameOf(one) === ref || one.id === ref),
    secondNow: () => Math.floor(timeline.now() / 1000) * 1000,
  };
}

export const paymentNameOf = (session: Session): string => session.reference ?? session.id;
export const refundNameOf = (refund: Refund): string => refund.metadata['refundRef'] ?? refund.id;

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** `pi_3QxA…`: a name as Stripe gives it to an object. */
export const makeId = (random: Random, prefix: string, length = 24): string =>
  prefix + Array.from(random(length), (byte) => alphabet.charAt(byte % alphabet.length)).join('');
