import { isRefusal, type Refusal } from '../../../base/problem.ts';
import type { Books, Decided } from '../../books.ts';
import type { House } from '../house.ts';
import type { Step } from './step.ts';

/** As `changeBooks`: locks the order's books, decides on them and stores the decision, all in one moment. Null decides nothing. */
export function* changeBooks<Decision extends Decided>(
  house: House,
  decide: (books: Books, now: number) => Decision | Refusal | null,
): Step<Decision | Refusal | null> {
  const old = house.rows.books;
  yield 'rows';
  const decided = decide(house.rules.locksBooks ? house.rows.books : old, house.now);
  if (decided !== null && !isRefusal(decided)) store(house, decided);
  return decided;
}

/** As `storeChanges`. */
export function store(house: House, { books, transfers = [], events = [] }: Decided): void {
  const { rows } = house;
  const before = rows.books;
  rows.books = books;
  for (const transfer of transfers)
    if (!rows.ledger.has(transfer.transferId)) rows.ledger.set(transfer.transferId, transfer);
  rows.feed.push(...events);
  if (before !== books || transfers.length > 0) house.check(before);
}
