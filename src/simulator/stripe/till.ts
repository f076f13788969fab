import type { FirstDelivery } from '../service/notifier.ts';
import { type Book, type Card, paymentNameOf, type Session } from './book.ts';
import { answerOfCard, cardOf, type Decline, genericDecline, notAuthenticated } from './cards.ts';
import type { EventBook, Happening } from './events.ts';
import { chargeObject, intentObject, sessionObject } from './objects.ts';
import { askPayer, expire, fail, type PayRefusal, promise, type Step, succeed, whyNotPayable } from './pay.ts';

export type PayOutcome =
  | { readonly kind: 'paid'; readonly session: Session }
  | { readonly kind: 'promised'; readonly session: Session }
  | { readonly kind: 'declined'; readonly decline: Decline }
  | { readonly kind: 'asks_payer' }
  | { readonly kind: 'refused'; readonly reason: PayRefusal };

/** `delayed`: the payer is through, and the money comes later or never (`endDelayed`). */
export type PayWish = { readonly delayed?: boolean };

/** Where payers' money moves: each movement is written down first and told to the merchant then. */
export type Till = {
  /** Pays with a card that always pays. `first` says what becomes of the session's event. */
  pay(session: Session | undefined, wish?: PayWish, first?: FirstDelivery): PayOutcome;
  tryCard(session: Session | undefined, number: string, email: string): PayOutcome;
  payByWallet(session: Session | undefined, wallet: NonNullable<Card['wallet']>): PayOutcome;
  /** The payer has answered his bank, or given up. */
  answerBank(session: Session | undefined, isHim: boolean): PayOutcome;
  /** The payer's card is declined; he can try another. */
  decline(session: Session | undefined): PayOutcome;
  /** Ends a payment that was promised. False where none was. */
  endDelayed(session: Session | undefined, ending: 'succeeded' | 'failed'): boolean;
  expire(session: Session): Session;
};

const usualCard = cardOf('4242424242424242');

/** Sessions that are open go on to their end. */
export function openTill(book: Book, events: EventBook, pageUrl: string): Till {
  const { timeline } = book;
  const show = (session: Session): object => sessionObject(session, pageUrl);

  /** What a step did, as events about its intent, its charge and its session. */
  function tell(before: Session, step: Step, types: EventTypes, first?: FirstDelivery): void {
    const about = paymentNameOf(step.session);
    const { charge, intent, session } = step;
    const happened: Happening[] = [];
    if (before.intentId === null)
      happened.push({ type: 'payment_intent.created', about, object: intentObject(intent) });
    if (charge !== null && types.charge !== undefined)
      happened.push({ type: types.charge, about, object: chargeObject(charge, book) });
    if (types.intent !== undefined) happened.push({ type: types.intent, about, object: intentObject(intent) });
    if (types.session !== undefined) happened.push({ type: types.session, about, object: show(session) });
    events.announce(happened, first);
  }

  function whenPayable(session: Session | undefined, act: (session: Session) => PayOutcome): PayOutcome {
    const reason = whyNotPayable(session, timeline.now());
    return session === undefined || reason !== null
      ? { kind: 'refused', reason: reason ?? 'payment_unknown' }
      : act(session);
  }

  function take(session: Session, card: Card, email: string | null, first?: FirstDelivery): PayOutcome {
    const step = succeed(book, session, card, email);
    tell(session, step, paidTypes, first);
    return { kind: 'paid', session: step.session };
  }

  function turnDown(session: Session, card: Card, decline: Decline): PayOutcome {
    tell(session, fail(book, session, card, decline), {
      charge: 'charge.failed',
      intent: 'payment_intent.payment_failed',
    });
    return { kind: 'declined', decline };
  }

  const till: Till = {
    pay: (session, wish = {}, first) =>
      whenPayable(session, (open) => {
        if (wish.delayed !== true) return take(open, usualCard, null, first);
        const step = promise(book, open, usualCard);
        tell(open, step, { intent: 'payment_intent.processing', session: 'checkout.session.completed' }, first);
        return { kind: 'promised', session: step.session };
      }),
    tryCard: (session, number, email) =>
      whenPayable(session, (open) => {
        const answer = answerOfCard(number);
        const card = cardOf(number);
        if (answer.kind === 'pays') return take(open, card, email);
        if (answer.kind === 'declines') return turnDown({ ...open, email }, card, answer.decline);
        tell(open, askPayer(book, open, card, email), { intent: 'payment_intent.requires_action' });
        return { kind: 'asks_payer' };
      }),
    payByWallet: (session, wallet) =>
      whenPayable(session, (open) => take(open, { ...usualCard, wallet }, 'wallet@example.com')),
    answerBank: (session, isHim) =>
      whenPayable(session, (open) => {
        const intent = book.intents.get(open.intentId);
        if (intent?.status !== 'requires_action') return { kind: 'refused', reason: 'payment_unknown' };
        const card = intent.card ?? usualCard;
        return isHim ? take(open, card, open.email) : turnDown(open, card, notAuthenticated);
      }),
    decline: (session) => whenPayable(session, (open) => turnDown(open, cardOf('4000000000000002'), genericDecline)),
    endDelayed(session, ending) {
      if (session?.status !== 'complete' || session.paymentStatus === 'paid') return false;
      if (book.intents.get(session.intentId)?.status !== 'processing') return false;
      if (ending === 'succeeded') {
        const type = 'checkout.session.async_payment_succeeded';
        tell(session, succeed(book, session, usualCard, null), { ...paidTypes, session: type });
      } else {
        const type = 'checkout.session.async_payment_failed';
        const failed = { charge: 'charge.failed', intent: 'payment_intent.payment_failed', session: type };
        tell(session, fail(book, session, usualCard, genericDecline), failed);
      }
      return true;
    },
    expire(session) {
      const expired = expire(book, session);
      const about = paymentNameOf(expired);
      events.announce([{ type: 'checkout.session.expired', about, object: show(expired) }]);
      return expired;
    },
  };
  return till;
}

type EventTypes = { readonly charge?: string; readonly intent?: string; readonly session?: string };

const paidTypes = {
  charge: 'charge.succeeded',
  intent: 'payment_intent.succeeded',
  session: 'checkout.session.completed',
} as const satisfies EventTypes;

/** A session ends by itself at its time, and one that the store has kept goes on to it. */
export function endInTime(book: Book, till: Till, events: EventBook, session: Session): void {
  book.timeline.after(Math.max(0, session.expiresAtMs - book.timeline.now()), async () => {
    const now = book.sessions.get(session.id);
    if (now?.status !== 'open') return;
    till.expire(now);
    await events.settled();
  });
}
