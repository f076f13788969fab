import type { Queries } from '../database/database.ts';

/** Within so long after the payment the station promises the slip; where none is out by then, the money goes back by itself. */
export type DeliveryPromise = { readonly stationNumber: number; readonly withinMs: number };

/** Promises it for what is sold from `now` on; a changed time counts for what was promised before too. */
export async function savePromise(
  db: Queries,
  { stationNumber, withinMs }: DeliveryPromise,
  now: number,
): Promise<void> {
  await db.query(
    `insert into delivery_promises (station_number, within_ms, made_at) values ($1, $2, to_timestamp($3::bigint / 1000.0))
     on conflict (station_number) do update set within_ms = excluded.within_ms`,
    [stationNumber, withinMs, now],
  );
}

/** From now on the station promises nothing; false where it did not before either. */
export async function removePromise(db: Queries, stationNumber: number): Promise<boolean> {
  const rows = await db.query<{ station_number: number }>(
    'delete from delivery_promises where station_number = $1 returning station_number',
    [stationNumber],
  );
  return rows.length > 0;
}

export async function findPromises(db: Queries): Promise<readonly DeliveryPromise[]> {
  return db.query<DeliveryPromise>(
    'select station_number as "stationNumber", within_ms as "withinMs" from delivery_promises order by station_number',
  );
}
