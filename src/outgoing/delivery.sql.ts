import type { Queries, Transaction } from '../database/database.ts';
import {
  type Delivery,
  type DeliveryProgress,
  type DeliveryState,
  type DeliveryTry,
  holdingTriesMax,
} from './delivery.ts';

/** So many of those that are due are looked at for some that are not held. */
const candidatesMax = 200;

/**
 * Takes deliveries of one subscription whose time has come, and puts that time off by `leaseMs`, so that no other node takes them meanwhile and a node
 * that dies loses nothing. An event is held while an earlier one of its order is still in its first tries; where that one has failed, the event is put off
 * until its next try, so that what a dead receiver piles up is not looked through every time.
 */
export async function claimDeliveries(
  db: Queries,
  subscriptionId: string,
  now: number,
  leaseMs: number,
  limit: number,
): Promise<readonly Delivery[]> {
  const leasedUntil = now + leaseMs;
  return db.query<Delivery>(
    `with due as (
       select d.station_number, d.event_id, d.order_id, d.next_try_at, d.sequence from event_deliveries d
       where d.subscription_id = $1 and d.next_try_at <= to_timestamp($2::bigint / 1000.0)
         and exists (select from event_subscriptions s where s.subscription_id = $1 and s.state = 'active')
       order by d.next_try_at, d.sequence limit ${candidatesMax} for update of d skip locked
     ), held as (
       select due.station_number, due.event_id, earlier.until
       from due cross join lateral (
         select count(*) as waiting, max(e.next_try_at) filter (where e.tries > 0) as until from event_deliveries e
         where e.station_number = due.station_number and e.order_id = due.order_id and e.subscription_id = $1
           and e.sequence < due.sequence and e.next_try_at is not null and e.tries < ${holdingTriesMax}) earlier
       where earlier.waiting > 0
     ), put_off as (
       update event_deliveries d set next_try_at = held.until from held
       where d.station_number = held.station_number and d.event_id = held.event_id and d.subscription_id = $1 and held.until > d.next_try_at
     ), free as (
       select station_number, event_id from due where (station_number, event_id) not in (select station_number, event_id from held)
       order by next_try_at, sequence limit $4
     ), taken as (
       update event_deliveries d set next_try_at = to_timestamp($3::bigint / 1000.0) from free
       where d.station_number = free.station_number and d.event_id = free.event_id and d.subscription_id = $1
       returning d.station_number, d.event_id, d.tries
     )
     select e.station_number as "stationNumber", e.event_id as "eventId", e.order_id as "orderId", e.type, e.data, e.made_at as "madeAt",
       $1::text as "subscriptionId", t.tries, $3::bigint as "leasedUntil"
     from taken t join outgoing_events e using (station_number, event_id) order by e.sequence`,
    [subscriptionId, now, leasedUntil, limit],
  );
}

export type TriedDelivery = Pick<Delivery, 'stationNumber' | 'eventId' | 'subscriptionId' | 'leasedUntil'> &
  DeliveryProgress &
  DeliveryTry;

/**
 * Writes tries to the log, and what became of their deliveries. A delivery that was taken away meanwhile, since its lease was over or it was sent anew, is
 * left to whoever has it now.
 */
export async function recordTries(tx: Transaction, tried: readonly TriedDelivery[]): Promise<void> {
  await tx.query(
    `with r as (
       select * from jsonb_to_recordset($1::jsonb) as r ("stationNumber" integer, "eventId" text, "subscriptionId" text, "leasedUntil" bigint,
         state text, tries integer, "nextTryAt" bigint, "triedAt" bigint, "durationMs" integer, status smallint, error text, answer text)
     ), moved as (
       update event_deliveries d set state = r.state, tries = r.tries, next_try_at = to_timestamp(r."nextTryAt" / 1000.0) from r
       where d.station_number = r."stationNumber" and d.event_id = r."eventId" and d.subscription_id = r."subscriptionId"
         and d.next_try_at = to_timestamp(r."leasedUntil" / 1000.0)
     )
     insert into event_delivery_tries (station_number, event_id, subscription_id, try_number, tried_at, duration_ms, status, error, answer)
     select d.station_number, d.event_id, d.subscription_id,
       1 + (select count(*) from event_delivery_tries t
            where t.station_number = d.station_number and t.event_id = d.event_id and t.subscription_id = d.subscription_id),
       to_timestamp("triedAt" / 1000.0), "durationMs", status, error, answer
     from r join event_deliveries d on d.station_number = r."stationNumber" and d.event_id = r."eventId" and d.subscription_id = r."subscriptionId"`,
    [JSON.stringify(tried)],
  );
}

/** Makes an event due again for every active subscription that it was meant for, delivered or not. Gives the subscriptions. */
export async function resendEvent(
  db: Queries,
  stationNumber: number,
  eventId: string,
  now: number,
): Promise<readonly string[]> {
  const rows = await db.query<{ subscriptionId: string }>(
    `update event_deliveries d set state = 'waiting', tries = 0, next_try_at = to_timestamp($3::bigint / 1000.0) from event_subscriptions s
     where d.station_number = $1 and d.event_id = $2 and s.subscription_id = d.subscription_id and s.state = 'active'
     returning d.subscription_id as "subscriptionId"`,
    [stationNumber, eventId, now],
  );
  return rows.map((row) => row.subscriptionId);
}

export type LogLine = {
  readonly eventId: string;
  readonly type: string;
  readonly subscriptionId: string;
  readonly state: DeliveryState;
  readonly nextTryAt: number | null;
  /** Null where it was not tried yet. */
  readonly tryNumber: number | null;
  readonly triedAt: number | null;
  readonly durationMs: number | null;
  readonly status: number | null;
  readonly error: string | null;
  readonly answer: string | null;
};

const logColumns = `
  e.event_id as "eventId", e.type, d.subscription_id as "subscriptionId", d.state, d.next_try_at as "nextTryAt", t.try_number as "tryNumber",
  t.tried_at as "triedAt", t.duration_ms as "durationMs", t.status, t.error, t.answer`;

/** What became of one event: its tries, oldest first, and the deliveries that were not tried yet. */
export async function findEventLog(db: Queries, stationNumber: number, eventId: string): Promise<readonly LogLine[]> {
  return db.query<LogLine>(
    `select ${logColumns} from outgoing_events e join event_deliveries d using (station_number, event_id)
     left join event_delivery_tries t using (station_number, event_id, subscription_id)
     where e.station_number = $1 and e.event_id = $2 order by d.subscription_id, t.try_number`,
    [stationNumber, eventId],
  );
}

/** The newest tries, newest first; of all subscriptions, also of those that ended, where none is named. */
export async function findNewestTries(
  db: Queries,
  subscriptionId: string | null,
  limit: number,
): Promise<readonly LogLine[]> {
  return db.query<LogLine>(
    `select ${logColumns}
     from event_subscriptions s cross join lateral (
       select * from event_delivery_tries t where t.subscription_id = s.subscription_id order by t.tried_at desc, t.try_number desc limit $2) t
     join event_deliveries d on d.station_number = t.station_number and d.event_id = t.event_id and d.subscription_id = t.subscription_id
     join outgoing_events e on e.station_number = t.station_number and e.event_id = t.event_id
     where $1::text is null or s.subscription_id = $1
     order by t.tried_at desc, t.try_number desc limit $2`,
    [subscriptionId, limit],
  );
}
