import { hourMs, minuteMs } from '../../base/clock.ts';
import { type FirstDelivery, type Outbox, startNotifier } from '../service/notifier.ts';
import type { Simulation } from '../service/simulation.ts';
import { type Book, makeId } from './book.ts';
import type { Credentials } from './credentials.ts';
import { deliverEvent } from './delivery.ts';
import type { StripeFaults } from './faults.ts';
import { eventObject } from './objects.ts';

/** Stripe publishes no steps, only that they grow and end after three days. */
export const retryDelaysMs = [
  minuteMs,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  5 * hourMs,
  10 * hourMs,
  14 * hourMs,
  18 * hourMs,
  22 * hourMs,
] as const;

/** What an endpoint for Forecourt is subscribed to; `*` is everything. */
export const usualEvents: readonly string[] = [
  'checkout.session.completed',
  'checkout.session.async_payment_succeeded',
  'checkout.session.async_payment_failed',
  'checkout.session.expired',
  'refund.created',
  'refund.updated',
  'refund.failed',
  'charge.refunded',
  'charge.dispute.created',
];

/** Something that happened: its kind, what it happened to, and the payment or refund by the name that the desk knows. */
export type Happening = { readonly type: string; readonly about: string; readonly object: object };

export type EventBook = Outbox & {
  /**
   * Writes down what happened at one moment, and tells the endpoint in whatever order comes of it. `first` says what becomes of the first delivery of
   * a session's event.
   */
  announce(happenings: readonly Happening[], first?: FirstDelivery): void;
};

export function startEvents(
  simulation: Simulation,
  book: Book,
  credentials: Credentials,
  faults: StripeFaults,
): EventBook {
  const notifier = startNotifier({
    ...simulation,
    faults,
    retryDelaysMs,
    deliver: (notice, spoiling) => deliverEvent({ ...simulation, credentials }, notice, spoiling),
  });
  return {
    ...notifier,
    announce(happenings, first) {
      const webhook = credentials.webhook();
      const notices = happenings.flatMap(({ type, about, object }) => {
        const event = book.events.put({ id: makeId(book.random, 'evt_'), type, createdAtMs: book.secondNow(), object });
        const isWanted = webhook?.events.some((one) => one === '*' || one === type) ?? false;
        if (webhook === null || !isWanted) return [];
        // Bodies as they come from Stripe: indented by two.
        const body = JSON.stringify(eventObject(event), null, 2);
        return [{ id: event.id, about, event: type, url: webhook.url, body }];
      });
      const [chance = 0] = book.random(1);
      for (const notice of chance % 2 === 0 ? notices : notices.toReversed())
        notifier.notify(notice, notice.event.startsWith('checkout.session.') ? first : undefined);
    },
  };
}
