import type { Database, Queries, Transaction } from '../database/database.ts';
import type { Dispense } from '../order/dispense.ts';
import { findDispenses, insertDispenses } from '../order/dispense.sql.ts';
import type { Order, OrderKey } from '../order/order.ts';
import { findOrders, lockOrders, updateOrderStates } from '../order/order.sql.ts';
import { insertOutgoingEvents } from '../outgoing/outgoing-event.sql.ts';
import type { WantsEvent } from '../outgoing/subscription.ts';
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
import { outgoingEventsOf } from './outgoing-events.ts';

/** All that is known of one order: what every later step decides upon. */
export type Books = {
  readonly order: Order;
  readonly attempts: readonly Attempt[];
  readonly permit: Permit | null;
  readonly refunds: readonly Refund[];
  readonly dispense: Dispense | null;
};

/** A step's decision on one order: how its books stand afterwards, and what else is to be written with them. */
export type Decided = {
  readonly books: Books;
  readonly transfers?: readonly Transfer[];
  readonly events?: readonly NewStationEvent[];
};

/** The books of these orders as they stood at one moment; an order that is not known is left out. */
export async function findBooks(
  db: Pick<Database, 'snapshot'>,
  keys: readonly OrderKey[],
): Promise<ReadonlyMap<string, Books>> {
  return db.snapshot((queries) => gather(queries, uniqueKeys(keys), findOrders));
}

/** As `findBooks`, with the orders locked until the transaction ends. */
export async function lockBooks(tx: Transaction, keys: readonly OrderKey[]): Promise<ReadonlyMap<string, Books>> {
  return gather(tx, uniqueKeys(keys), () => lockOrders(tx, uniqueKeys(keys)));
}

const uniqueKeys = (keys: readonly OrderKey[]): readonly OrderKey[] => [
  ...new Map(keys.map((key) => [key.orderId, key])).values(),
];

/** One round trip: the orders first, so that under a lock the rest is read after the lock was had. */
async function gather(
  queries: Queries,
  keys: readonly OrderKey[],
  readOrders: (queries: Queries, keys: readonly OrderKey[]) => Promise<readonly Order[]>,
): Promise<ReadonlyMap<string, Books>> {
  const [orders, attemptRows, permitRows, refundRows, dispenseRows] = await Promise.all([
    readOrders(queries, keys),
    findAttempts(queries, keys),
    findPermits(queries, keys),
    findRefunds(queries, keys),
    findDispenses(queries, keys),
  ]);
  const attempts = Map.groupBy(attemptRows, (attempt) => attempt.orderId);
  const permits = new Map(permitRows.map((permit) => [permit.orderId, permit]));
  const refunds = Map.groupBy(refundRows, (refund) => refund.orderId);
  const dispenses = new Map(dispenseRows.map((dispense) => [dispense.orderId, dispense]));
  return new Map(
    orders.map((order) => [
      order.orderId,
      {
        order,
        attempts: attempts.get(order.orderId) ?? [],
        permit: permits.get(order.orderId) ?? null,
        refunds: refunds.get(order.orderId) ?? [],
        dispense: dispenses.get(order.orderId) ?? null,
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

type Pair = { readonly before: Books; readonly after: Books };

/**
 * Writes what differs, each kind of row in one statement, all in one round trip, and what the chain's own systems are to be told of it. Gives the lines
 * that the stations' logs grew by.
 */
export async function storeChanges(
  tx: Transaction,
  changes: Changes,
  now: number,
  wantsEvent: WantsEvent,
): Promise<readonly StationEvent[]> {
  const pairs: readonly Pair[] = [...changes.after].flatMap(([orderId, after]) => {
    const before = changes.before.get(orderId);
    return before === undefined || before === after ? [] : [{ before, after }];
  });
  const refunds = pairs.flatMap(({ before, after }) => after.refunds.filter((one) => !before.refunds.includes(one)));
  const dispenses = pairs.flatMap(({ before, after }) => (before.dispense === null ? (after.dispense ?? []) : []));
  // All that can throw comes before the first query: what is sent must be waited for.
  const outgoing = pairs.flatMap(({ before, after }) => outgoingEventsOf(before, after, now, wantsEvent));
  const [events] = await Promise.all([
    appendStationEvents(tx, changes.events, now),
    storeOrders(tx, pairs),
    storeAttempts(tx, pairs),
    storePermits(tx, pairs),
    saveRefunds(tx, refunds),
    insertDispenses(tx, dispenses),
    insertTransfers(tx, changes.transfers),
    insertFacts(tx, changes.facts),
    insertOutgoingEvents(tx, outgoing),
  ]);
  return events;
}

async function storeOrders(tx: Transaction, pairs: readonly Pair[]): Promise<void> {
  const moved = pairs.filter(({ before, after }) => before.order.state !== after.order.state);
  await updateOrderStates(
    tx,
    moved.map(({ after }) => after.order),
  );
}

async function storeAttempts(tx: Transaction, pairs: readonly Pair[]): Promise<void> {
  const known = new Set(pairs.flatMap(({ before }) => before.attempts.map((attempt) => attempt.attemptRef)));
  const changed = pairs.flatMap(({ before, after }) => after.attempts.filter((one) => !before.attempts.includes(one)));
  const isKnown = (attempt: Attempt): boolean => known.has(attempt.attemptRef);
  await Promise.all([
    updateAttempts(tx, changed.filter(isKnown)),
    insertAttempts(
      tx,
      changed.filter((attempt) => !isKnown(attempt)),
    ),
  ]);
}

async function storePermits(tx: Transaction, pairs: readonly Pair[]): Promise<void> {
  const changed = pairs.filter(({ before, after }) => after.permit !== before.permit);
  const permitsOf = (some: readonly Pair[]): readonly Permit[] => some.flatMap(({ after }) => after.permit ?? []);
  await Promise.all([
    insertPermits(tx, permitsOf(changed.filter(({ before }) => before.permit === null))),
    updatePermitStates(tx, permitsOf(changed.filter(({ before }) => before.permit !== null))),
  ]);
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
