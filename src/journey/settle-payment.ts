import { createHash } from 'node:crypto';
import { createBatcher } from '../base/batcher.ts';
import type { Clock } from '../base/clock.ts';
import { readAttemptRef, stationNumberOf } from '../base/ids.ts';
import type { Random } from '../base/random.ts';
import type { Database } from '../database/database.ts';
import type { Judgement, StoredFact } from '../payment/fact.ts';
import { insertFacts } from '../payment/fact.sql.ts';
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
import { decideRefund, decideSettlement, type Settlement } from './settlement.ts';
import type { Signal } from './signal.ts';

/**
 * Steps 5 and 6 of the journey: feedback of a payment service is kept, judged, and where it pays the order the permit is issued, all in the
 * transaction that makes the order paid. Every source of facts comes through here.
 */
export type SettlePayment = {
  /** Keeps and judges one fact. Resolves when it is stored for good. */
  apply(news: News): Promise<Judgement>;
  /** Verifies, keeps and judges a notification, then answers the payment service in its own words. */
  receive(provider: PaymentProvider, notification: RawNotification): Promise<HttpReply>;
};

export type News = {
  readonly provider: PaymentProvider;
  readonly fact: PaymentFact | RefundFact;
  /** Only for notifications. */
  readonly kept?: { readonly dedupeId: string; readonly notification: RawNotification };
};

export type SettleWorld = {
  readonly db: Database;
  readonly now: Clock;
  readonly random: Random;
  readonly permitKey: () => PermitKey;
  readonly signal: Signal;
  readonly alarm: Alarm;
  /** `always`: a signed notification is kept and acknowledged, and the service is asked once more before it is believed. */
  readonly confirm: 'never' | 'always';
  /** How long that question may take before the signed notification is enough. */
  readonly confirmMsMax?: number;
};

const factsBatchMax = 200;
const defaultConfirmMsMax = 3_000;

export function createSettlePayment(world: SettleWorld): SettlePayment {
  const apply = createBatcher<News, Judgement>({
    batchMax: factsBatchMax,
    store: (news) => settlePayments(world, news),
  });
  return { apply, receive: (provider, notification) => receiveNotification(world, apply, provider, notification) };
}

async function settlePayments(world: SettleWorld, news: readonly News[]): Promise<readonly Judgement[]> {
  const now = world.now();
  const stored = await world.db.transaction(async (tx) => {
    const before = await lockBooks(
      tx,
      news.flatMap(({ fact }) => nameOf(fact) ?? []),
    );
    const judged = judgeInOrder(world, before, news, now);
    const events = await storeChanges(tx, { ...judged, before }, now);
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
  if (isRefundFact(fact)) return decideRefund(books, fact, now);
  return decideSettlement(books, fact, {
    provider,
    now,
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
function bookStranger({ provider, fact }: News, now: number): readonly Transfer[] {
  if (isRefundFact(fact) || fact.state !== 'paid' || fact.amount === undefined || fact.amount.minor <= 0) return [];
  if (fact.merchantId !== provider.merchant.merchantId) return [];
  const { minor, currency } = fact.amount;
  const stationNumber = readAttemptRef(fact.attemptRef)?.stationNumber ?? noStation;
  return [
    bookUnmatched(
      { stationNumber, orderId: null, amountMinor: minor, currency, madeAt: now },
      provider.id,
      fact.attemptRef,
    ),
  ];
}

const isRefundFact = (fact: PaymentFact | RefundFact): fact is RefundFact => 'refundRef' in fact;

/** Notifications are kept whatever they say; a query that says what is known, or that there is nothing yet, is not. */
const isWorthKeeping = ({ kept, fact }: News, judgement: Judgement): boolean =>
  kept !== undefined || (judgement !== 'known' && fact.state !== 'not_found');

const noStation = 0;

type Name = { readonly stationNumber: number; readonly orderId: string };

/** The order that a fact is about, by its reference alone. A refund's reference is `R` + the attempt's + its reason. */
function nameOf(fact: PaymentFact | RefundFact): Name | null {
  return readAttemptRef(attemptRefOf(fact));
}

const attemptRefOf = (fact: PaymentFact | RefundFact): string =>
  isRefundFact(fact) ? fact.refundRef.slice(1, 27) : fact.attemptRef;

function toStoredFact({ provider, fact, kept }: News, now: number): StoredFact {
  const attemptRef = attemptRefOf(fact);
  const own = isRefundFact(fact)
    ? `${fact.refundRef}:${fact.state}`
    : `${attemptRef}:${fact.state}:${fact.amount?.minor ?? ''}:${fact.refundedMinor ?? ''}`;
  return {
    stationNumber: stationNumberOf(attemptRef) ?? noStation,
    provider: provider.id,
    dedupeId: kept === undefined ? `${fact.source}:${own}` : `notification:${kept.dedupeId}`,
    attemptRef,
    source: fact.source,
    fact,
    rawBody: kept === undefined ? null : Buffer.from(kept.notification.rawBody).toString('base64'),
    headers: kept === undefined ? null : kept.notification.headers,
    receivedAt: kept?.notification.receivedAt ?? now,
    judgement: null,
    judgedAt: null,
  };
}

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
      return null;
  }
}

type Apply = (news: News) => Promise<Judgement>;

/**
 * Answers within the service's deadline. Nothing is parsed before its signature holds; nothing is acknowledged before it is stored; where
 * the judging fails the notification is at least kept, and judged later by the janitor.
 */
async function receiveNotification(
  world: SettleWorld,
  apply: Apply,
  provider: PaymentProvider,
  notification: RawNotification,
): Promise<HttpReply> {
  const result = provider.parseNotification(notification);
  switch (result.kind) {
    case 'rejected':
      if (result.reason !== 'probe')
        world.alarm('notification_rejected', {
          provider: provider.id,
          reason: result.reason,
          bodySha256: sha256(notification.rawBody),
        });
      return provider.reply('rejected');
    case 'ignored':
      return provider.reply('accepted');
    case 'hint':
      return askAfterHint(world, apply, provider, result.attemptRef);
    case 'payment':
    case 'refund': {
      const news: News = { provider, fact: result.fact, kept: { dedupeId: result.dedupeId, notification } };
      return world.confirm === 'always' && result.kind === 'payment' && result.fact.state === 'paid'
        ? confirmFirst(world, apply, news)
        : keepAndJudge(world, apply, news);
    }
  }
}

async function keepAndJudge(world: SettleWorld, apply: Apply, news: News): Promise<HttpReply> {
  try {
    await apply(news);
    return news.provider.reply('accepted');
  } catch (error) {
    world.alarm('settlement_failed', {
      provider: news.provider.id,
      attemptRef: attemptRefOf(news.fact),
      error: String(error),
    });
    return keepOnly(world, news);
  }
}

async function keepOnly(world: SettleWorld, news: News): Promise<HttpReply> {
  try {
    await insertFacts(world.db, [toStoredFact(news, world.now())]);
    return news.provider.reply('accepted');
  } catch {
    return news.provider.reply('try_again');
  }
}

/** Kept and acknowledged; then the service itself is asked, with a deadline; at the deadline the signed fact is enough. */
async function confirmFirst(world: SettleWorld, apply: Apply, news: News): Promise<HttpReply> {
  const reply = await keepOnly(world, news);
  if (reply.status < 300) void confirmThenJudge(world, apply, news);
  return reply;
}

async function confirmThenJudge(world: SettleWorld, apply: Apply, news: News): Promise<void> {
  const timeoutMs = world.confirmMsMax ?? defaultConfirmMsMax;
  try {
    const fact = await news.provider.query(
      { attemptRef: attemptRefOf(news.fact) },
      { signal: AbortSignal.timeout(timeoutMs), timeoutMs },
    );
    await apply({ provider: news.provider, fact });
    // An authentic answer of the service itself outranks an older message of it: not paid means not paid yet.
    if (fact.state === 'paid' || fact.state === 'refunded') await apply(news);
    return;
  } catch (error) {
    world.alarm('confirmation_failed', {
      provider: news.provider.id,
      attemptRef: attemptRefOf(news.fact),
      error: String(error),
    });
  }
  await keepAndJudge(world, apply, news);
}

async function askAfterHint(
  world: SettleWorld,
  apply: Apply,
  provider: PaymentProvider,
  attemptRef: string | undefined,
): Promise<HttpReply> {
  if (attemptRef === undefined || readAttemptRef(attemptRef) === null) return provider.reply('accepted');
  const timeoutMs = world.confirmMsMax ?? defaultConfirmMsMax;
  try {
    await apply({
      provider,
      fact: await provider.query({ attemptRef }, { signal: AbortSignal.timeout(timeoutMs), timeoutMs }),
    });
    return provider.reply('accepted');
  } catch {
    return provider.reply('try_again');
  }
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
