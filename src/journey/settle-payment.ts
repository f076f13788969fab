import { createBatcher } from '../base/batcher.ts';
import type { Clock } from '../base/clock.ts';
import { stationNumberOf } from '../base/ids.ts';
import type { Random } from '../base/random.ts';
import type { Database } from '../database/database.ts';
import type { WantsEvent } from '../outgoing/subscription.ts';
import type { PaymentAccounts } from '../payment/account.ts';
import type { Judgement, StoredFact } from '../payment/fact.ts';
import { bookUnmatched, type Transfer } from '../payment/ledger.ts';
import type {
  HttpReply,
  PaymentFact,
  PaymentProvider,
  RawNotification,
  RefundFact,
} from '../payment/provider/provider.ts';
import { issuePermit } from '../permit/permit.ts';
import type { PermitKey } from '../permit/permit-token.ts';
import type { NewStationEvent } from '../station/station-feed.sql.ts';
import type { Alarm, AlarmName } from './alarm.ts';
import { type Books, lockBooks, storeChanges } from './books.ts';
import { type Settlement, unchanged } from './money-back.ts';
import { decideRefund, isStrangeRefund } from './refund-settlement.ts';
import { decideSettlement, type Judge } from './settlement.ts';
import { attemptRefOf, isRefundFact, nameOf, type News, noStation, toStoredFact } from './news.ts';
import { judgeKept, receiveNotification } from './receive-notification.ts';
import type { Signal } from './signal.ts';

/**
 * Steps 5 and 6 of the journey: feedback of a payment service is kept, judged, and where it pays the order the permit is issued, all in the
 * transaction that makes the order paid. Every source of facts comes through here.
 */
export type SettlePayment = {
  /** Keeps and judges one fact. Resolves when it is stored for good. */
  apply(news: News): Promise<Judgement>;
  /** Judges a fact that was kept and acknowledged, and then left. */
  judgeKept(news: News): Promise<void>;
  /** Verifies, keeps and judges a notification, then answers the payment service in its own words. */
  receive(provider: PaymentProvider, notification: RawNotification): Promise<HttpReply>;
};

export type SettleWorld = {
  readonly db: Database;
  readonly now: Clock;
  readonly random: Random;
  readonly permitKey: () => PermitKey;
  readonly signal: Signal;
  readonly alarm: Alarm;
  readonly accounts: PaymentAccounts;
  readonly wantsEvent: WantsEvent;
  /** How long that question may take before the signed notification is enough. */
  readonly confirmMsMax?: number;
};

const factsBatchMax = 200;

export function createSettlePayment(world: SettleWorld): SettlePayment {
  const apply = createBatcher<News, Judgement>({
    batchMax: factsBatchMax,
    store: (news) => settlePayments(world, news),
  });
  return {
    apply,
    judgeKept: (news) => judgeKept(world, apply, news),
    receive: (provider, notification) => receiveNotification(world, apply, provider, notification),
  };
}

async function settlePayments(world: SettleWorld, news: readonly News[]): Promise<readonly Judgement[]> {
  const now = world.now();
  const stored = await world.db.transaction(async (tx) => {
    const before = await lockBooks(
      tx,
      news.flatMap(({ fact }) => nameOf(fact) ?? []),
    );
    const judged = judgeInOrder(world, before, news, now);
    const events = await storeChanges(tx, { ...judged, before }, now, world.wantsEvent);
    return { ...judged, before, events };
  });
  const changed = [...stored.after]
    .filter(([orderId, books]) => stored.before.get(orderId) !== books)
    .map(([orderId]) => orderId);
  world.signal.tell({ orderIds: changed, events: stored.events });
  for (const [index, { fact, provider }] of news.entries())
    raiseAlarm(world, provider, fact, stored.judgements[index] ?? 'known');
  return stored.judgements;
}

type Judged = {
  readonly after: Map<string, Books>;
  readonly judgements: Judgement[];
  readonly transfers: Transfer[];
  readonly events: NewStationEvent[];
  readonly facts: StoredFact[];
};

/** One fact after the other, each on the books as the one before left them. */
function judgeInOrder(
  world: SettleWorld,
  before: ReadonlyMap<string, Books>,
  news: readonly News[],
  now: number,
): Judged {
  const judged: Judged = { after: new Map(before), judgements: [], transfers: [], events: [], facts: [] };
  for (const one of news) {
    const name = nameOf(one.fact);
    const books = name === null ? undefined : judged.after.get(name.orderId);
    const settlement = books === undefined ? null : judge(world, books, one, now);
    const judgement = settlement?.judgement ?? 'attempt_unknown';
    if (settlement !== null && books !== undefined) judged.after.set(books.order.orderId, settlement.books);
    judged.judgements.push(judgement);
    judged.transfers.push(...(settlement?.transfers ?? []));
    if (judgement === 'attempt_unknown') judged.transfers.push(...bookStranger(one, now));
    judged.events.push(...(settlement?.events ?? []));
    if (isWorthKeeping(one, judgement)) judged.facts.push({ ...toStoredFact(one, now), judgement, judgedAt: now });
  }
  return judged;
}

function judge(world: SettleWorld, books: Books, { provider, fact }: News, now: number): Settlement {
  if (isRefundFact(fact))
    return isStrangeRefund(books, fact, provider) ? unchanged(books, 'integrity') : decideRefund(books, fact, now);
  return decideSettlement(books, fact, {
    provider,
    now,
    refundPromiseDays: provider.capabilities.refundPromiseDays,
    issue: (paid, attempt) =>
      issuePermit(
        { ...paid.order, attemptRef: attempt.attemptRef, plate: paid.order.userPlate },
        world.permitKey(),
        now,
        world.random,
      ),
  });
}

/** Our merchant's money that names no attempt of ours stands in suspense until a person has looked. */
export function bookStranger(
  { provider, fact }: Pick<News, 'fact'> & { readonly provider: Judge['provider'] },
  now: number,
): readonly Transfer[] {
  if (isRefundFact(fact) || fact.state !== 'paid' || fact.amount === undefined || fact.amount.minor <= 0) return [];
  if (fact.merchantId !== provider.merchant.merchantId) return [];
  const { minor, currency } = fact.amount;
  // Where its bill row and its fact stand too.
  const stationNumber = stationNumberOf(fact.attemptRef) ?? noStation;
  return [
    bookUnmatched(
      { stationNumber, orderId: null, amountMinor: minor, currency, madeAt: now },
      provider.id,
      fact.attemptRef,
    ),
  ];
}

/** Notifications are kept whatever they say; a query that says what is known, or that there is nothing yet, is not. */
const isWorthKeeping = ({ kept, fact }: News, judgement: Judgement): boolean =>
  kept !== undefined || (judgement !== 'known' && fact.state !== 'not_found');

function raiseAlarm(
  world: SettleWorld,
  provider: PaymentProvider,
  fact: PaymentFact | RefundFact,
  judgement: Judgement,
): void {
  const name = alarmFor(fact, judgement);
  if (name !== null) world.alarm(name, { provider: provider.id, attemptRef: attemptRefOf(fact), state: fact.state });
}

function alarmFor(fact: PaymentFact | RefundFact, judgement: Judgement): AlarmName | null {
  switch (judgement) {
    case 'integrity':
    case 'overpayment':
    case 'refunded_elsewhere':
      return `payment_${judgement}`;
    case 'attempt_unknown':
      return fact.state === 'not_found' ? null : 'payment_attempt_unknown';
    case 'refund_recorded':
      return fact.state === 'abnormal' || fact.state === 'closed' ? 'refund_abnormal' : null;
    case 'paid':
    case 'known':
    case 'recorded':
    case 'second_payment':
    case 'late_payment':
    case 'contradicted':
      return null;
  }
}
