import { orderAfter } from '../order/order.ts';
import { type Attempt, attemptAfter, holdsMoney, lateMoneyGraceMs } from '../payment/attempt.ts';
import { bookPaid, bookUnmatched } from '../payment/ledger.ts';
import { digestPayer } from '../payment/provider/payer.ts';
import type { PaymentFact, PaymentProvider } from '../payment/provider/provider.ts';
import type { Permit } from '../permit/permit.ts';
import { type Books, replaceAttempt } from './books.ts';
import { booking, giveBack, type Settlement, type SurplusReason, unchanged, withMoney } from './money-back.ts';
import { permitIssuedEvent } from './permit-slip.ts';
import { settleRefundedElsewhere } from './refund-settlement.ts';

/**
 * The judge. From what a payment service said, and from that alone, it is decided whether an order is paid. Pure: the books, one fact and
 * the time go in; the books as they stand afterwards come out, with the ledger's transfers and the lines for the station.
 */
export type Judge = {
  readonly provider: Pick<PaymentProvider, 'id' | 'merchant'>;
  readonly now: number;
  readonly refundPromiseDays: number;
  /** Makes the one permit of an order; called only when it is paid. */
  readonly issue: (books: Books, attempt: Attempt) => Permit;
};

/** One function applies every fact, whatever its source: answer, notification, query, bill. A fact that is known changes nothing. */
export function decideSettlement(books: Books, fact: PaymentFact, judge: Judge): Settlement {
  const attempt = books.attempts.find((one) => one.attemptRef === fact.attemptRef);
  if (attempt === undefined) return unchanged(books, 'attempt_unknown');
  // Not created yet, or not to be seen yet: no proof that it will never be paid. Services do not sign every such answer.
  if (fact.state === 'not_found') return unchanged(books, 'recorded');
  const strange = strangenessOf(attempt, fact, judge.provider);
  if (strange !== null) return settleStrange(books, attempt, fact, strange, judge);
  switch (fact.state) {
    case 'pending':
    case 'closed': {
      const state = attemptAfter(attempt.state, fact.state);
      if (state === attempt.state && !attempt.unknown) return unchanged(books, 'known');
      // What the service did not know when it was closed may yet be paid, or was meanwhile: it is looked at once more.
      const isOver = state === 'closed' && attempt.mayBePaidUntil === null;
      const pollAt = isOver ? null : attempt.pollAt;
      return { books: replaceAttempt(books, { ...attempt, state, unknown: false, pollAt }), judgement: 'recorded' };
    }
    case 'paid':
      return holdsMoney(attempt) ? unchanged(books, 'known') : settlePaid(books, attempt, fact, judge);
    case 'refunded':
      return settleRefundedElsewhere(books, attempt, fact, judge);
  }
}

/** Why news is not about our attempt as we made it, in the order of checking. */
type Strangeness =
  | 'unauthenticated'
  | 'wrong_provider'
  | 'test_mode'
  | 'wrong_merchant'
  | 'wrong_app'
  | 'wrong_payer'
  | 'wrong_currency';

function strangenessOf(attempt: Attempt, fact: PaymentFact, provider: Judge['provider']): Strangeness | null {
  if (!fact.authenticated) return 'unauthenticated';
  if (attempt.provider !== provider.id) return 'wrong_provider';
  if (fact.liveMode !== provider.merchant.liveMode) return 'test_mode';
  const isMoney = fact.state === 'paid' || fact.state === 'refunded';
  // A fact about money must name all three; another may leave them out, but not name others.
  const differs = (said: string | undefined, ours: string): boolean => (said === undefined ? isMoney : said !== ours);
  if (differs(fact.merchantId, attempt.merchantId)) return 'wrong_merchant';
  if (differs(fact.appId, attempt.appId)) return 'wrong_app';
  if (isOfAnotherPayer(attempt, fact)) return 'wrong_payer';
  return differs(fact.amount?.currency, attempt.currency) ? 'wrong_currency' : null;
}

/** Only WeChat's own call is made for one payer; a code may be scanned by a friend. */
const isOfAnotherPayer = ({ surface, payer }: Attempt, { payerSha256 }: PaymentFact): boolean =>
  surface === 'wechat.jsapi' &&
  payer.openId !== undefined &&
  payerSha256 !== undefined &&
  payerSha256 !== digestPayer(payer.openId);

/** Strange money of ours stands in suspense: what is told of it again changes nothing. */
const inSuspense = 'wrong_currency_in_suspense';

/**
 * Never believed, always kept, and shown to a person once an attempt. Where it is our own merchant's money it is booked: paid through another app or by
 * another payer it goes back like a wrong amount; in another currency it ends the attempt and stands in suspense. News of another merchant has no
 * effect on the order.
 */
function settleStrange(books: Books, attempt: Attempt, fact: PaymentFact, why: Strangeness, judge: Judge): Settlement {
  if (why === 'unauthenticated' || why === 'wrong_provider') return unchanged(books, 'integrity');
  if (holdsMoney(attempt) || attempt.integrity === inSuspense) return unchanged(books, 'known');
  const noted: Attempt = { ...attempt, integrity: why };
  const amount = fact.state === 'paid' || fact.state === 'refunded' ? fact.amount : undefined;
  const isOurs = why === 'wrong_app' || why === 'wrong_payer' || why === 'wrong_currency';
  if (amount === undefined || amount.minor <= 0 || !isOurs) {
    // A person was told of it before; money that comes after such news is another matter.
    if (attempt.integrity === why) return unchanged(books, 'known');
    return { books: replaceAttempt(books, noted), judgement: 'integrity' };
  }
  if (why !== 'wrong_currency') {
    if (fact.state === 'refunded') return settleRefundedElsewhere(books, noted, fact, judge);
    const paid = withMoney(noted, fact, judge.now);
    const transfers = [bookPaid(booking(paid, paid.paidMinor, judge.now), paid.provider, paid.attemptRef)];
    return giveBack(replaceAttempt(books, paid), paid, 'integrity', transfers, judge);
  }
  const state = attemptAfter(attempt.state, 'closed');
  const ended: Attempt = { ...noted, integrity: inSuspense, state, unknown: false, pollAt: null };
  const leftMinor = amount.minor - (fact.refundedMinor ?? 0);
  const suspense = { ...booking(ended, leftMinor, judge.now), currency: amount.currency };
  return {
    books: replaceAttempt(books, ended),
    transfers: leftMinor > 0 ? [bookUnmatched(suspense, ended.provider, ended.attemptRef)] : [],
    judgement: 'integrity',
  };
}

function settlePaid(books: Books, attempt: Attempt, fact: PaymentFact, judge: Judge): Settlement {
  const money = withMoney(attempt, fact, judge.now);
  const reason = whyNoPermit(books, attempt, money, judge.now);
  const isWrongAmount = reason === 'integrity' || reason === 'overpayment';
  // What strange news said of the attempt before does not stick to the money that is ours.
  const paid: Attempt = { ...money, integrity: isWrongAmount ? 'wrong_amount' : null };
  const paidBooks = replaceAttempt(books, paid);
  // A service that says "paid" with no money: nothing to book and nothing to give back; the record stays for a person.
  if (paid.paidMinor <= 0) return { books: paidBooks, judgement: 'integrity' };
  const transfers = [bookPaid(booking(paid, paid.paidMinor, judge.now), paid.provider, paid.attemptRef)];
  if (reason !== null) return giveBack(paidBooks, paid, reason, transfers, judge);
  const permit = judge.issue(paidBooks, paid);
  const order = { ...books.order, state: orderAfter(books.order.state, 'paid') };
  const settled = { ...paidBooks, order, permit };
  return {
    books: pollOthersNow(settled, paid, judge.now),
    transfers,
    events: [permitIssuedEvent(settled.order, paid, permit)],
    judgement: 'paid',
  };
}

/** Null where the money pays the order; otherwise why it goes back. The wrong amount is never believed, more of it no more than less. */
function whyNoPermit(
  books: Books,
  attempt: Attempt,
  { paidMinor, paidAt }: Pick<Attempt, 'paidMinor' | 'paidAt'>,
  now: number,
): SurplusReason | null {
  if (paidMinor !== attempt.amountMinor || attempt.amountMinor !== books.order.payableMinor) {
    return paidMinor > attempt.amountMinor ? 'overpayment' : 'integrity';
  }
  switch (books.order.state) {
    case 'paid':
    case 'fulfilled':
    case 'refunded':
      return 'second_payment';
    case 'cancelled':
    case 'expired':
      return 'late_payment';
    case 'placed': {
      const { expiresAt } = books.order;
      // Where nobody was there to end the order: whoever paid in time and was not heard for so long has left, as `isHopeless` has it.
      const hasLeft = now > expiresAt + lateMoneyGraceMs;
      return hasLeft || (paidAt ?? now) > expiresAt ? 'late_payment' : null;
    }
  }
}

/** Another attempt that is still open can only cost the driver twice: it is to be closed at once. */
const pollOthersNow = (books: Books, paid: Attempt, now: number): Books => ({
  ...books,
  attempts: books.attempts.map((one) => (one !== paid && one.pollAt !== null ? { ...one, pollAt: now } : one)),
});
