import { z } from 'zod';
import { type CommonControl, commonControl, type ControlPowers, done, no, ok } from '../service/control.ts';
import type { FirstDelivery } from '../service/notifier.ts';
import type { Simulation } from '../service/simulation.ts';
import type { BackOffice } from './back-office.ts';
import type { Book, Intent, Refund, Session } from './book.ts';
import type { AccountCredentials, Credentials } from './credentials.ts';
import { type EventBook, usualEvents } from './events.ts';
import type { StripeFaults, StripeWords } from './faults.ts';
import { type RefundEnding, refundEndings } from './refunds.ts';
import type { PayOutcome, PayWish, Till } from './till.ts';

/** A session, with the intent that its payer's tries have made. */
export type Payment = Session & { readonly intent: Intent | null };

/** The powers of whoever runs the simulator. The HTTP API under `/_control/` has the same, one address for each. */
export type Control = CommonControl<StripeWords> & {
  credentials(): AccountCredentials;
  /**
   * Where events go, as it is set in the real service's dashboard and never by an order; null: nowhere. What happened before is not told. `events` are the
   * kinds that the endpoint is subscribed to, `*` for all.
   */
  setWebhookUrl(url: string | null, events?: readonly string[]): void;
  /** Payments are named by `client_reference_id`, or by the session. The newest last. */
  payments(): readonly Payment[];
  payment(ref: string): Payment | undefined;
  pay(ref: string, wish?: PayWish, first?: FirstDelivery): PayOutcome;
  decline(ref: string): boolean;
  /** Ends a payment that was promised (`pay` with `delayed`). */
  endDelayed(ref: string, ending: 'succeeded' | 'failed'): boolean;
  /** Refunds are named by their mark `refundRef`, or by Stripe's own name. */
  refunds(): readonly Refund[];
  /** How the next `times` refunds shall end; after them refunds succeed again. */
  endNextRefunds(ending: RefundEnding, times?: number): void;
  endRefund(ref: string, ending: RefundEnding): boolean;
  refundByHand(ref: string, amountMinor: number): Refund | null;
  dispute(ref: string): boolean;
  /** Sends what stands on the balance to the bank; `eur`. */
  payOut(currency: string): void;
  /** A new signing secret; the old one signs beside it for a day. */
  rotateKeys(): Promise<AccountCredentials>;
};

export type ControlSettings = {
  readonly simulation: Simulation;
  readonly credentials: Credentials;
  readonly book: Book;
  readonly faults: StripeFaults;
  readonly events: EventBook;
  readonly till: Till;
  readonly backOffice: BackOffice;
};

export function createControl(settings: ControlSettings): Control {
  const { simulation, credentials, book, faults, events, till, backOffice } = settings;
  const paymentOf = (session: Session): Payment => ({ ...session, intent: book.intents.get(session.intentId) ?? null });
  return {
    ...commonControl(simulation, faults, events),
    credentials: () => credentials.forMerchant(),
    setWebhookUrl: (url, kinds = usualEvents) => credentials.setWebhook(url === null ? null : { url, events: kinds }),
    payments: () => book.sessions.list().map(paymentOf),
    payment(ref) {
      const session = book.findSession(ref);
      return session === undefined ? undefined : paymentOf(session);
    },
    pay: (ref, wish, first) => till.pay(book.findSession(ref), wish, first),
    decline: (ref) => till.decline(book.findSession(ref)).kind === 'declined',
    endDelayed: (ref, ending) => till.endDelayed(book.findSession(ref), ending),
    refunds: () => book.refunds.list(),
    endNextRefunds: (ending, times = 1) => backOffice.endNextRefunds(ending, times),
    endRefund: (ref, ending) => backOffice.endRefund(ref, ending),
    refundByHand: (ref, amountMinor) => backOffice.refundByHand(book.findSession(ref), amountMinor),
    dispute: (ref) => backOffice.dispute(book.findSession(ref)),
    payOut: (currency) => backOffice.payOut(currency),
    rotateKeys: async () => credentials.rotate(),
  };
}

const webhookMessage = z.object({ url: z.url().nullable(), events: z.array(z.string()).min(1).max(100).optional() });
const payMessage = z.object({ delayed: z.boolean().default(false) });
const delayedMessage = z.object({ ending: z.enum(['succeeded', 'failed']) });
const refundMessage = z.object({ amountMinor: z.int().positive() });
const payoutMessage = z.object({ currency: z.string().regex(/^[a-z]{3}$/) });

/** The same powers for the HTTP control. */
export function controlPowers(control: Control, faults: StripeFaults): ControlPowers<RefundEnding> {
  return {
    ...control,
    common: control,
    addFault: (body) => faults.add(body),
    refundEndings,
    pay(ref, body) {
      const outcome = control.pay(ref, payMessage.parse(body));
      if (outcome.kind === 'refused') return no(409, outcome.reason);
      return outcome.kind === 'paid' || outcome.kind === 'promised' ? ok(control.payment(ref)) : no(409, outcome.kind);
    },
    own: {
      'PUT webhook': (body) => {
        const { url, events } = webhookMessage.parse(body);
        control.setWebhookUrl(url, events);
        return done;
      },
      'POST payments/:key/end-delayed': (body, ref) =>
        control.endDelayed(ref, delayedMessage.parse(body).ending) ? done : no(409, 'not_promised'),
      'POST payments/:key/refund': (body, ref) => {
        const refund = control.refundByHand(ref, refundMessage.parse(body).amountMinor);
        return refund === null ? no(409, 'not_refundable') : ok(refund);
      },
      'POST payments/:key/dispute': (_body, ref) => (control.dispute(ref) ? done : no(409, 'not_disputable')),
      'POST payouts': (body) => {
        control.payOut(payoutMessage.parse(body).currency);
        return done;
      },
    },
  };
}
