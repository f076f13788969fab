import { type Attempt, holdsMoney, isCurrent, isOpen, lateMoneyGraceMs } from '../../../payment/attempt.ts';
import { keptMinor } from '../../../payment/refund.ts';
import { driverOpenId } from '../service/service-people.ts';
import type { Books } from '../../books.ts';
import type { House } from '../house.ts';
import { ledgerOffence, type Offence } from './ledger-invariants.ts';
import { leftMinor, wentBackMinor } from '../service/payment-service.ts';
import { shortRef } from '../steps/settle.ts';
import { bouncedMinor, tradeOf, tradesOf, troubledMinor, wasInTrouble } from './truth.ts';

/** An invariant of the design does not hold. */
export class Broken extends Error {
  override readonly name = 'Broken';
  readonly invariant: string;
  readonly offence: string;

  constructor(invariant: string, offence: string) {
    super(`${invariant}: ${offence}`);
    this.invariant = invariant;
    this.offence = offence;
  }
}

type Question = (house: House, before: Books) => Offence;

/** What holds at every moment, whatever happened (design: States and Invariants). Each question gives what breaks it. */
const invariants: Readonly<Record<string, Question>> = {
  'a permit exists only for one verified payment of the right amount, currency and merchant': wrongPermit,
  'at most one permit is ever issued to an order': secondPermit,
  'captured less refunded is what the ledger says, and every account stands as the books say': ledgerOffence,
  'money that arrived ends in a permit or in a refund': strandedMoney,
  'a live permit and a full refund never stand together': permitBesideRefund,
  'a permit is issued only while the driver may still wait for it': lateRevival,
  'what the driver got at the pump is given back only by a person': soldAndBack,
  'an order is paid or fulfilled exactly when its permit stands': orderWithoutPermit,
  'nothing goes from paid to unpaid, no refund is forgotten or changed, and what has ended stays so': movedBack,
  'what the books believe is true at the service': believedTooMuch,
  'a refund is asked for by one name and one sum, and never for more than came in': askedTooMuch,
  'at most one attempt waits for its driver, and what is unfinished is looked after': forgotten,
};

export function checkInvariants(house: House, before: Books): void {
  for (const [invariant, question] of Object.entries(invariants)) {
    const offence = question(house, before);
    if (offence !== null) throw new Broken(invariant, offence);
  }
}

export const payerOf = ({ permit, attempts }: Books): Attempt | undefined =>
  permit === null ? undefined : attempts.find((one) => one.attemptRef === permit.attemptRef);

function wrongPermit(house: House): Offence {
  const { books } = house.rows;
  const { order, permit } = books;
  if (permit === null) return null;
  const payer = payerOf(books);
  if (payer === undefined || !holdsMoney(payer)) return 'nothing was paid';
  if (payer.paidMinor !== order.payableMinor) return `the books have ${payer.paidMinor} for ${order.payableMinor}`;
  const isMarked = payer.integrity !== null && payer.integrity !== 'refunded_unknown_amount';
  if (permit.state !== 'revoked' && isMarked) return `the payment is marked ${payer.integrity}`;
  const payment = tradeOf(house, payer)?.payment;
  if (payment == null) return 'the service knows of no payment';
  if (payment.minor !== order.payableMinor || payment.currency !== order.currency)
    return `the service was paid ${payment.minor} ${payment.currency}`;
  if (payment.appId !== payer.appId) return 'the service was paid through another app';
  const isBound = payer.payer.openId !== undefined;
  return isBound && payment.payer !== driverOpenId ? 'somebody else paid' : null;
}

function secondPermit({ rows }: House, before: Books): Offence {
  const issued = rows.feed.filter(({ body }) => body['kind'] === 'permit.issued').length;
  if (issued > 1) return `${issued} were issued`;
  if (before.permit !== null && before.permit.permitId !== rows.books.permit?.permitId) return 'it was replaced';
  return issued === (rows.books.permit === null ? 0 : 1) ? null : 'the station was not told of it';
}

function strandedMoney({ rows: { books } }: House): Offence {
  const stranded = books.attempts.find(
    (attempt) =>
      attempt.paidMinor > 0 &&
      attempt.attemptRef !== books.permit?.attemptRef &&
      // How much went back is not known: no rule can end it, a person must.
      attempt.integrity !== 'refunded_unknown_amount' &&
      keptMinor(attempt, books.refunds) > 0,
  );
  return stranded === undefined
    ? null
    : `${keptMinor(stranded, books.refunds)} of attempt ${shortRef(stranded.attemptRef)}`;
}

function permitBesideRefund(house: House): Offence {
  const { books } = house.rows;
  const { permit, refunds } = books;
  const payer = payerOf(books);
  if (permit === null || payer === undefined || permit.state === 'revoked') return null;
  const toldAll = (house.toldBackMinor.get(payer.attemptRef) ?? 0) >= payer.paidMinor;
  if (keptMinor(payer, refunds) > 0 && !toldAll) return null;
  if (permit.state !== 'redeemed') return `the permit is ${permit.state} and nothing is left of its money`;
  const atDesk = tradeOf(house, payer)?.refunds.some(({ by }) => by === 'somebody') === true;
  const byPerson = atDesk || refunds.some(({ overridden }) => overridden);
  return byPerson ? null : 'a used permit was given back, and no person said so';
}

/** His order is over when its time is, and after that only for those whose word was on its way. */
function lateRevival({ rows: { books } }: House): Offence {
  const { order, permit } = books;
  const payer = payerOf(books);
  if (permit === null || payer === undefined) return null;
  if ((payer.paidAt ?? 0) > order.expiresAt) return 'it was paid after the order was over';
  return permit.issuedAt > order.expiresAt + lateMoneyGraceMs ? 'it was issued long after the order was over' : null;
}

function soldAndBack({ rows: { books } }: House): Offence {
  if (books.dispense === null) return null;
  const { toldAt } = books.dispense;
  const late = books.refunds.find(({ reason, dueAt }) => reason === 'undelivered' && dueAt >= toldAt);
  return late === undefined ? null : `${late.amountMinor} as ${shortRef(late.refundRef)}`;
}

function orderWithoutPermit({ rows: { books } }: House): Offence {
  const { order, permit } = books;
  const stands = permit !== null && permit.state !== 'revoked';
  const isPaid = order.state === 'paid' || order.state === 'fulfilled';
  if (order.state === 'refunded' && permit?.state === 'redeemed') return null;
  if (stands !== isPaid) return `the order is ${order.state}, its permit ${permit?.state ?? 'missing'}`;
  const isOut = permit !== null && ['printed', 'processed', 'redeemed'].includes(permit.state);
  return order.state === 'fulfilled' && !isOut
    ? `the order is fulfilled, its permit ${permit?.state ?? 'missing'}`
    : null;
}

function movedBack(house: House, before: Books): Offence {
  const { books } = house.rows;
  for (const old of before.attempts) {
    const attempt = books.attempts.find((one) => one.attemptRef === old.attemptRef);
    if (attempt === undefined) return `attempt ${shortRef(old.attemptRef)} is gone`;
    if (holdsMoney(old) && !holdsMoney(attempt))
      return `attempt ${shortRef(old.attemptRef)} went from ${old.state} to ${attempt.state}`;
    const troubled = troubledMinor(house, attempt);
    if (
      holdsMoney(old) &&
      (attempt.paidMinor !== old.paidMinor || attempt.refundedMinor < old.refundedMinor - troubled)
    )
      return `attempt ${shortRef(old.attemptRef)} holds other money`;
    if (!isOpen(old) && isOpen(attempt)) return `attempt ${shortRef(old.attemptRef)} is open again`;
  }
  for (const old of before.refunds) {
    const refund = books.refunds.find((one) => one.refundRef === old.refundRef);
    if (refund === undefined || refund.amountMinor !== old.amountMinor)
      return `refund ${shortRef(old.refundRef)} is another`;
    if (old.state === 'succeeded' && refund.state !== 'succeeded' && !wasInTrouble(house, refund))
      return `refund ${shortRef(old.refundRef)} is ${refund.state} again`;
  }
  const wasOver = ['cancelled', 'expired', 'refunded'].includes(before.order.state);
  if (wasOver && books.order.state !== before.order.state)
    return `the order was ${before.order.state} and is ${books.order.state}`;
  const wasVoid = before.permit?.state === 'revoked';
  return wasVoid && books.permit?.state !== 'revoked' ? 'a void permit is good again' : null;
}

function believedTooMuch(house: House): Offence {
  for (const attempt of house.rows.books.attempts) {
    const trade = tradeOf(house, attempt);
    const { paidMinor, refundedMinor, attemptRef } = attempt;
    if (paidMinor > 0 && paidMinor !== trade?.payment?.minor) return `${paidMinor} of attempt ${shortRef(attemptRef)}`;
    if (refundedMinor > (trade === undefined ? 0 : wentBackMinor(trade) + bouncedMinor(house, attempt)))
      return `${refundedMinor} of attempt ${shortRef(attemptRef)} never went back`;
  }
  return null;
}

function askedTooMuch(house: House): Offence {
  for (const trade of tradesOf(house)) {
    const ours = trade.refunds.filter(({ by }) => by === 'us');
    const asked = ours.reduce((sum, { minor }) => sum + minor, 0);
    if (asked > (trade.payment?.minor ?? 0)) return `${asked} of attempt ${shortRef(trade.attemptRef)}`;
    for (const { refundRef, minor } of ours) {
      const held = house.rows.books.refunds.find((one) => one.refundRef === refundRef);
      if (held?.amountMinor !== minor) return `${minor} as ${shortRef(refundRef)}, which the books do not have`;
    }
    if (leftMinor(trade) < 0) return `more than came in went back of attempt ${shortRef(trade.attemptRef)}`;
  }
  return null;
}

function forgotten({ rows: { books } }: House): Offence {
  const current = books.attempts.filter(isCurrent);
  if (current.length > 1) return `${current.length} attempts wait`;
  const unasked = books.attempts.find((attempt) => isOpen(attempt) && attempt.pollAt === null);
  if (unasked !== undefined) return `nobody will ask for attempt ${shortRef(unasked.attemptRef)}`;
  const untried = books.refunds.find(
    ({ state, nextTryAt }) => (state === 'due' || state === 'requested') && nextTryAt === null,
  );
  return untried === undefined ? null : `nobody will try refund ${shortRef(untried.refundRef)} again`;
}
