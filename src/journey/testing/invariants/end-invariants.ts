import { type Attempt, isOpen } from '../../../payment/attempt.ts';
import { keptMinor, type Refund } from '../../../payment/refund.ts';
import type { Permit } from '../../../permit/permit.ts';
import type { House } from '../house.ts';
import { Broken, payerOf } from './invariants.ts';
import type { Offence } from './ledger-invariants.ts';
import { isAmountUnknown, isHeardInParts, isInSuspense, isNamelessReturn, isTakenThere } from './left-to-people.ts';
import { type Trade, wentBackMinor } from '../service/payment-service.ts';
import { shortRef } from '../steps/settle.ts';
import { hasBounced, stateThere, tradeOf, tradesOf } from './truth.ts';

/** What holds at the end, when all works again and nothing is left to do. */

export type When = 'before the bill' | 'after the bill';

export function checkNothingIsOpen(house: House, when: When): void {
  assertNone(`${when} every payment is known and every order, attempt and refund has ended`, openEnd(house, when));
}

export function checkAgreement(house: House): void {
  assertNone('what went back here went back there', otherSum(house));
  assertNone('the driver has his permit or his money, and both only by the word of a person', driverWithout(house));
}

function assertNone(invariant: string, offence: Offence): void {
  if (offence !== null) throw new Broken(invariant, offence);
}

function openEnd(house: House, when: When): Offence {
  const { order, attempts, refunds } = house.rows.books;
  if (order.state === 'placed') return 'the order still waits';
  const unjudged = [...house.rows.kept.values()].find(({ judged }) => !judged);
  if (unjudged !== undefined) return `${unjudged.dedupeId} was acknowledged and never judged`;
  const open = attempts.find(isOpen);
  if (open !== undefined) return `attempt ${shortRef(open.attemptRef)} is open`;
  const unknown = tradesOf(house).find((trade) => trade.payment !== null && !isKnown(house, trade));
  if (unknown !== undefined) return `the money of attempt ${shortRef(unknown.attemptRef)} is not known`;
  const other = refunds.find((refund) => !isAsThere(house, refund, when));
  if (other === undefined) return null;
  return `refund ${shortRef(other.refundRef)} is ${other.state} here and ${stateThere(house, other)} there`;
}

function isKnown(house: House, trade: Trade): boolean {
  const attempt = house.rows.books.attempts.find((one) => one.attemptRef === trade.attemptRef);
  return isInSuspense(house, trade) || attempt?.paidMinor === trade.payment?.minor;
}

/** Done where it is done there, and abnormal where a person must look. */
function isAsThere(house: House, refund: Refund, when: When): boolean {
  const there = stateThere(house, refund);
  switch (refund.state) {
    case 'succeeded':
      // Before the bill only a message can tell that it came back.
      return (
        there === 'succeeded' ||
        isNamelessReturn(house, refund) ||
        (when === 'before the bill' && hasBounced(house, refund))
      );
    case 'abnormal':
      return there !== 'succeeded';
    case 'due':
    case 'requested':
      return isTakenThere(house, refund) && (when === 'before the bill' || hasAbnormalBeside(house, refund));
  }
}

/** One that went wrong there has taken the place of this one, which would have fitted otherwise. */
const hasAbnormalBeside = (house: House, refund: Refund): boolean =>
  house.rows.books.refunds.some((one) => one.attemptRef === refund.attemptRef && one.state === 'abnormal');

function otherSum(house: House): Offence {
  for (const attempt of house.rows.books.attempts) {
    const trade = tradeOf(house, attempt);
    if (trade?.payment == null || isInSuspense(house, trade)) continue;
    const there = wentBackMinor(trade) + unheardMinor(house, attempt);
    if (attempt.refundedMinor !== there && !isHeardInParts(house, attempt))
      return `of attempt ${shortRef(attempt.attemptRef)} ${attempt.refundedMinor} went back here and ${there} there`;
  }
  return null;
}

/** What a bank sent back, where nobody can say of which refund it was. */
const unheardMinor = (house: House, { attemptRef }: Attempt): number =>
  house.rows.books.refunds
    .filter((refund) => refund.attemptRef === attemptRef && refund.state === 'succeeded')
    .filter((refund) => stateThere(house, refund) !== 'succeeded' && isNamelessReturn(house, refund))
    .reduce((sum, { amountMinor }) => sum + amountMinor, 0);

function driverWithout(house: House): Offence {
  const { permit, attempts } = house.rows.books;
  const payer = payerOf(house.rows.books);
  const hasPermit = permit !== null && permit.state !== 'revoked';
  if (hasPermit && isLateSlip(house, permit)) return 'his slip never came out, though it was promised';
  for (const attempt of attempts) {
    const isBack = isGivenBack(house, attempt);
    if (attempt !== payer || !hasPermit) {
      if (!isBack) return `attempt ${shortRef(attempt.attemptRef)} brought him nothing`;
    } else if (isBack && permit.state !== 'redeemed') return 'he has both';
  }
  return null;
}

/** The station promised it, no device brought it out, and the driver was not fuelled without it. */
export const isLateSlip = ({ rows, circumstances }: House, permit: Permit): boolean =>
  circumstances.promiseMs !== null &&
  rows.books.dispense === null &&
  ['issued', 'sent', 'undeliverable'].includes(permit.state);

/** All is back, or a person was told that he must see to it. */
function isGivenBack(house: House, attempt: Attempt): boolean {
  const { refunds } = house.rows.books;
  const trade = tradeOf(house, attempt);
  if (trade?.payment == null || isInSuspense(house, trade) || isAmountUnknown(attempt)) return true;
  const stuckMinor = refunds
    .filter((one) => one.attemptRef === attempt.attemptRef && (one.state === 'abnormal' || isTakenThere(house, one)))
    .reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  const goneMinor = wentBackMinor(trade) + unheardMinor(house, attempt);
  return keptMinor(attempt, refunds) === 0 && goneMinor + stuckMinor >= trade.payment.minor;
}
