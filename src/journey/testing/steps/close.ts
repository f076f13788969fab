import type { Attempt } from '../../../payment/attempt.ts';
import { ProviderError } from '../../../payment/provider/provider.ts';
import { type CloseOutcome, closedFact, isAskedLast, lastLookOf, outcomeOf } from '../../close-attempt.ts';
import { callService } from './call-service.ts';
import { type House, serviceOf } from '../house.ts';
import { scheduleLastLook } from './rows.ts';
import { serveClose, serveQuery } from '../service/service-calls.ts';
import { settle } from './settle.ts';
import type { Step } from './step.ts';

/** As `closeAttempt`: close first, then ask where the answer is no plain yes, and at its expiry in any case; whatever is said is applied as a fact. */
export function* closeAttempt(house: House, attempt: Attempt): Step<CloseOutcome> {
  const service = serviceOf(house, attempt.provider);
  const askedAt = house.now;
  try {
    const result = yield* callService(house, service, 'close', (now) => serveClose(service, attempt, now));
    switch (result.kind) {
      case 'closed': {
        const lastWord = isAskedLast(attempt, askedAt) ? yield* askLast(house, attempt) : 'closed';
        yield* settle(house, [{ service, fact: closedFact(service.account, attempt, house.now) }]);
        return lastWord === 'paid' ? 'paid' : 'closed';
      }
      case 'not_created':
        yield 'rows';
        scheduleLastLook(house.rows, lastLookOf(attempt, result.mayStillBePaidUntil, askedAt));
        yield* settle(house, [{ service, fact: closedFact(service.account, attempt, house.now) }]);
        return 'not_created';
      case 'paid':
      case 'in_progress':
      case 'too_early':
        return yield* queryAttempt(house, attempt);
    }
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return 'open';
  }
}

/** As `askLast`. */
function* askLast(house: House, attempt: Attempt): Step<CloseOutcome> {
  try {
    return yield* queryAttempt(house, attempt);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return 'closed';
  }
}

/** As `queryAttempt`. Throws `ProviderError`. */
export function* queryAttempt(house: House, attempt: Attempt): Step<CloseOutcome> {
  const service = serviceOf(house, attempt.provider);
  const fact = yield* callService(house, service, 'query', (now) => serveQuery(service, attempt, now));
  yield* settle(house, [{ service, fact }]);
  return outcomeOf(fact);
}
