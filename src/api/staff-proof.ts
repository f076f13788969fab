import type { Books } from '../journey/books.ts';
import type { Journey } from '../journey/journey.ts';
import { findFacts } from '../payment/fact.sql.ts';
import { findTransfersOf } from '../payment/ledger.sql.ts';
import { findReports } from '../permit/report.sql.ts';
import type { StaffOrderMessage } from '../staff/staff.message.ts';
import { findOrderActions } from '../staff/staff.sql.ts';
import { toStaffOrderMessage } from './staff-view.ts';

/** Of each attempt, of the permit and of the trail no more than so many lines are shown, the newest. */
const linesShownMax = 100;

/** An order with all that proves what became of it. */
export async function describeOrder(journey: Journey, books: Books): Promise<StaffOrderMessage> {
  const { order, attempts, permit } = books;
  const proof = await journey.db.snapshot(async (queries) => {
    const [facts, reports, transfers, actions] = await Promise.all([
      Promise.all(attempts.map((one) => findFacts(queries, one.stationNumber, one.attemptRef))),
      permit === null ? [] : findReports(queries, permit.stationNumber, permit.permitId),
      findTransfersOf(queries, order),
      findOrderActions(queries, order, linesShownMax),
    ]);
    return {
      facts: facts.flatMap((ofAttempt) => ofAttempt.slice(-linesShownMax)),
      reports: reports.slice(-linesShownMax),
      transfers,
      actions,
    };
  });
  return toStaffOrderMessage(books, proof, journey.services);
}
