import { minuteMs, secondMs } from '../base/clock.ts';
import type { Database } from '../database/database.ts';
import type { PaymentAccounts } from '../payment/account.ts';
import { type Attempt, isOpen, lateMoneyGraceMs } from '../payment/attempt.ts';
import { findAttempts, type LastLook, scheduleLastLooks } from '../payment/attempt.sql.ts';
import type { AttemptName, PaymentFact, PaymentProvider } from '../payment/provider/provider.ts';
import { ProviderError } from '../payment/provider/provider.ts';
import { callOptions, type CallWorld, raiseCallAlarm } from './call-provider.ts';
import { accountOf } from './missing-account.ts';
import type { SettlePayment } from './settle-payment.ts';

/** `not_created`: closed here, and looked at again while the service may yet make it. `open`: it may still be paid, or nobody can say; ask again later. */
export type CloseOutcome = 'closed' | 'not_created' | 'paid' | 'open';

export type CloseWorld = CallWorld & {
  readonly db: Database;
  readonly settle: SettlePayment;
  readonly accounts: PaymentAccounts;
};

/**
 * Makes sure that an attempt can never be paid any more, or finds out that it was: close before anything new is opened, and before an
 * order ends. What the service says is applied as a fact like any other.
 */
export async function closeAttempt(world: CloseWorld, attempt: Attempt): Promise<CloseOutcome> {
  const provider = accountOf(world, attempt);
  if (provider === undefined) return 'open';
  // What is written below may be written late; the answer is as old as the question.
  const askedAt = world.now();
  try {
    const result = await provider.close(nameOf(attempt), callOptions());
    switch (result.kind) {
      case 'closed': {
        // First this: as long as the attempt is open the order waits, and what was paid in time has its permit.
        const lastWord = isAskedLast(attempt, askedAt) ? await askLast(world, provider, attempt) : 'closed';
        await world.settle.apply({ provider, fact: closedFact(provider, attempt, world.now()) });
        return lastWord === 'paid' ? 'paid' : 'closed';
      }
      case 'not_created':
        // First this: a node that dies here must leave nothing closed that nobody looks at again.
        await scheduleLastLooks(world.db, [lastLookOf(attempt, result.mayStillBePaidUntil, askedAt)]);
        await world.settle.apply({ provider, fact: closedFact(provider, attempt, world.now()) });
        return await closeWhatCameLate(world, attempt);
      case 'paid':
      case 'in_progress':
      case 'too_early':
        return await queryAttempt(world, provider, attempt);
    }
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    raiseCallAlarm(world, attempt.attemptRef, error);
    return 'open';
  }
}

/**
 * Another node's create may have been answered between the service's "no such payment" and our closing it here: that node saw an open attempt and showed
 * its link, so it is closed at the service as well. One that is answered later sees that it is closed, and does so itself.
 */
async function closeWhatCameLate(world: CloseWorld, attempt: Attempt): Promise<CloseOutcome> {
  if (attempt.nextAction !== null) return 'not_created';
  const attempts = await findAttempts(world.db, [attempt]);
  const answered = attempts.find((one) => one.attemptRef === attempt.attemptRef && one.nextAction !== null);
  return answered === undefined ? 'not_created' : closeAttempt(world, answered);
}

/** At its expiry somebody may have paid as it was closed: then a close is not the last word (payments.md section 3, rule 10). */
export const isAskedLast = ({ expiresAt }: Pick<Attempt, 'expiresAt'>, askedAt: number): boolean =>
  askedAt >= expiresAt;

/** It is closed, whether or not an answer comes. */
async function askLast(world: CloseWorld, provider: PaymentProvider, attempt: Attempt): Promise<CloseOutcome> {
  try {
    return await queryAttempt(world, provider, attempt);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    raiseCallAlarm(world, attempt.attemptRef, error);
    return 'closed';
  }
}

/** How often an attempt that was closed before the service knew it is looked at, until nothing can make it be paid any more. */
const lookAgainMs = 30 * secondMs;
/** And after that, for what the service itself is late with, or counts by another clock (payments.md section 3, rules 10 and 11). */
const lookInGraceMs = 2 * minuteMs;

/**
 * Our own create may have been on its way, or the payer may hold a code that makes the payment when he scans it: that would be money for an
 * attempt that is over, which must go back soon, and not only when somebody tells us of it.
 */
export function lastLookOf(attempt: Attempt, mayStillBePaidUntil: number, askedAt: number): LastLook {
  // The service's first answer counts: each later one would put the end off.
  const until = isOpen(attempt) ? mayStillBePaidUntil : (attempt.mayBePaidUntil ?? mayStillBePaidUntil);
  return {
    ...attempt,
    mayBePaidUntil: until,
    pollAt: nextLookAt(until, askedAt) ?? (isOpen(attempt) ? askedAt : null),
  };
}

function nextLookAt(until: number, askedAt: number): number | null {
  const end = until + lateMoneyGraceMs;
  if (askedAt < until) return Math.min(askedAt + lookAgainMs, until);
  return askedAt < end ? Math.min(askedAt + lookInGraceMs, end) : null;
}

/** Asks the payment service how an attempt stands and applies the answer. Throws `ProviderError`. */
export async function queryAttempt(
  world: CloseWorld,
  provider: PaymentProvider,
  attempt: Attempt,
): Promise<CloseOutcome> {
  const fact = await provider.query(nameOf(attempt), callOptions());
  await world.settle.apply({ provider, fact });
  return outcomeOf(fact);
}

/** What an answer to a query means for whoever wants the attempt to be over. */
export function outcomeOf({ state }: Pick<PaymentFact, 'state'>): CloseOutcome {
  if (state === 'paid' || state === 'refunded') return 'paid';
  return state === 'closed' ? 'closed' : 'open';
}

export const nameOf = ({ attemptRef, appId, providerRef, createdAt, expiresAt }: Attempt): AttemptName => ({
  attemptRef,
  appId,
  createdAt,
  expiresAt,
  ...(providerRef === null ? {} : { providerRef }),
});

/** The service's own answer to our close, as a fact. */
export const closedFact = (
  { merchant }: Pick<PaymentProvider, 'merchant'>,
  { attemptRef }: Pick<Attempt, 'attemptRef'>,
  now: number,
): PaymentFact => ({
  source: 'query',
  attemptRef,
  state: 'closed',
  liveMode: merchant.liveMode,
  authenticated: true,
  evidence: { receivedAt: now, bodySha256: '', providerCode: 'close' },
});
