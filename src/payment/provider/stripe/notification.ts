import { createHash } from 'node:crypto';
import { z } from 'zod';
import { secondMs } from '../../../base/clock.ts';
import type { Evidence, HttpReply, NotificationRejection, NotificationResult, RawNotification } from '../provider.ts';
import { factOfRefund, readRefund, refundedAttemptOf, refundRefOf } from './refund.ts';
import { attemptKey, attemptRefOf, type CheckoutSession, factOfSession, readSession } from './session.ts';
import { openEvent, skewMsMax } from './webhook-signature.ts';

export const notificationBytesMax = 256 * 1024;

export type NotificationSettings = {
  readonly webhookSecrets: readonly string[];
  readonly accountId: string;
  readonly liveMode: boolean;
};

const envelope = z.object({
  id: z.string().min(1).max(255),
  object: z.literal('event'),
  type: z.string().min(1).max(255),
  created: z.int(),
  livemode: z.boolean(),
  /** Only in events that a platform receives about another account. */
  account: z.string().optional(),
  data: z.object({ object: z.unknown() }),
});

type StripeEvent = z.infer<typeof envelope>;
type Reading = { readonly event: StripeEvent; readonly settings: NotificationSettings; readonly evidence: Evidence };

/**
 * What each kind of event is to us; all others are acknowledged and ignored. `payment_intent.payment_failed` is among the ignored on purpose: after a
 * declined card the payer tries another one on the same page.
 */
const readers: Readonly<Record<string, (reading: Reading) => NotificationResult>> = {
  'checkout.session.completed': readSessionEvent,
  'checkout.session.async_payment_succeeded': readSessionEvent,
  'checkout.session.async_payment_failed': readSessionEvent,
  'checkout.session.expired': readSessionEvent,
  'refund.created': readRefundEvent,
  'refund.updated': readRefundEvent,
  'refund.failed': readRefundEvent,
  'charge.refunded': readChargeEvent,
  'charge.dispute.created': readChargeEvent,
};

export const eventTypes: readonly string[] = Object.keys(readers);

const rejected = (reason: NotificationRejection): NotificationResult => ({ kind: 'rejected', reason });
const ignored = ({ id, type }: StripeEvent, why = ''): NotificationResult => ({
  kind: 'ignored',
  dedupeId: id,
  type: why === '' ? type : `${type} (${why})`,
});

/**
 * Reads an event. Nothing is parsed before its signature holds. Refusals in the order in which they are checked: malformed (too large), those of
 * `openEvent`, malformed (no event), stale (made in the future), malformed (its object is none of its kind).
 */
export function readNotification(settings: NotificationSettings, notification: RawNotification): NotificationResult {
  if (notification.rawBody.length > notificationBytesMax) return rejected('malformed');
  const opened = openEvent(settings.webhookSecrets, notification);
  if (opened.kind === 'rejected') return opened;
  const parsed = envelope.safeParse(opened.event);
  if (!parsed.success) return rejected('malformed');
  const event = parsed.data;
  if (event.created * secondMs > notification.receivedAt + skewMsMax) return rejected('stale');
  const read = Object.hasOwn(readers, event.type) ? readers[event.type] : undefined;
  return read === undefined ? ignored(event) : read({ event, settings, evidence: makeEvidence(notification) });
}

/** A session of another mode or another account is told as it is, and the core finds that it is not ours. */
function readSessionEvent({ event, settings, evidence }: Reading): NotificationResult {
  const session = readSession(event.data.object);
  if (session === null) return rejected('malformed');
  const attemptRef = attemptRefOf(session);
  if (attemptRef === null) return ignored(event, 'not of Forecourt');
  const fact = factOfSession(asTold(session, event), {
    source: 'notification',
    accountId: event.account ?? settings.accountId,
    attemptRef,
    paidAt: event.created * secondMs,
    evidence,
  });
  return { kind: 'payment', dedupeId: event.id, fact, bodyToKeep: withoutPayer(event, session) };
}

/** Only the event's kind says that a delayed payment has failed: its session is complete and unpaid, as while it was under way. */
const asTold = (session: CheckoutSession, { type, livemode }: StripeEvent): CheckoutSession => ({
  ...session,
  livemode,
  ...(type === 'checkout.session.async_payment_failed' ? { status: 'expired' } : {}),
});

/**
 * Ours by our own mark is a fact; so is one that bears the mark of its attempt. Of any other refund, which a person made at Stripe, this event names only
 * the PaymentIntent: `charge.refunded` comes beside it and leads to the attempt. One of the other mode or of another account gives back nothing of ours, and
 * is not told at all.
 */
function readRefundEvent({ event, settings, evidence }: Reading): NotificationResult {
  const refund = readRefund(event.data.object);
  if (refund === null) return rejected('malformed');
  if (event.livemode !== settings.liveMode) return ignored(event, 'of the other mode');
  if (event.account !== undefined && event.account !== settings.accountId) return ignored(event, 'of another account');
  const isOurs = refundRefOf(refund) !== refund.id || refundedAttemptOf(refund) !== undefined;
  if (isOurs) {
    const accountId = event.account ?? settings.accountId;
    const fact = factOfRefund(refund, { source: 'notification', accountId, liveMode: event.livemode, evidence });
    return { kind: 'refund', dedupeId: event.id, fact, bodyToKeep: withoutPayer(event, refund) };
  }
  return hint(event, undefined, refund.payment_intent ?? undefined);
}

const chargeBody = z.object({
  payment_intent: z.string().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
});

/**
 * A charge says how much went back in all, and not by which refund, so the service is asked. A dispute takes the money back until it is decided and changes
 * nothing in what was paid: the core is told that something happened to this payment, and the money itself stands in the bill of the day.
 */
function readChargeEvent({ event }: Reading): NotificationResult {
  const charge = chargeBody.safeParse(event.data.object);
  if (!charge.success) return rejected('malformed');
  return hint(event, charge.data.metadata?.[attemptKey], charge.data.payment_intent ?? undefined);
}

const hint = ({ id }: StripeEvent, attemptRef?: string, providerPaymentId?: string): NotificationResult => ({
  kind: 'hint',
  dedupeId: id,
  ...(attemptRef === undefined ? {} : { attemptRef }),
  ...(providerPaymentId === undefined ? {} : { providerPaymentId }),
});

/** The event as we read it: nothing in it tells who paid. Stripe itself shows the whole one under its id. */
const withoutPayer = (event: StripeEvent, object: unknown): Uint8Array =>
  Buffer.from(JSON.stringify({ ...event, data: { object } }));

function makeEvidence({ rawBody, receivedAt }: RawNotification): Evidence {
  return { receivedAt, bodySha256: createHash('sha256').update(rawBody).digest('hex') };
}

const reply = (status: number): HttpReply => ({ status, headers: {}, body: '' });

/** Any 2xx is accepted; everything else comes again, for up to three days. */
export const replies = {
  accepted: reply(200),
  rejected: reply(400),
  try_again: reply(503),
} as const satisfies Record<string, HttpReply>;
