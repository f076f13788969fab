import { readAttemptRef } from '../../../base/ids.ts';
import { type Attempt, isOpen, lateMoneyGraceMs } from '../../../payment/attempt.ts';
import { ProviderError, type PaymentFact } from '../../../payment/provider/provider.ts';
import { attemptRefOf, isRefundFact } from '../../news.ts';
import { callService } from './call-service.ts';
import { type House, say } from '../house.ts';
import type { Message, PaymentService } from '../service/payment-service.ts';
import { type KeptFact, type Rows, scheduleLastLook } from './rows.ts';
import { serveQuery } from '../service/service-calls.ts';
import { notFound } from '../service/service-words.ts';
import { settle } from './settle.ts';
import type { Step } from './step.ts';

/**
 * As `receive-notification.ts`: nothing is acknowledged before it is stored; where it cannot be judged at once it is at least kept, and the janitor judges
 * it. `copies` of one message that arrive together are one batch.
 */
export function* hear(
  house: House,
  message: Message,
  how: { readonly copies: number; readonly canJudge: boolean },
): Step<void> {
  const { service, news } = message;
  if ('hint' in news) return yield* askAfterHint(house, service, news.hint);
  const { confirms } = house.circumstances;
  if (how.canJudge && !(confirms && mustBeConfirmed(news))) {
    yield* settle(
      house,
      Array.from({ length: how.copies }, () => ({ service, fact: news })),
    );
    keep(house, message, true);
    return;
  }
  yield 'rows';
  const kept = keep(house, message, false);
  say(house, '    it is kept, not judged yet');
  if (how.canJudge && kept !== null) yield* judgeKept(house, kept);
}

/** As `judgeKept`. */
export function* judgeKept(house: House, kept: KeptFact): Step<void> {
  const { service, fact } = kept;
  if (house.circumstances.confirms && mustBeConfirmed(fact)) {
    const answer = yield* askTheService(house, service, attemptRefOf(fact));
    // What nobody signed is no answer.
    if (answer?.authenticated === true) {
      yield* settle(house, [{ service, fact: answer }]);
      if (answer.state !== 'paid' && answer.state !== 'refunded') return yield* contradict(house, kept);
    }
  }
  yield* settle(house, [{ service, fact }]);
  kept.judged = true;
}

/** As `mustBeConfirmed`. */
const mustBeConfirmed = (fact: KeptFact['fact']): boolean => !isRefundFact(fact) && fact.state === 'paid';

/** One of the two words is wrong: the attempt is asked about at once, and for a while. */
function* contradict(house: House, kept: KeptFact): Step<void> {
  yield 'rows';
  kept.judged = true;
  lookSoon(house.rows, attemptRefOf(kept.fact), house.now);
  house.reached.add('judged contradicted');
  say(house, '    the service itself says otherwise: it is not believed');
}

/** As `lookSoon`. */
function lookSoon(rows: Rows, attemptRef: string, now: number): void {
  const attempt = rows.books.attempts.find((one) => one.attemptRef === attemptRef);
  if (attempt === undefined) return;
  if (isOpen(attempt)) askSoon(rows, now);
  else scheduleLastLook(rows, { ...attempt, pollAt: now, mayBePaidUntil: now + lateMoneyGraceMs });
}

/** As `askSoon`: open attempts that would not be asked about for a while. */
function askSoon(rows: Rows, now: number): void {
  const { attempts } = rows.books;
  const waits = ({ pollAt }: Attempt): boolean => pollAt !== null && pollAt > now + soonMs;
  rows.books = {
    ...rows.books,
    attempts: attempts.map((one) => (isOpen(one) && waits(one) ? { ...one, pollAt: now } : one)),
  };
}

/** As `attempt.sql.ts`. */
const soonMs = 3_000;

function* askTheService(house: House, service: PaymentService, attemptRef: string): Step<PaymentFact | null> {
  try {
    return yield* callService(house, service, 'query', (now) => {
      const attempt = house.rows.books.attempts.find((one) => one.attemptRef === attemptRef);
      return attempt === undefined ? notFound(service, attemptRef, now) : serveQuery(service, attempt, now);
    });
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return null;
  }
}

function* askAfterHint(house: House, service: PaymentService, attemptRef: string): Step<void> {
  if (readAttemptRef(attemptRef) === null) return;
  const fact = yield* askTheService(house, service, attemptRef);
  if (fact !== null) yield* settle(house, [{ service, fact }]);
}

/** As `insertFacts`: a fact that is known stays as it was, and is judged only once more where it was not. Null where it is known and judged. */
function keep(house: House, { service, dedupeId, news }: Message, judged: boolean): KeptFact | null {
  if ('hint' in news) return null;
  const { kept } = house.rows;
  const known = kept.get(dedupeId);
  if (known !== undefined) {
    known.judged ||= judged;
    return known.judged ? null : known;
  }
  const fact: KeptFact = { service, dedupeId, fact: news, receivedAt: house.now, judged, claimedUntil: 0 };
  kept.set(dedupeId, fact);
  return fact;
}
