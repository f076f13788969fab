import type { Queries, Transaction } from '../database/database.ts';

/** One line of a station's log: what its terminal is told, numbered without a gap. */
export type StationEvent = {
  readonly stationNumber: number;
  readonly sequence: number;
  readonly body: Readonly<Record<string, unknown>>;
};
export type NewStationEvent = Omit<StationEvent, 'sequence'>;

/**
 * Appends events to their stations' logs and gives them back with their numbers. Counter and log rows are written in one statement: the
 * counter's row lock makes a station's numbers gapless and in the order of commits.
 */
export async function appendStationEvents(
  tx: Transaction,
  events: readonly NewStationEvent[],
  now: number,
): Promise<readonly StationEvent[]> {
  if (events.length === 0) return [];
  return tx.query<StationEvent>(
    `with fresh as (
       select "stationNumber" as station_number, body, row_number() over (partition by "stationNumber" order by position) as place
       from jsonb_to_recordset($1::jsonb) as r ("stationNumber" integer, body jsonb, position integer)
     ), raised as (
       insert into station_sequences as s (station_number, last_sequence)
       select station_number, count(*) from fresh group by station_number order by station_number
       on conflict (station_number) do update set last_sequence = s.last_sequence + excluded.last_sequence
       returning station_number, last_sequence
     ), counted as (
       select station_number, count(*) as added from fresh group by station_number
     )
     insert into station_events (station_number, sequence, body, made_at)
     select f.station_number, r.last_sequence - c.added + f.place, f.body, to_timestamp($2::bigint / 1000.0)
     from fresh f join raised r using (station_number) join counted c using (station_number)
     returning station_number as "stationNumber", sequence, body`,
    [JSON.stringify(events.map((event, position) => ({ ...event, position }))), now],
  );
}

/** A station's events after `sequence`, in order. */
export async function findStationEvents(
  db: Queries,
  stationNumber: number,
  sequence: number,
  limit: number,
): Promise<readonly StationEvent[]> {
  return db.query<StationEvent>(
    `select station_number as "stationNumber", sequence, body from station_events
     where station_number = $1 and sequence > $2 order by sequence limit $3`,
    [stationNumber, sequence, limit],
  );
}
