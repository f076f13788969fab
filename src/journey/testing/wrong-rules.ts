import { isRefusal } from '../../base/problem.ts';
import { type Attempt, holdsMoney } from '../../payment/attempt.ts';
import type { PaymentFact } from '../../payment/provider/provider.ts';
import { replaceAttempt, replaceRefund, type Books } from '../books.ts';
import { ourRules, type Rules } from './rules.ts';

/** Rules as somebody might write them by mistake, each in place of one of ours: the simulation must see what they do. */

const { decideSettlement, decideRefund, decideStaffRefund, decideAttempt } = ourRules;

const attemptOf = ({ attempts }: Books, { attemptRef }: Pick<PaymentFact, 'attemptRef'>): Attempt | undefined =>
  attempts.find((one) => one.attemptRef === attemptRef);

export const wrongRules: Readonly<Record<string, Partial<Rules>>> = {
  'a wrong amount is believed': {
    decideSettlement(books, fact, judge) {
      const attempt = attemptOf(books, fact);
      const amount = attempt === undefined ? fact.amount : { minor: attempt.amountMinor, currency: attempt.currency };
      return decideSettlement(books, amount === undefined ? fact : { ...fact, amount }, judge);
    },
  },
  "another merchant's money is believed": {
    decideSettlement: (books, fact, judge) =>
      decideSettlement(books, { ...fact, merchantId: judge.provider.merchant.merchantId }, judge),
  },
  'a second payment is kept': {
    decideSettlement(books, fact, judge) {
      const settlement = decideSettlement(books, fact, judge);
      if (settlement.judgement !== 'second_payment') return settlement;
      const transfers = settlement.transfers?.slice(0, 1) ?? [];
      return { ...settlement, books: { ...settlement.books, refunds: books.refunds }, transfers };
    },
  },
  'late money revives the order': {
    decideSettlement(books, fact, judge) {
      const { order } = books;
      if (order.state !== 'cancelled' && order.state !== 'expired') return decideSettlement(books, fact, judge);
      const settlement = decideSettlement({ ...books, order: { ...order, state: 'placed' } }, fact, judge);
      return settlement.judgement === 'paid' ? settlement : decideSettlement(books, fact, judge);
    },
  },
  'a late "closed" takes a payment back': {
    decideSettlement(books, fact, judge) {
      const attempt = attemptOf(books, fact);
      return attempt !== undefined && holdsMoney(attempt) && fact.state === 'closed'
        ? { books: replaceAttempt(books, { ...attempt, state: 'closed' }), judgement: 'recorded' }
        : decideSettlement(books, fact, judge);
    },
  },
  'what a service does not know is taken for never to be paid': {
    decideSettlement: (books, fact, judge) =>
      decideSettlement(books, fact.state === 'not_found' ? { ...fact, state: 'closed' } : fact, judge),
  },
  'each word of a refund books it anew': {
    decideRefund(books, fact, now) {
      const refund = books.refunds.find((one) => one.refundRef === fact.refundRef);
      if (refund?.state !== 'succeeded' || fact.state !== 'succeeded') return decideRefund(books, fact, now);
      const asked = { ...refund, state: 'requested', bounces: refund.bounces + 1 } as const;
      return decideRefund(replaceRefund(books, asked), fact, now);
    },
  },
  'a refund that was accepted is taken for done': {
    decideRefund: (books, fact, now) =>
      decideRefund(books, fact.state === 'processing' ? { ...fact, state: 'succeeded' } : fact, now),
  },
  'a refund that failed is taken for done': {
    decideRefund: (books, fact, now) =>
      decideRefund(books, fact.state === 'closed' ? { ...fact, state: 'succeeded' } : fact, now),
  },
  'the word of another account is believed of a refund': { isStrangeRefund: () => false },
  'each try of a refund has a name of its own': {
    nameRefund: ({ refundRef, tries }) => (tries === 0 ? refundRef : `${refundRef}_${tries}`),
  },
  'a permit stays good though all its money goes back': {
    decideStaffRefund(books, wish, terms, now) {
      const decided = decideStaffRefund(books, wish, terms, now);
      if (isRefusal(decided)) return decided;
      return { ...decided, books: { ...decided.books, order: books.order, permit: books.permit }, events: [] };
    },
  },
  'another way to pay is opened beside the first': {
    decideAttempt: (books, wish, at, now) =>
      decideAttempt({ ...books, attempts: books.attempts.map((one) => ({ ...one, abandoned: true })) }, wish, at, now),
  },
  'two nodes decide on the same old books': { locksBooks: false },
};
