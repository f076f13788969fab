import {
  type DeskPayment,
  deskParts,
  type DeskRefund,
  deskRefundsMax,
  type DeskService,
  newestForDesk,
} from '../service/desk-service.ts';
import type { Outbox } from '../service/notifier.ts';
import type { BackOffice } from './back-office.ts';
import { type Book, paymentNameOf, type Refund, refundNameOf, type Session } from './book.ts';
import type { StripeFaults } from './faults.ts';
import { whyNotPayable } from './pay.ts';
import type { PayOutcome, Till } from './till.ts';

export type DeskSettings = {
  readonly cashierUrl: string;
  readonly book: Book;
  readonly till: Till;
  readonly backOffice: BackOffice;
  readonly faults: StripeFaults;
  readonly events: Outbox;
};

/** Stripe as a person plays it, in the words that all services share. */
export function openDesk({ cashierUrl, book, till, backOffice, faults, events }: DeskSettings): DeskService {
  return {
    ...deskParts(faults, events),
    id: 'stripe',
    name: { zh: 'Stripe', en: 'Stripe' },
    cashierUrl,
    payments: () => newestForDesk(book.sessions.list().map((session) => describePayment(book, session))),
    pay: (ref, first) => whyNot(till.pay(book.findSession(ref), {}, first), 'paid'),
    decline: (ref) => whyNot(till.decline(book.findSession(ref)), 'declined'),
    refunds: () =>
      book.refunds
        .list()
        .slice(0 - deskRefundsMax)
        .toReversed()
        .map((refund) => describeRefund(book, refund)),
    endRefund: (ref, ending) => backOffice.endRefund(ref, ending),
  };
}

const whyNot = (outcome: PayOutcome, wish: PayOutcome['kind']): string | null =>
  outcome.kind === wish ? null : outcome.kind === 'refused' ? outcome.reason : outcome.kind;

function describePayment(book: Book, session: Session): DeskPayment {
  return {
    ref: paymentNameOf(session),
    surface: 'checkout',
    description: session.description,
    amountMinor: session.amountMinor,
    currency: session.currency.toUpperCase(),
    state: stateOf(book, session),
    backMinor: backMinorOf(book, session),
    declined: session.declinedAtMs !== null,
    createdAtMs: session.createdAtMs,
  };
}

const backMinorOf = (book: Book, { intentId }: Session): number =>
  book.refunds
    .list()
    .filter((refund) => refund.intentId === intentId && refund.status === 'succeeded')
    .reduce((sum, { amountMinor }) => sum + amountMinor, 0);

function stateOf(book: Book, session: Session): DeskPayment['state'] {
  const charge = book.charges.get(book.intents.get(session.intentId)?.chargeId ?? null);
  if (session.paymentStatus === 'paid') return (charge?.refundedMinor ?? 0) > 0 ? 'refunded' : 'paid';
  return whyNotPayable(session, book.timeline.now()) === null ? 'open' : 'over';
}

const endings = {
  pending: ['succeeded', 'failed'],
  // A bank may send the money back weeks after it took it.
  succeeded: ['failed'],
  failed: [],
  canceled: [],
} as const satisfies Record<Refund['status'], DeskRefund['endings']>;

function describeRefund(book: Book, refund: Refund): DeskRefund {
  const session = book.sessions.get(book.intents.get(refund.intentId)?.sessionId ?? null);
  return {
    ref: refundNameOf(refund),
    paymentRef: session === undefined ? refund.intentId : paymentNameOf(session),
    amountMinor: refund.amountMinor,
    currency: refund.currency.toUpperCase(),
    state: refund.status,
    createdAtMs: refund.createdAtMs,
    endings: endings[refund.status],
  };
}
