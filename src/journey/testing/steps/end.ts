import { isRefusal, refuse } from '../../../base/problem.ts';
import { isCurrent, isOpen } from '../../../payment/attempt.ts';
import type { Books } from '../../books.ts';
import { alreadyEnded, isHopeless } from '../../end-order.ts';
import type { Refusal } from '../../../base/problem.ts';
import { changeBooks } from './change-books.ts';
import { closeAttempt } from './close.ts';
import type { House } from '../house.ts';
import type { Step } from './step.ts';

type Ending = 'cancelled' | 'expired';

/** As `end-order.ts`. */
const roundsMax = 3;

/** As `createEndOrder`: what could still be paid is closed first, then the order ends. */
export function* endOrder(house: House, ending: Ending): Step<Books | Refusal> {
  for (let round = 0; round < roundsMax; round += 1) {
    yield 'rows';
    const { books } = house.rows;
    const ended = alreadyEnded(books, ending);
    if (ended !== null) return ended;
    const open = books.attempts.find(isCurrent) ?? books.attempts.find(isOpen);
    if (open === undefined || isHopeless(books, ending, house.now)) return yield* endIfStillPlaced(house, ending);
    if ((yield* closeAttempt(house, open)) === 'open' && !isHopeless(books, ending, house.now) && !open.abandoned)
      return refuse('payment_in_progress');
    if (open.abandoned) return yield* endIfStillPlaced(house, ending);
  }
  return refuse('payment_in_progress');
}

function* endIfStillPlaced(house: House, ending: Ending): Step<Books | Refusal> {
  const answer = yield* changeBooks(house, (books, now) => {
    const after = house.rules.decideEnd(books, ending, now);
    return isRefusal(after) ? after : { books: after };
  });
  if (answer === null) throw new Error('nothing was decided');
  return isRefusal(answer) ? answer : answer.books;
}
