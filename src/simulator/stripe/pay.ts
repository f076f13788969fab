import { type Book, type Card, type Charge, type Intent, makeId, type Session } from './book.ts';
import type { Decline } from './cards.ts';

/** What the service keeps of each payment: so many hundredths of a percent, and so much in minor units. */
const feeBasisPoints = 150;
const feeFixedMinor = 25;

export type PayRefusal = 'payment_unknown' | 'already_paid' | 'payment_processing' | 'payment_closed';

/** Why this session cannot be paid now, in the order of checking, or null. */
export function whyNotPayable(session: Session | undefined, nowMs: number): PayRefusal | null {
  if (session === undefined) return 'payment_unknown';
  if (session.paymentStatus === 'paid') return 'already_paid';
  if (session.status === 'complete') return 'payment_processing';
  return session.status === 'expired' || nowMs >= session.expiresAtMs ? 'payment_closed' : null;
}

/** A PaymentIntent is made when a payer tries to pay for the first time, and stays the same over all his tries. */
export function intentOf(book: Book, session: Session): Intent {
  const known = book.intents.get(session.intentId);
  if (known !== undefined) return known;
  const intent = book.intents.put({
    id: makeId(book.random, 'pi_'),
    sessionId: session.id,
    metadata: session.intentMetadata,
    description: session.description,
    amountMinor: session.amountMinor,
    currency: session.currency,
    createdAtMs: book.secondNow(),
    status: 'requires_payment_method',
    chargeId: null,
    card: null,
    lastError: null,
  });
  book.sessions.put({ ...session, intentId: intent.id });
  return intent;
}

/** Everything that one payer's step left behind. */
export type Step = { readonly session: Session; readonly intent: Intent; readonly charge: Charge | null };

/** The bank gave the money. */
export function succeed(book: Book, session: Session, card: Card, email: string | null): Step {
  const intent = intentOf(book, session);
  const { amountMinor, currency, description } = intent;
  const movementId = makeId(book.random, 'txn_');
  const charge = book.charges.put({ ...newCharge(book, intent, card), movementId });
  book.movements.put({
    id: movementId,
    type: 'charge',
    amountMinor,
    currency,
    feeMinor: Math.min(amountMinor, Math.round((amountMinor * feeBasisPoints) / 10_000) + feeFixedMinor),
    createdAtMs: charge.createdAtMs,
    sourceId: charge.id,
    description,
  });
  return {
    charge,
    intent: book.intents.put({ ...intent, status: 'succeeded', chargeId: charge.id, card, lastError: null }),
    session: book.sessions.put({
      ...session,
      intentId: intent.id,
      status: 'complete',
      paymentStatus: 'paid',
      email: email ?? session.email,
    }),
  };
}

/** The bank said no: the session stays open and the intent wants another means of payment. */
export function fail(book: Book, session: Session, card: Card, decline: Decline): Step {
  const intent = intentOf(book, session);
  const charge = book.charges.put({ ...newCharge(book, intent, card), status: 'failed', failureCode: decline.code });
  return {
    charge,
    intent: book.intents.put({
      ...intent,
      status: 'requires_payment_method',
      chargeId: charge.id,
      card: null,
      lastError: decline,
    }),
    session: book.sessions.put({ ...session, intentId: intent.id, declinedAtMs: book.timeline.now() }),
  };
}

/** The bank wants to hear from the payer first. */
export function askPayer(book: Book, session: Session, card: Card, email: string): Step {
  const intent = book.intents.put({ ...intentOf(book, session), status: 'requires_action', card });
  return { charge: null, intent, session: book.sessions.put({ ...session, intentId: intent.id, email }) };
}

/** A payment that comes days later, as by a bank debit: the payer is through, the money is not there. */
export function promise(book: Book, session: Session, card: Card): Step {
  const intent = book.intents.put({ ...intentOf(book, session), status: 'processing', card });
  return { charge: null, intent, session: book.sessions.put({ ...session, intentId: intent.id, status: 'complete' }) };
}

/** Nobody can pay it any more. */
export function expire(book: Book, session: Session): Session {
  const intent = book.intents.get(session.intentId);
  if (intent !== undefined) book.intents.put({ ...intent, status: 'canceled' });
  return book.sessions.put({ ...session, status: 'expired' });
}

const newCharge = (book: Book, intent: Intent, card: Card): Charge => ({
  id: makeId(book.random, 'ch_'),
  intentId: intent.id,
  amountMinor: intent.amountMinor,
  currency: intent.currency,
  createdAtMs: book.secondNow(),
  status: 'succeeded',
  refundedMinor: 0,
  card,
  failureCode: null,
  movementId: null,
  disputed: false,
});
