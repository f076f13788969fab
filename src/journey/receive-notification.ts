import { createHash } from 'node:crypto';
import { readAttemptRef } from '../base/ids.ts';
import type { Queries } from '../database/database.ts';
import { type Attempt, isOpen, lateMoneyGraceMs } from '../payment/attempt.ts';
import { askSoon, findAttempts, scheduleLastLooks } from '../payment/attempt.sql.ts';
import type { Judgement } from '../payment/fact.ts';
import { insertFacts } from '../payment/fact.sql.ts';
import type { HttpReply, PaymentFact, PaymentProvider, RawNotification } from '../payment/provider/provider.ts';
import { nameOf } from './close-attempt.ts';
import { attemptRefOf, isRefundFact, type News, toStoredFact } from './news.ts';
import type { SettleWorld } from './settle-payment.ts';

type Apply = (news: News) => Promise<Judgement>;

const defaultConfirmMsMax = 3_000;

/**
 * Answers within the service's deadline. Nothing is parsed before its signature holds; nothing is acknowledged before it is stored; where
 * the judging fails the notification is at least kept, and judged later by the janitor.
 */
export async function receiveNotification(
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
      if (result.attemptRef === undefined)
        world.alarm('notification_unmatched', { provider: provider.id, dedupeId: result.dedupeId });
      return askAfterHint(world, apply, provider, result.attemptRef);
    case 'payment':
    case 'refund': {
      const kept = { ...notification, rawBody: result.bodyToKeep ?? notification.rawBody };
      const news: News = { provider, fact: result.fact, kept: { dedupeId: result.dedupeId, notification: kept } };
      return mustBeConfirmed(world, news) ? confirmFirst(world, apply, news) : keepAndJudge(world, apply, news);
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
  // What fails here stays unjudged, and the janitor goes through the same question.
  if (reply.status < 300) {
    confirmThenJudge(world, apply, news).catch((error: unknown) =>
      world.alarm('settlement_failed', {
        provider: news.provider.id,
        attemptRef: attemptRefOf(news.fact),
        error: String(error),
      }),
    );
  }
  return reply;
}

async function confirmThenJudge(world: SettleWorld, apply: Apply, news: News): Promise<void> {
  const fact = await askTheService(world, news);
  // What nobody signed is no answer: a signed word counts more.
  if (fact === null || !fact.authenticated) return void (await apply(news));
  await apply({ provider: news.provider, fact });
  if (fact.state === 'paid' || fact.state === 'refunded') await apply(news);
  else await contradict(world, news);
}

/** The service's own answer, or null where none came in time. */
async function askTheService(world: SettleWorld, { provider, fact }: News): Promise<PaymentFact | null> {
  const timeoutMs = world.confirmMsMax ?? defaultConfirmMsMax;
  const attemptRef = attemptRefOf(fact);
  try {
    return await queryByRef(world, provider, attemptRef, timeoutMs);
  } catch (error) {
    world.alarm('confirmation_failed', { provider: provider.id, attemptRef, error: String(error) });
    return null;
  }
}

/** Judges what was kept and acknowledged before, by a node that died or could not: confirmed first where that is asked for. */
export async function judgeKept(world: SettleWorld, apply: Apply, news: News): Promise<void> {
  await (mustBeConfirmed(world, news) ? confirmThenJudge(world, apply, news) : apply(news));
}

const mustBeConfirmed = (world: SettleWorld, { provider, fact }: News): boolean =>
  world.accounts.mustConfirm(provider) && !isRefundFact(fact) && fact.state === 'paid';

/** An authentic answer of the service itself outranks an older message of it: not paid means not paid yet, and polls go on. */
async function contradict(world: SettleWorld, news: News): Promise<void> {
  const now = world.now();
  // Without a judgement the janitor would believe it after all.
  await insertFacts(world.db, [{ ...toStoredFact(news, now), judgement: 'contradicted', judgedAt: now }]);
  world.alarm('confirmation_contradicted', { provider: news.provider.id, attemptRef: attemptRefOf(news.fact) });
  await lookSoon(world, attemptRefOf(news.fact), now);
}

/** Whatever became of the attempt, it is asked about at once, and for a while: one of the two words is wrong. */
async function lookSoon(world: SettleWorld, attemptRef: string, now: number): Promise<void> {
  const attempt = await findAttemptByRef(world.db, attemptRef);
  if (attempt === undefined) return;
  if (isOpen(attempt)) await askSoon(world.db, attempt, now);
  else await scheduleLastLooks(world.db, [{ ...attempt, pollAt: now, mayBePaidUntil: now + lateMoneyGraceMs }]);
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
    await apply({ provider, fact: await queryByRef(world, provider, attemptRef, timeoutMs) });
    return provider.reply('accepted');
  } catch {
    return provider.reply('try_again');
  }
}

/** Asks by all names that the attempt has: some services know it only by theirs. */
async function queryByRef(
  world: SettleWorld,
  provider: PaymentProvider,
  attemptRef: string,
  timeoutMs: number,
): Promise<PaymentFact> {
  const attempt = await findAttemptByRef(world.db, attemptRef);
  const name = attempt === undefined ? { attemptRef } : nameOf(attempt);
  return provider.query(name, { signal: AbortSignal.timeout(timeoutMs), timeoutMs });
}

async function findAttemptByRef(db: Queries, attemptRef: string): Promise<Attempt | undefined> {
  const order = readAttemptRef(attemptRef);
  const attempts = order === null ? [] : await findAttempts(db, [order]);
  return attempts.find((one) => one.attemptRef === attemptRef);
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
