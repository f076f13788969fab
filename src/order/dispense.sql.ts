import type { Queries, Transaction } from '../database/database.ts';
import type { Dispense } from './dispense.ts';
import type { OrderKey } from './order.ts';

export async function insertDispenses(tx: Transaction, dispenses: readonly Dispense[]): Promise<void> {
  if (dispenses.length === 0) return;
  await tx.query(
    `insert into dispenses (station_number, order_id, volume_milli, payable_minor, told_by, source, told_at)
     select "stationNumber", "orderId", "volumeMilli", "payableMinor", "toldBy", source, to_timestamp("toldAt" / 1000.0)
     from jsonb_to_recordset($1::jsonb) as r ("stationNumber" integer, "orderId" text, "volumeMilli" integer, "payableMinor" bigint,
       "toldBy" text, source text, "toldAt" bigint)`,
    [JSON.stringify(dispenses)],
  );
}

/** What was dispensed for these orders; an order of which nobody told is left out. */
export async function findDispenses(db: Queries, keys: readonly OrderKey[]): Promise<readonly Dispense[]> {
  return db.query<Dispense>(
    `select d.station_number as "stationNumber", d.order_id as "orderId", d.volume_milli as "volumeMilli", d.payable_minor as "payableMinor",
       d.told_by as "toldBy", d.source, d.told_at as "toldAt"
     from unnest($1::integer[], $2::text[]) as k (station_number, order_id) join dispenses d using (station_number, order_id)`,
    [keys.map((key) => key.stationNumber), keys.map((key) => key.orderId)],
  );
}
