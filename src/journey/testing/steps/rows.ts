import { type Attempt, holdsMoney, isOpen } from '../../../payment/attempt.ts';
import type { CreateOutcome, LastLook, NextPoll } from '../../../payment/attempt.sql.ts';
import type { PaymentFact, RefundFact } from '../../../payment/provider/provider.ts';
import type { Transfer } from '../../../payment/ledger.ts';
import type { Refund } from '../../../payment/refund.ts';
import type { NewStationEvent } from '../../../station/station-feed.sql.ts';
import { type Books, replaceAttempt, replaceRefund } from '../../books.ts';
import type { PaymentService } from '../service/payment-service.ts';

/**
 * The rows of one order, as the statements of `*.sql.ts` leave them. What two transactions may do to one row at the same moment is not seen here: the
 * tests on a database see that.
 */
export type Rows = {
  books: Books;
  /** By the transfer's id: one that stands is not booked again. */
  readonly ledger: Map<string, Transfer>;
  /** Notifications that were acknowledged, by what makes each the same. */
  readonly kept: Map<string, KeptFact>;
  readonly reports: Set<string>;
  /** The station's log. */
  readonly feed: NewStationEvent[];
};

export type KeptFact = {
  readonly service: PaymentService;
  readonly dedupeId: string;
  readonly fact: PaymentFact | RefundFact;
  readonly receivedAt: number;
  judged: boolean;
  claimedUntil: number;
};

export const openRows = (books: Books): Rows => ({
  books,
  ledger: new Map(),
  kept: new Map(),
  reports: new Set(),
  feed: [],
});

const attemptOf = (rows: Rows, attemptRef: string): Attempt => {
  const attempt = rows.books.attempts.find((one) => one.attemptRef === attemptRef);
  if (attempt === undefined) throw new Error(`there is no attempt ${attemptRef}`);
  return attempt;
};

const changeAttempt = (rows: Rows, attempt: Attempt): void => {
  rows.books = replaceAttempt(rows.books, attempt);
};

/** As `recordCreateOutcomes`: what a faster notification or a close has moved on keeps its state, and silence takes nothing away. */
export function recordCreateOutcome(rows: Rows, outcome: CreateOutcome): Attempt['state'] {
  const stored = attemptOf(rows, outcome.attemptRef);
  const { state, unknown, pollAt } = stored.state === 'created' ? outcome : stored;
  const next = isOpen(stored)
    ? {
        nextAction: outcome.nextAction ?? stored.nextAction,
        nextExpiresAt: outcome.nextExpiresAt ?? stored.nextExpiresAt,
      }
    : {};
  const providerRef = outcome.providerRef ?? stored.providerRef;
  changeAttempt(rows, { ...stored, ...next, providerRef, state, unknown, pollAt });
  return state;
}

/** As `claimAttemptsToPoll`. */
export function claimAttempts(rows: Rows, now: number, leaseMs: number): readonly Attempt[] {
  return rows.books.attempts
    .filter(({ pollAt }) => pollAt !== null && pollAt <= now)
    .map((attempt) => {
      const claimed = { ...attempt, pollAt: now + leaseMs };
      changeAttempt(rows, claimed);
      return claimed;
    });
}

/** As `schedulePolls`: only what is still open, and still taken by who asks. */
export function schedulePoll(rows: Rows, { attemptRef, polls, pollAt, leasedUntil }: NextPoll): void {
  const stored = attemptOf(rows, attemptRef);
  if (isOpen(stored) && stored.pollAt === leasedUntil) changeAttempt(rows, { ...stored, polls, pollAt });
}

/** As `scheduleLastLooks`: only what was not paid. */
export function scheduleLastLook(rows: Rows, { attemptRef, mayBePaidUntil, pollAt }: LastLook): void {
  const stored = attemptOf(rows, attemptRef);
  if (!holdsMoney(stored)) changeAttempt(rows, { ...stored, mayBePaidUntil, pollAt });
}

/** As `claimRefundsToTry`. */
export function claimRefunds(rows: Rows, now: number, leaseMs: number): readonly Refund[] {
  return rows.books.refunds
    .filter(({ nextTryAt }) => nextTryAt !== null && nextTryAt <= now)
    .map((refund) => {
      const claimed = { ...refund, nextTryAt: now + leaseMs };
      rows.books = replaceRefund(rows.books, claimed);
      return claimed;
    });
}

/** As `saveRefundTries`: only what is not finished. */
export function saveRefundTries(rows: Rows, { refundRef, tries, nextTryAt }: Refund): void {
  const stored = rows.books.refunds.find((one) => one.refundRef === refundRef);
  if (stored !== undefined && stored.state !== 'succeeded')
    rows.books = replaceRefund(rows.books, { ...stored, tries, nextTryAt });
}

/** As `claimFactsToJudge`. */
export function claimFacts(rows: Rows, now: number, wish: { afterMs: number; leaseMs: number }): readonly KeptFact[] {
  const due = [...rows.kept.values()].filter(
    (fact) => !fact.judged && fact.receivedAt <= now - wish.afterMs && fact.claimedUntil <= now,
  );
  for (const fact of due) fact.claimedUntil = now + wish.leaseMs;
  return due;
}
