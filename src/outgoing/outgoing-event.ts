import { createHash } from 'node:crypto';
import { encodeBytes } from '../base/crockford.ts';
import { formatInstant } from '../base/clock.ts';
import { isOrderId, stationNumberOf } from '../base/ids.ts';
import type { OutgoingEventData, PersonMessage } from './outgoing-event.message.ts';

/** What the chain's own systems can be told, in the order in which an order travels. */
export const outgoingEventTypes = [
  'order.paid',
  'order.fulfilled',
  'order.dispensed',
  'order.cancelled',
  'order.expired',
  'order.refunded',
  'permit.issued',
  'permit.printed',
  'permit.processed',
  'permit.unconfirmed',
  'permit.undeliverable',
  'permit.redeemed',
  'permit.revoked',
  'payment.integrity',
  'refund.due',
  'refund.succeeded',
  'refund.abnormal',
] as const;

export type OutgoingEventType = (typeof outgoingEventTypes)[number];

export const isOutgoingEventType = (text: string): text is OutgoingEventType =>
  outgoingEventTypes.some((type) => type === text);

/** Something that happened to an order, as it is told to whoever subscribed. `madeAt` in ms since 1970. */
export type OutgoingEvent = {
  readonly stationNumber: number;
  readonly orderId: string;
  readonly eventId: string;
  readonly type: OutgoingEventType;
  readonly data: OutgoingEventData;
  readonly madeAt: number;
};

/** An event, its deliveries and their log are kept for so long. */
export const eventKeptMs = 30 * 86_400_000;

const digestLength = 13;

/**
 * The event's name, and the `webhook-id` of each of its deliveries. Derived from what happened to what, so that one thing can never be told under
 * two names; it bears the order's id and with it the station. `subject` names what it happened to where an order has several: an attempt, a refund.
 */
export function makeEventId(orderId: string, type: OutgoingEventType, subject: string): string {
  const digest = createHash('sha256').update(`${type} ${subject}`).digest();
  return `evt_${orderId}_${encodeBytes(digest).slice(0, digestLength)}`;
}

/** The station of an event's id, or null where it is none. */
export function stationOfEvent(eventId: string): number | null {
  const [prefix, orderId = '', digest = ''] = eventId.split('_');
  const isEventId = prefix === 'evt' && isOrderId(orderId) && /^[0-9A-Z]{13}$/.test(digest);
  return isEventId ? stationNumberOf(orderId) : null;
}

/** The body that is signed and sent: the same bytes at every try. `person` is null where the subscription did not ask for it. */
export function writeEventBody(
  event: Pick<OutgoingEvent, 'type' | 'madeAt' | 'data'>,
  person: PersonMessage | null,
): string {
  const data = person === null ? event.data : { ...event.data, person };
  return JSON.stringify({ type: event.type, timestamp: formatInstant(event.madeAt), data });
}
