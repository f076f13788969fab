import type { Queries, Transaction } from '../database/database.ts';
import type { Permit } from './permit.ts';
import { makePermitKey, openPermitKey, type PermitKey } from './permit-token.ts';

type KeyRow = { key_id: number; private_key_pkcs8: Uint8Array; public_key_raw: Uint8Array };

/** The chain's permit keys, newest last; the first is made where there is none. Nodes that start at once agree on one. */
export async function openPermitKeys(db: Queries): Promise<readonly PermitKey[]> {
  const found = await findPermitKeys(db);
  if (found.length > 0) return found;
  const fresh = makePermitKey(1);
  await db.query(
    'insert into permit_keys (key_id, private_key_pkcs8, public_key_raw) values ($1, $2, $3) on conflict do nothing',
    [fresh.keyId, fresh.privateKeyPkcs8, fresh.publicKeyRaw],
  );
  return findPermitKeys(db);
}

async function findPermitKeys(db: Queries): Promise<readonly PermitKey[]> {
  const rows = await db.query<KeyRow>(
    'select key_id, private_key_pkcs8, public_key_raw from permit_keys order by key_id',
  );
  return rows.map((row) =>
    openPermitKey({ keyId: row.key_id, privateKeyPkcs8: row.private_key_pkcs8, publicKeyRaw: row.public_key_raw }),
  );
}

const columns = `
  p.station_number as "stationNumber", p.order_id as "orderId", p.permit_id as "permitId", p.attempt_ref as "attemptRef",
  p.key_id as "keyId", p.token, p.short_code as "shortCode", p.issued_at as "issuedAt", p.expires_at as "expiresAt", p.state,
  p.state_at as "stateAt"`;

/** The permits of these orders; an order without one is left out. */
export async function findPermits(
  db: Queries,
  orders: readonly { readonly stationNumber: number; readonly orderId: string }[],
): Promise<readonly Permit[]> {
  return db.query<Permit>(
    `select ${columns} from unnest($1::integer[], $2::text[]) as k (station_number, order_id)
     join permits p using (station_number, order_id)`,
    [orders.map((order) => order.stationNumber), orders.map((order) => order.orderId)],
  );
}

/** Orders whose station promised the slip, and none is out though the promised time is over, nor is it known that the driver was fuelled without. */
export async function findUndelivered(
  db: Queries,
  now: number,
  limit: number,
): Promise<readonly { readonly stationNumber: number; readonly orderId: string }[]> {
  return db.query(
    `select p.station_number as "stationNumber", p.order_id as "orderId"
     from delivery_promises s join permits p using (station_number)
     where p.state in ('issued', 'sent', 'undeliverable') and p.issued_at >= s.made_at
       and p.issued_at <= to_timestamp($1::bigint / 1000.0) - s.within_ms * interval '1 millisecond'
       and not exists (select from dispenses d where d.station_number = p.station_number and d.order_id = p.order_id)
     order by p.issued_at limit $2`,
    [now, limit],
  );
}

export type PermitName = { readonly stationNumber: number; readonly permitId: string };

/** The orders that these permits belong to. */
export async function findPermitOrders(
  db: Queries,
  permits: readonly PermitName[],
): Promise<readonly (PermitName & { readonly orderId: string })[]> {
  return db.query<PermitName & { orderId: string }>(
    `select p.station_number as "stationNumber", p.permit_id as "permitId", p.order_id as "orderId"
     from unnest($1::integer[], $2::text[]) as k (station_number, permit_id) join permits p using (station_number, permit_id)`,
    [permits.map((permit) => permit.stationNumber), permits.map((permit) => permit.permitId)],
  );
}

/** Stores permits. A second one for an order is refused by the primary key. */
export async function insertPermits(tx: Transaction, permits: readonly Permit[]): Promise<void> {
  if (permits.length === 0) return;
  await tx.query(
    `insert into permits (station_number, order_id, permit_id, attempt_ref, key_id, token, short_code, issued_at, expires_at, state, state_at)
     select "stationNumber", "orderId", "permitId", "attemptRef", "keyId", token, "shortCode", to_timestamp("issuedAt" / 1000.0),
       to_timestamp("expiresAt" / 1000.0), state, to_timestamp("stateAt" / 1000.0)
     from jsonb_to_recordset($1::jsonb) as r ("stationNumber" integer, "orderId" text, "permitId" text, "attemptRef" text,
       "keyId" smallint, token text, "shortCode" text, "issuedAt" bigint, "expiresAt" bigint, state text, "stateAt" bigint)`,
    [JSON.stringify(permits)],
  );
}

export async function updatePermitStates(tx: Transaction, permits: readonly Permit[]): Promise<void> {
  if (permits.length === 0) return;
  await tx.query(
    `update permits p set state = r.state, state_at = to_timestamp("stateAt" / 1000.0)
     from jsonb_to_recordset($1::jsonb) as r ("stationNumber" integer, "orderId" text, state text, "stateAt" bigint)
     where p.station_number = "stationNumber" and p.order_id = "orderId"`,
    [JSON.stringify(permits)],
  );
}
