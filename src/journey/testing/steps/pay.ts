import { isRefusal, type Refusal, refuse } from '../../../base/problem.ts';
import { type Attempt, isOpen } from '../../../payment/attempt.ts';
import { ProviderError } from '../../../payment/provider/provider.ts';
import { type Books, replaceAttempt } from '../../books.ts';
import { createdAttempt, refusedAttempt, unansweredAttempt } from '../../call-create.ts';
import { decideAbandon, type Opening, type PaymentWish } from '../../start-payment.ts';
import { callService } from './call-service.ts';
import { changeBooks } from './change-books.ts';
import { closeAttempt } from './close.ts';
import { type House, type Node, say, serviceOf } from '../house.ts';
import { recordCreateOutcome } from './rows.ts';
import { serveCreate } from '../service/service-calls.ts';
import { shortRef } from './settle.ts';
import type { Step } from './step.ts';

/** As `start-payment.ts`. */
const triesMax = 3;

/** As `createStartPayment`: the driver presses "pay". What he gets to pay by is what he holds from then on. */
export function* pressPay(house: House, node: Node, wish: PaymentWish): Step<Attempt | Refusal> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const opening = yield* openAttempt(house, wish);
    if (isRefusal(opening)) return opening;
    if (opening.kind === 'same') return opening.attempt;
    if (opening.kind === 'close-first') {
      while (node.creating.has(opening.attempt.attemptRef)) yield 'queue';
      if ((yield* closeAttempt(house, opening.attempt)) !== 'open') continue;
      if (wish.insists !== true) return refuse('payment_in_progress');
      yield* changeBooks(house, (books) => ({ books: decideAbandon(books, opening.attempt.attemptRef) }));
      continue;
    }
    // Two requests for one attempt share one call, and its answer.
    if (node.creating.has(opening.attempt.attemptRef)) return opening.attempt;
    const outcome = yield* callCreate(house, node, opening);
    if (outcome !== 'moved_on') return outcome;
  }
  return refuse('payment_in_progress');
}

function* openAttempt(house: House, wish: PaymentWish): Step<Opening> {
  const provider = house.services.find(({ account }) => account.id === wish.method)?.account;
  const at = { provider, isDown: false, offered: [], returnUrl: '' };
  const opened: Opening[] = [];
  yield* changeBooks(house, (books: Books, now) => {
    const opening = house.rules.decideAttempt(books, wish, at, now);
    opened.push(opening);
    return !isRefusal(opening) && opening.kind === 'call' ? { books: replaceAttempt(books, opening.attempt) } : null;
  });
  const [opening] = opened;
  if (opening === undefined) throw new Error('nothing was decided');
  return opening;
}

type Call = Extract<Exclude<Opening, Refusal>, { kind: 'call' | 'call-again' }>;

function* callCreate(house: House, node: Node, wish: Call): Step<Attempt | Refusal | 'moved_on'> {
  const { attemptRef } = wish.attempt;
  node.creating.add(attemptRef);
  try {
    return yield* callProvider(house, wish);
  } finally {
    node.creating.delete(attemptRef);
  }
}

/** As `callProvider` of `call-create.ts`. */
function* callProvider(house: House, wish: Call): Step<Attempt | Refusal | 'moved_on'> {
  const { attempt } = wish;
  const service = serviceOf(house, attempt.provider);
  try {
    const created = yield* callService(house, service, 'create', (now) => serveCreate(service, attempt, now));
    const pending = createdAttempt(attempt, created);
    const state = yield* record(house, pending);
    if (isOpen({ state })) return pending;
    if (state === 'closed' || state === 'failed') yield* closeAttempt(house, pending);
    return 'moved_on';
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return yield* recordFailure(house, wish, error);
  }
}

function* recordFailure(
  house: House,
  { kind, attempt }: Call,
  error: ProviderError,
): Step<Attempt | Refusal | 'moved_on'> {
  const closed = kind === 'call-again' && !error.outcomeUnknown ? yield* closeAttempt(house, attempt) : null;
  if (closed === 'paid') return 'moved_on';
  if (error.outcomeUnknown || closed === 'open') {
    const unknown = unansweredAttempt(attempt, house.now);
    return isOpen({ state: yield* record(house, unknown) }) ? unknown : 'moved_on';
  }
  if (closed === null) yield* record(house, refusedAttempt(attempt));
  return refuse('payment_service_down');
}

function* record(house: House, outcome: Attempt): Step<Attempt['state']> {
  yield 'rows';
  const state = recordCreateOutcome(house.rows, outcome);
  say(house, `    attempt ${shortRef(outcome.attemptRef)} is ${state}${outcome.unknown ? ', unknown' : ''}`);
  return state;
}
