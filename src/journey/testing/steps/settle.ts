import { readAttemptRef } from '../../../base/ids.ts';
import type { Judgement } from '../../../payment/fact.ts';
import type { Transfer } from '../../../payment/ledger.ts';
import type { PaymentFact, RefundFact } from '../../../payment/provider/provider.ts';
import type { NewStationEvent } from '../../../station/station-feed.sql.ts';
import type { Books } from '../../books.ts';
import { type Settlement, unchanged } from '../../money-back.ts';
import { attemptRefOf, isRefundFact } from '../../news.ts';
import { bookStranger } from '../../settle-payment.ts';
import { store } from './change-books.ts';
import { type House, money, say } from '../house.ts';
import type { PaymentService } from '../service/payment-service.ts';
import type { Step } from './step.ts';

export type News = { readonly service: PaymentService; readonly fact: PaymentFact | RefundFact };

/** As `settle-payment.ts`: the facts of one batch, each judged on the books as the one before left them, and all stored together. */
export function* settle(house: House, batch: readonly News[]): Step<void> {
  const old = house.rows.books;
  yield 'rows';
  let books = house.rules.locksBooks ? house.rows.books : old;
  const transfers: Transfer[] = [];
  const events: NewStationEvent[] = [];
  for (const news of batch) {
    const settlement = judge(house, books, news);
    books = settlement.books;
    noteBack(house, news);
    house.reached.add(`judged ${settlement.judgement}`);
    transfers.push(...(settlement.transfers ?? []));
    events.push(...(settlement.events ?? []));
    say(house, `    ${describeFact(news)}: ${settlement.judgement}`);
  }
  store(house, { books, transfers, events });
}

function judge(house: House, books: Books, { service, fact }: News): Settlement {
  const provider = service.account;
  const { now, issue, rules } = house;
  if (readAttemptRef(attemptRefOf(fact))?.orderId !== books.order.orderId)
    return judgeStranger(house, books, { service, fact });
  const { refundPromiseDays } = provider.capabilities;
  const settlement = isRefundFact(fact)
    ? judgeRefund(house, books, service, fact)
    : rules.decideSettlement(books, fact, { provider, now, refundPromiseDays, issue });
  return settlement.judgement === 'attempt_unknown' ? judgeStranger(house, books, { service, fact }) : settlement;
}

function noteBack({ toldBackMinor }: House, { fact }: News): void {
  if (isRefundFact(fact) || fact.refundedMinor === undefined) return;
  toldBackMinor.set(fact.attemptRef, Math.max(toldBackMinor.get(fact.attemptRef) ?? 0, fact.refundedMinor));
}

const judgeRefund = ({ rules, now }: House, books: Books, { account }: PaymentService, fact: RefundFact): Settlement =>
  rules.isStrangeRefund(books, fact, account) ? unchanged(books, 'integrity') : rules.decideRefund(books, fact, now);

const judgeStranger = (house: House, books: Books, { service, fact }: News): Settlement => ({
  books,
  transfers: bookStranger({ provider: service.account, fact }, house.now),
  judgement: 'attempt_unknown' satisfies Judgement,
});

function describeFact({ service, fact }: News): string {
  const about = isRefundFact(fact) ? `refund ${shortRef(fact.refundRef)}` : `attempt ${shortRef(fact.attemptRef)}`;
  const sum = fact.amount === undefined ? '' : ` ${money(fact.amount.minor, fact.amount.currency)}`;
  return `judged: ${fact.source} of ${service.account.id}, ${about} ${fact.state}${sum}`;
}

/** Without the order's own 24 characters, which are the same everywhere in a run. */
export const shortRef = (reference: string): string => reference.replace(/[0-9A-Z]{24}(?=\d\d)/, '').replace(/^R/, '');
