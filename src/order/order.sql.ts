import type { Queries, Transaction } from '../database/database.ts';
import type { Order, OrderKey, OrderState } from './order.ts';

/** An order as it is first stored: with the request that made it, so that a repeated request finds it again. */
export type NewOrder = Order & { readonly idempotencyKey: string; readonly requestSha256: string };

const columns = `
  o.station_number as "stationNumber", o.order_id as "orderId", o.state, o.placed_at as "placedAt",
  o.price_held_until as "priceHeldUntil", o.expires_at as "expiresAt", o.grade, o.pump, o.nozzle, o.currency,
  o.official_price_milli as "officialPriceMilli", o.pump_price_milli as "pumpPriceMilli",
  o.member_price_milli as "memberPriceMilli", o.money_minor as "moneyMinor", o.volume_milli as "volumeMilli",
  o.discount_minor as "discountMinor", o.payable_minor as "payableMinor", o.locale, o.user_name as "userName",
  o.user_phone as "userPhone", o.user_plate as "userPlate", o.located, o.station`;

/** Stores orders; gives the ids of those that were new. One whose idempotency key the station has seen is left alone. */
export async function insertOrders(db: Queries, orders: readonly NewOrder[]): Promise<ReadonlySet<string>> {
  const rows = await db.query<{ orderId: string }>(
    `insert into orders (station_number, order_id, idempotency_key, request_sha256, state, placed_at, price_held_until,
       expires_at, grade, pump, nozzle, currency, official_price_milli, pump_price_milli, member_price_milli,
       money_minor, volume_milli, discount_minor, payable_minor, locale, user_name, user_phone, user_plate, located, station)
     select "stationNumber", "orderId", "idempotencyKey", decode("requestSha256", 'hex'), state,
       to_timestamp("placedAt" / 1000.0), to_timestamp("priceHeldUntil" / 1000.0), to_timestamp("expiresAt" / 1000.0),
       grade, pump, nozzle, currency, "officialPriceMilli", "pumpPriceMilli", "memberPriceMilli", "moneyMinor",
       "volumeMilli", "discountMinor", "payableMinor", locale, "userName", "userPhone", "userPlate", located, station
     from jsonb_to_recordset($1::jsonb) as r ("stationNumber" integer, "orderId" text, "idempotencyKey" text,
       "requestSha256" text, state text, "placedAt" bigint, "priceHeldUntil" bigint, "expiresAt" bigint, grade text,
       pump smallint, nozzle smallint, currency text, "officialPriceMilli" integer, "pumpPriceMilli" integer,
       "memberPriceMilli" integer, "moneyMinor" bigint, "volumeMilli" integer, "discountMinor" bigint,
       "payableMinor" bigint, locale text, "userName" text, "userPhone" text, "userPlate" text, located jsonb, station jsonb)
     order by "stationNumber", "idempotencyKey"
     on conflict (station_number, idempotency_key) do nothing
     returning order_id as "orderId"`,
    [JSON.stringify(orders)],
  );
  return new Set(rows.map((row) => row.orderId));
}

export type RequestKey = { readonly stationNumber: number; readonly idempotencyKey: string };
export type RequestedOrder = RequestKey & { readonly orderId: string; readonly requestSha256: string };

/** The orders that earlier requests with these keys made. */
export async function findRequestedOrders(
  db: Queries,
  keys: readonly RequestKey[],
): Promise<readonly RequestedOrder[]> {
  return db.query<RequestedOrder>(
    `select o.station_number as "stationNumber", o.idempotency_key as "idempotencyKey", o.order_id as "orderId",
       encode(o.request_sha256, 'hex') as "requestSha256"
     from unnest($1::integer[], $2::text[]) as k (station_number, idempotency_key)
     join orders o using (station_number, idempotency_key)`,
    [keys.map((key) => key.stationNumber), keys.map((key) => key.idempotencyKey)],
  );
}

/** The orders of these keys, in no order; one that is not known is left out. */
export async function findOrders(db: Queries, keys: readonly OrderKey[]): Promise<readonly Order[]> {
  return db.query<Order>(
    `select ${columns} from unnest($1::integer[], $2::text[]) as k (station_number, order_id)
     join orders o using (station_number, order_id)`,
    split(keys),
  );
}

/** As `findOrders`, locked until the transaction ends. Locks are taken in key order, so that two batches never wait in a circle. */
export async function lockOrders(tx: Transaction, keys: readonly OrderKey[]): Promise<readonly Order[]> {
  return tx.query<Order>(
    `select ${columns} from unnest($1::integer[], $2::text[]) as k (station_number, order_id)
     join orders o using (station_number, order_id)
     order by o.station_number, o.order_id for update of o`,
    split(keys),
  );
}

const split = (keys: readonly OrderKey[]): [number[], string[]] => [
  keys.map((key) => key.stationNumber),
  keys.map((key) => key.orderId),
];

export async function updateOrderStates(
  tx: Transaction,
  orders: readonly (OrderKey & { readonly state: OrderState })[],
): Promise<void> {
  if (orders.length === 0) return;
  await tx.query(
    `update orders o set state = n.state from unnest($1::integer[], $2::text[], $3::text[]) as n (station_number, order_id, state)
     where o.station_number = n.station_number and o.order_id = n.order_id`,
    [...split(orders), orders.map((order) => order.state)],
  );
}

/**
 * Orders still waiting for money though their time is over. One with an attempt that may still be paid is left out (closing that comes
 * first) until `graceMs` have passed as well.
 */
export async function findOrdersToExpire(
  db: Queries,
  now: number,
  graceMs: number,
  limit: number,
): Promise<readonly OrderKey[]> {
  return db.query<OrderKey>(
    `select o.station_number as "stationNumber", o.order_id as "orderId" from orders o
     where o.state = 'placed' and o.expires_at <= to_timestamp($1::bigint / 1000.0)
       and (o.expires_at < to_timestamp(($1::bigint - $2::bigint) / 1000.0)
         or not exists (select from payment_attempts a where a.station_number = o.station_number and a.order_id = o.order_id
                        and a.state in ('created', 'pending')))
     order by o.expires_at limit $3`,
    [now, graceMs, limit],
  );
}
