import type { Queries, Transaction } from '../database/database.ts';
import type { Order, OrderKey } from '../order/order.ts';
import { findOrders, lockOrders, updateOrderStates } from '../order/order.sql.ts';
import { findAttempts, insertAttempts, updateAttempts } from '../payment/attempt.sql.ts';
import type { Attempt } from '../payment/attempt.ts';
import type { StoredFact } from '../payment/fact.ts';
import { insertFacts } from '../payment/fact.sql.ts';
import type { Transfer } from '../payment/ledger.ts';
import { insertTransfers } from '../payment/ledger.sql.ts';
import type { Refund } from '../payment/refund.ts';
import { findRefunds, saveRefunds } from '../payment/refund.sql.ts';
import type { Permit } from '../permit/permit.ts';
import { findPermits, insertPermits, updatePermitStates } from '../permit/permit.sql.ts';
import { appendStationEvents, type NewStationEvent, type StationEvent } from '../station/station-feed.sql.ts';

/** All that is known of one order: what every later step decides upon. */
export type Books = {
  readonly order: Order;
  readonly attempts: readonly Attempt[];
  readonly permit: Permit | null;
  readonly refunds: readonly Refund[];
};

/** A step's decision on one order: how its books stand afterwards, and what else is to be written with them. */
export type Decided = {
  readonly books: Books;
  readonly transfers?: readonly Transfer[];
  readonly events?: readonly NewStationEvent[];
};

export async function findBooks(db: Queries, keys: readonly OrderKey[]): Promise<ReadonlyMap<string, Books>> {
  return gather(db, keys, await findOrders(db, keys));
}

/** As `findBooks`, with the orders locked until the transaction ends. */
export async function lockBooks(tx: Transaction, keys: readonly OrderKey[]): Promise<ReadonlyMap<string, Books>> {
  return gather(tx, keys, await lockOrders(tx, uniqueKeys(keys)));
}

const uniqueKeys = (keys: readonly OrderKey[]): readonly OrderKey[] => [
  ...new Map(keys.map((key) => [key.orderId, key])).values(),
];

async function gather(
  db: Queries,
  keys: readonly OrderKey[],
  orders: readonly Order[],
): Promise<ReadonlyMap<string, Books>> {
  const wanted = uniqueKeys(keys);
  const attempts = Map.groupBy(await findAttempts(db, wanted), (attempt) => attempt.orderId);
  const permits = new Map((await findPermits(db, wanted)).map((permit) => [permit.orderId, permit]));
  const refunds = Map.groupBy(await findRefunds(db, wanted), (refund) => refund.orderId);
  return new Map(
    orders.map((order) => [
      order.orderId,
      {
        order,
        attempts: attempts.get(order.orderId) ?? [],
        permit: permits.get(order.orderId) ?? null,
        refunds: refunds.get(order.orderId) ?? [],
      },
    ]),
  );
}

export type Changes = {
  /** The books as they were read under lock, and as they were decided. */
  readonly before: ReadonlyMap<string, Books>;
  readonly after: ReadonlyMap<string, Books>;
  readonly transfers: readonly Transfer[];
  readonly events: readonly NewStationEvent[];
  readonly facts: readonly StoredFact[];
};

/** Writes what differs, each kind of row in one statement. Gives the lines that the stations' logs grew by. */
export async function storeChanges(tx: Transaction, changes: Changes, now: number): Promise<readonly StationEvent[]> {
  const pairs = [...changes.after].flatMap(([orderId, after]) => {
    const before = changes.before.get(orderId);
    return before === undefined || before === after ? [] : [{ before, after }];
  });
  await updateOrderStates(
    tx,
    pairs.filter(({ before, after }) => before.order.state !== after.order.state).map(({ after }) => after.order),
  );
  const attempts = pairs.flatMap(({ before, after }) =>
    after.attempts.filter((attempt) => !before.attempts.includes(attempt)),
  );
  const known = new Set(pairs.flatMap(({ before }) => before.attempts.map((attempt) => attempt.attemptRef)));
  await updateAttempts(
    tx,
    attempts.filter((attempt) => known.has(attempt.attemptRef)),
  );
  await insertAttempts(
    tx,
    attempts.filter((attempt) => !known.has(attempt.attemptRef)),
  );
  const permits = pairs.flatMap(({ before, after }) =>
    after.permit === null || after.permit === before.permit ? [] : [{ old: before.permit, permit: after.permit }],
  );
  await insertPermits(
    tx,
    permits.filter(({ old }) => old === null).map(({ permit }) => permit),
  );
  await updatePermitStates(
    tx,
    permits.filter(({ old }) => old !== null).map(({ permit }) => permit),
  );
  await saveRefunds(
    tx,
    pairs.flatMap(({ before, after }) => after.refunds.filter((refund) => !before.refunds.includes(refund))),
  );
  await insertTransfers(tx, changes.transfers);
  await insertFacts(tx, changes.facts);
  return appendStationEvents(tx, changes.events, now);
}

export const replaceAttempt = (books: Books, attempt: Attempt): Books => ({
  ...books,
  attempts: books.attempts.some((one) => one.attemptRef === attempt.attemptRef)
    ? books.attempts.map((one) => (one.attemptRef === attempt.attemptRef ? attempt : one))
    : [...books.attempts, attempt],
});

export const replaceRefund = (books: Books, refund: Refund): Books => ({
  ...books,
  refunds: books.refunds.map((one) => (one.refundRef === refund.refundRef ? refund : one)),
});
