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

/**
 * A station's events after `sequence`, in order. An event that issued a permit also bears that permit's present `state`, so that whoever reads
 * late does not take an old permit for a fresh one.
 */
export async function findStationEvents(
  db: Queries,
  stationNumber: number,
  sequence: number,
  limit: number,
): Promise<readonly StationEvent[]> {
  return db.query<StationEvent>(
    `select e.station_number as "stationNumber", e.sequence,
       case when p.state is null then e.body else e.body || jsonb_build_object('state', p.state) end as body
     from station_events e
     left join permits p on p.station_number = e.station_number and p.permit_id = e.body -> 'slip' ->> 'permitId'
     where e.station_number = $1 and e.sequence > $2 order by e.sequence limit $3`,
    [stationNumber, sequence, limit],
  );
}

/** The permit that an event was about; null where the station's log has no such number. */
export async function findEventPermit(db: Queries, stationNumber: number, sequence: number): Promise<string | null> {
  const rows = await db.query<{ permitId: string }>(
    `select coalesce(body -> 'slip' ->> 'permitId', body ->> 'permitId', '') as "permitId" from station_events
     where station_number = $1 and sequence = $2`,
    [stationNumber, sequence],
  );
  return rows[0]?.permitId ?? null;
}
