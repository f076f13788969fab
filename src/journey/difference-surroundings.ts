import { formatInstant } from '../base/clock.ts';
import type { Database } from '../database/database.ts';
import type { OrderKey } from '../order/order.ts';
import { type Books, findBooks } from './books.ts';
import { findReportsOf, type ReportLine } from './trade.sql.ts';

const ordersAtOnceMax = 500;

/** What a person wants to see beside a difference: the order with its station and pump, what was paid when, and the permit with all that became of it. */
export async function surroundingsOf(
  db: Database,
  keys: readonly OrderKey[],
): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>> {
  const found = new Map<string, Readonly<Record<string, unknown>>>();
  for (let start = 0; start < keys.length; start += ordersAtOnceMax) {
    const books = [...(await findBooks(db, keys.slice(start, start + ordersAtOnceMax))).values()];
    const permits = books.flatMap(({ permit }) => permit ?? []);
    const reports = Map.groupBy(await findReportsOf(db, permits), (report) => report.permitId);
    for (const one of books) found.set(one.order.orderId, describe(one, reports.get(one.permit?.permitId ?? '') ?? []));
  }
  return found;
}

function describe(
  { order, attempts, permit }: Books,
  reports: readonly ReportLine[],
): Readonly<Record<string, unknown>> {
  return {
    station: order.stationNumber,
    pump: order.pump,
    order: order.state,
    placedAt: formatInstant(order.placedAt),
    payments: attempts
      .filter((attempt) => attempt.paidAt !== null)
      .map(({ attemptRef, state, paidAt, paidMinor, refundedMinor, currency }) => ({
        attemptRef,
        state,
        paidAt: paidAt === null ? null : formatInstant(paidAt),
        paidMinor,
        refundedMinor,
        currency,
      })),
    permit:
      permit === null
        ? null
        : {
            permitId: permit.permitId,
            state: permit.state,
            issuedAt: formatInstant(permit.issuedAt),
            stateAt: formatInstant(permit.stateAt),
            reports: reports.map(({ state, reportedAt, deviceId }) => ({
              state,
              at: formatInstant(reportedAt),
              deviceId,
            })),
          },
  };
}
