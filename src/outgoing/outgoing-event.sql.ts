import type { Queries, Transaction } from '../database/database.ts';
import type { OutgoingEvent } from './outgoing-event.ts';

/**
 * Writes events and, for each subscription that wants one, a delivery that is due at once, all in one statement; what nobody wants leaves no row. Who
 * wants what is read here, where it is true: the caller's own knowledge only spared the asking. An event that is known changes nothing.
 */
export async function insertOutgoingEvents(tx: Transaction, events: readonly OutgoingEvent[]): Promise<void> {
  if (events.length === 0) return;
  await tx.query(
    `with fresh as (
       select r.* from json_to_recordset($1::json) as r ("stationNumber" integer, "eventId" text, "orderId" text, type text, data json,
         "madeAt" bigint, position integer)
     ), wanted as (
       select f."stationNumber" as station_number, f."eventId" as event_id, s.subscription_id
       from fresh f join event_subscriptions s on s.state = 'active' and f.type = any (s.types)
         and (s.station_numbers is null or f."stationNumber" = any (s.station_numbers))
     ), stored as (
       insert into outgoing_events (station_number, event_id, order_id, type, data, made_at)
       select "stationNumber", "eventId", "orderId", type, data, to_timestamp("madeAt" / 1000.0) from fresh
       where exists (select from wanted where station_number = "stationNumber" and event_id = "eventId")
       order by position
       on conflict (station_number, event_id) do nothing
       returning station_number, event_id, order_id, sequence, made_at
     )
     insert into event_deliveries (station_number, event_id, subscription_id, order_id, sequence, state, next_try_at)
     select station_number, event_id, subscription_id, order_id, sequence, 'waiting', made_at
     from stored join wanted using (station_number, event_id)`,
    [JSON.stringify(events.map((event, position) => ({ ...event, position })))],
  );
}

/** Deletes events older than `before`, with their deliveries and log, oldest first, at most `limit`. Gives how many. */
export async function pruneOutgoingEvents(db: Queries, before: number, limit: number): Promise<number> {
  const rows = await db.query<{ eventId: string }>(
    `delete from outgoing_events e
     using (select station_number, event_id from outgoing_events where made_at < to_timestamp($1::bigint / 1000.0)
            order by made_at limit $2 for update skip locked) as old
     where e.station_number = old.station_number and e.event_id = old.event_id
     returning e.event_id as "eventId"`,
    [before, limit],
  );
  return rows.length;
}
