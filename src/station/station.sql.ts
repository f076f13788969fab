import type { Queries, Transaction } from '../database/database.ts';
import type { GradePrice, Nozzle, Station } from './station.ts';
import type { StationPlace } from './station-index.ts';

/**
 * The stations of `stationNumbers` that exist, in no order, with their pumps and the prices valid at `now`. Of several prices valid at once the
 * one that began last counts, so that a price with an end gives way to the one before it.
 */
export async function findStations(db: Queries, stationNumbers: readonly number[], now: number): Promise<Station[]> {
  const rows = await db.query<StationRow>(
    `select s.station_number as "stationNumber", s.name, s.brand, s.address, s.latitude, s.longitude,
            s.time_zone as "timeZone", s.currency, s.unit,
            s.price_resolution_milli as "priceResolutionMilli", s.volume_step_milli as "volumeStepMilli", s.rounding,
            s.order_money_minor_min as "orderMoneyMinorMin", s.order_money_minor_max as "orderMoneyMinorMax",
            s.order_volume_milli_max as "orderVolumeMilliMax", s.state, s.methods,
            coalesce((select json_agg(json_build_array(n.pump, n.nozzle, n.grade) order by n.pump, n.nozzle)
                        from nozzles n where n.station_number = s.station_number), '[]') as nozzles,
            coalesce((select json_agg(json_build_array(p.grade, p.official_price_milli, p.pump_price_milli,
                               p.member_price_milli, (extract(epoch from p.valid_from) * 1000)::bigint,
                               (extract(epoch from p.valid_until) * 1000)::bigint) order by p.grade)
                        from (select distinct on (g.grade) g.* from grade_prices g
                               where g.station_number = s.station_number and g.valid_from <= $2
                                 and (g.valid_until is null or g.valid_until > $2)
                               order by g.grade, g.valid_from desc) p), '[]') as grades
       from stations s
      where s.station_number = any($1::int[])`,
    [stationNumbers, new Date(now)],
  );
  return rows.map((row) => ({ ...row, nozzles: row.nozzles.map(toNozzle), grades: row.grades.map(toGradePrice) }));
}

/** Pumps and prices come as bare arrays: half the time of objects whose names PostgreSQL would write again and again. */
type StationRow = Omit<Station, 'nozzles' | 'grades'> & {
  readonly nozzles: readonly (readonly [pump: number, nozzle: number, grade: string])[];
  readonly grades: readonly PriceRow[];
};

type PriceRow = readonly [
  grade: string,
  officialPriceMilli: number | null,
  pumpPriceMilli: number,
  memberPriceMilli: number | null,
  validFrom: number,
  validUntil: number | null,
];

const toNozzle = ([pump, nozzle, grade]: StationRow['nozzles'][number]): Nozzle => ({ pump, nozzle, grade });

function toGradePrice(row: PriceRow): GradePrice {
  const [grade, officialPriceMilli, pumpPriceMilli, memberPriceMilli, validFrom, validUntil] = row;
  return { grade, officialPriceMilli, pumpPriceMilli, memberPriceMilli, validFrom, validUntil };
}

/** More stations than the world has; beyond it the index would not fit a node's memory. */
const positionsMax = 5_000_000;

/** Where every station stands, for the index in memory. Closed ones too: their driver must not be taken for the neighbour's. */
export async function findPositions(db: Queries): Promise<StationPlace[]> {
  return db.query<StationPlace>(
    `select station_number as "stationNumber", latitude, longitude from stations order by station_number limit ${positionsMax}`,
  );
}

/** Rises with every change of stations, pumps or prices. */
export async function findStationVersion(db: Queries): Promise<number> {
  const [row] = await db.query<{ version: number }>('select version from station_changes');
  if (row === undefined) throw new Error('the table station_changes has lost its row');
  return row.version;
}

/** State null: a station that is there stays as it is, open or closed; a new one is open. */
export type StationToSave = Omit<Station, 'state'> & { readonly state: Station['state'] | null };

/** How many rows of each kind were really written; what was the same before is not counted. `endedPrices`: of grades that are no longer sold. */
export type SavedStations = {
  readonly stations: number;
  readonly nozzles: number;
  readonly prices: number;
  readonly endedPrices: number;
};

/**
 * Makes the database say of these stations what is given, all of it: new and changed rows are written, pumps that are missing go, grades that
 * are missing end at `now`. A price is written only where it differs from the one before it. The station numbers differ from each
 * other, and so do the grades within one station.
 *
 * Rows are locked in the order of station numbers and the version last, so that two imports never wait for each other in a circle.
 */
export async function saveStations(
  tx: Transaction,
  stations: readonly StationToSave[],
  now: number,
): Promise<SavedStations> {
  const ordered = stations.toSorted((a, b) => a.stationNumber - b.stationNumber);
  const numbers = ordered.map((station) => station.stationNumber);
  const nozzles = rowsOfEach(ordered, (station) => station.nozzles);
  const prices = rowsOfEach(ordered, (station) => station.grades.map(toPriceRow));
  const saved = {
    stations: await upsertStations(tx, ordered, now),
    nozzles: (await deleteNozzles(tx, numbers, nozzles)) + (await upsertNozzles(tx, nozzles)),
    endedPrices: await endPrices(tx, numbers, prices, now),
    prices: await insertPrices(tx, prices),
  };
  if (Object.values(saved).some((count) => count > 0)) await raiseStationVersion(tx);
  return saved;
}

function rowsOfEach(stations: readonly StationToSave[], rowsOf: (station: StationToSave) => readonly object[]): string {
  const rows = stations.flatMap((station) =>
    rowsOf(station).map((row) => ({ stationNumber: station.stationNumber, ...row })),
  );
  return JSON.stringify(rows);
}

const toPriceRow = (price: Station['grades'][number]) => ({
  ...price,
  validFrom: new Date(price.validFrom),
  validUntil: price.validUntil === null ? null : new Date(price.validUntil),
});

const countOf = async (rows: Promise<{ count: number }[]>): Promise<number> => (await rows)[0]?.count ?? 0;

function upsertStations(tx: Transaction, stations: readonly StationToSave[], now: number): Promise<number> {
  const stated = stations.filter(({ state }) => state !== null).map(({ stationNumber }) => stationNumber);
  const rows = stations.map(({ nozzles: _nozzles, grades: _grades, ...row }) => row);
  return countOf(
    tx.query(
      `with changed as (
         insert into stations as old (station_number, name, brand, address, latitude, longitude, time_zone, currency, unit,
           price_resolution_milli, volume_step_milli, rounding, order_money_minor_min, order_money_minor_max,
           order_volume_milli_max, state, methods, updated_at)
         select "stationNumber", name, brand, address, latitude, longitude, "timeZone", currency, unit,
                "priceResolutionMilli", "volumeStepMilli", rounding, "orderMoneyMinorMin", "orderMoneyMinorMax",
                "orderVolumeMilliMax", coalesce(state, 'open'), methods, $2::timestamptz
           from jsonb_to_recordset($1::jsonb) as given ("stationNumber" int, name text, brand text, address text,
                latitude float8, longitude float8, "timeZone" text, currency text, unit text, "priceResolutionMilli" int,
                "volumeStepMilli" int, rounding text, "orderMoneyMinorMin" bigint, "orderMoneyMinorMax" bigint,
                "orderVolumeMilliMax" int, state text, methods text[])
         on conflict (station_number) do update
           set name = excluded.name, brand = excluded.brand, address = excluded.address, latitude = excluded.latitude,
               longitude = excluded.longitude, time_zone = excluded.time_zone, currency = excluded.currency,
               unit = excluded.unit, price_resolution_milli = excluded.price_resolution_milli,
               volume_step_milli = excluded.volume_step_milli, rounding = excluded.rounding,
               order_money_minor_min = excluded.order_money_minor_min,
               order_money_minor_max = excluded.order_money_minor_max,
               order_volume_milli_max = excluded.order_volume_milli_max,
               state = case when old.station_number = any($3::int[]) then excluded.state else old.state end,
               methods = excluded.methods, updated_at = excluded.updated_at
           where (old.name, old.brand, old.address, old.latitude, old.longitude, old.time_zone, old.currency, old.unit,
                  old.price_resolution_milli, old.volume_step_milli, old.rounding, old.order_money_minor_min,
                  old.order_money_minor_max, old.order_volume_milli_max, old.state, old.methods)
             is distinct from
                 (excluded.name, excluded.brand, excluded.address, excluded.latitude, excluded.longitude,
                  excluded.time_zone, excluded.currency, excluded.unit, excluded.price_resolution_milli,
                  excluded.volume_step_milli, excluded.rounding, excluded.order_money_minor_min,
                  excluded.order_money_minor_max, excluded.order_volume_milli_max,
                  case when old.station_number = any($3::int[]) then excluded.state else old.state end, excluded.methods)
         returning 1)
       select count(*) from changed`,
      [JSON.stringify(rows), new Date(now), stated],
    ),
  );
}

function deleteNozzles(tx: Transaction, stationNumbers: readonly number[], nozzles: string): Promise<number> {
  return countOf(
    tx.query(
      `with gone as (
         delete from nozzles n
          where n.station_number = any($1::int[])
            and (n.station_number, n.pump, n.nozzle) not in (
                  select "stationNumber", pump, nozzle
                    from jsonb_to_recordset($2::jsonb) as given ("stationNumber" int, pump smallint, nozzle smallint))
         returning 1)
       select count(*) from gone`,
      [stationNumbers, nozzles],
    ),
  );
}

function upsertNozzles(tx: Transaction, nozzles: string): Promise<number> {
  return countOf(
    tx.query(
      `with changed as (
         insert into nozzles as old (station_number, pump, nozzle, grade)
         select "stationNumber", pump, nozzle, grade
           from jsonb_to_recordset($1::jsonb) as given ("stationNumber" int, pump smallint, nozzle smallint, grade text)
         on conflict (station_number, pump, nozzle) do update set grade = excluded.grade
           where old.grade is distinct from excluded.grade
         returning 1)
       select count(*) from changed`,
      [nozzles],
    ),
  );
}

/** Ends what a station no longer sells. A price that was to begin later stays: somebody planned it. */
function endPrices(tx: Transaction, stationNumbers: readonly number[], prices: string, now: number): Promise<number> {
  return countOf(
    tx.query(
      `with ended as (
         update grade_prices g set valid_until = $3
          where g.station_number = any($1::int[]) and g.valid_from < $3
            and (g.valid_until is null or g.valid_until > $3)
            and (g.station_number, g.grade) not in (
                  select "stationNumber", grade
                    from jsonb_to_recordset($2::jsonb) as given ("stationNumber" int, grade text))
         returning 1)
       select count(*) from ended`,
      [stationNumbers, prices, new Date(now)],
    ),
  );
}

/** A price with the start of one that stands is its correction and takes its place. */
function insertPrices(tx: Transaction, prices: string): Promise<number> {
  return countOf(
    tx.query(
      `with changed as (
         insert into grade_prices as old (station_number, grade, valid_from, valid_until, official_price_milli,
           pump_price_milli, member_price_milli)
         select given."stationNumber", given.grade, given."validFrom", given."validUntil", given."officialPriceMilli",
                given."pumpPriceMilli", given."memberPriceMilli"
           from jsonb_to_recordset($1::jsonb) as given ("stationNumber" int, grade text, "validFrom" timestamptz,
                "validUntil" timestamptz, "officialPriceMilli" int, "pumpPriceMilli" int, "memberPriceMilli" int)
           left join lateral (
                select * from grade_prices p
                 where p.station_number = given."stationNumber" and p.grade = given.grade
                   and p.valid_from <= given."validFrom"
                   and (p.valid_until is null or p.valid_until > given."validFrom")
                 order by p.valid_from desc limit 1) before on true
          where (before.pump_price_milli, before.member_price_milli, before.official_price_milli, before.valid_until)
            is distinct from
                (given."pumpPriceMilli", given."memberPriceMilli", given."officialPriceMilli", given."validUntil")
         on conflict (station_number, grade, valid_from) do update
           set valid_until = excluded.valid_until, official_price_milli = excluded.official_price_milli,
               pump_price_milli = excluded.pump_price_milli, member_price_milli = excluded.member_price_milli
         returning 1)
       select count(*) from changed`,
      [prices],
    ),
  );
}

/** After a commit every node builds its index anew within a poll. */
async function raiseStationVersion(tx: Transaction): Promise<void> {
  await tx.query('update station_changes set version = version + 1');
}
