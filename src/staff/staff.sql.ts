import type { Queries, Transaction } from '../database/database.ts';
import type { StaffAction } from './staff-action.ts';
import type { StaffMember } from './staff-member.ts';

const columns = `
  staff_id as "staffId", name, station_numbers as "stationNumbers", rights, added_at as "addedAt", removed_at as "removedAt"`;

export async function insertStaffMember(tx: Transaction, member: StaffMember, tokenSha256: Uint8Array): Promise<void> {
  await tx.query(
    `insert into staff_members (staff_id, name, station_numbers, rights, token_sha256, added_at)
     values ($1, $2, $3::integer[], $4::text[], $5::bytea, to_timestamp($6::bigint / 1000.0))`,
    [
      member.staffId,
      member.name,
      member.stationNumbers === null ? null : [...member.stationNumbers],
      [...member.rights],
      Buffer.from(tokenSha256),
      member.addedAt,
    ],
  );
}

/** Whom a token opens the door to: never one who was removed. Looked up anew at each call, so that a removal counts at once. */
export async function findStaffByToken(db: Queries, tokenSha256: Uint8Array): Promise<StaffMember | null> {
  const [member] = await db.query<StaffMember>(
    `select ${columns} from staff_members where token_sha256 = $1::bytea and removed_at is null`,
    [Buffer.from(tokenSha256)],
  );
  return member ?? null;
}

/** Members in the order in which they were added, at most `limit`; those who were removed only where they are asked for. */
export async function findStaff(
  db: Queries,
  wish: { readonly withRemoved: boolean },
  limit: number,
): Promise<readonly StaffMember[]> {
  return db.query<StaffMember>(
    `select ${columns} from staff_members where $1::boolean or removed_at is null order by added_at, staff_id limit $2`,
    [wish.withRemoved, limit],
  );
}

/** How many members are let in now. */
export async function countStaff(db: Queries): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    'select count(*) as count from staff_members where removed_at is null',
  );
  return row?.count ?? 0;
}

/** Shuts a member's token out from now on. Null where there is no such member or he was removed before. */
export async function removeStaffMember(tx: Transaction, staffId: string, at: number): Promise<StaffMember | null> {
  const [member] = await tx.query<StaffMember>(
    `update staff_members set removed_at = to_timestamp($2::bigint / 1000.0) where staff_id = $1 and removed_at is null returning ${columns}`,
    [staffId, at],
  );
  return member ?? null;
}

/** Adds lines to the audit trail. One that stands already is not written again. */
export async function insertStaffActions(db: Queries, actions: readonly StaffAction[]): Promise<void> {
  if (actions.length === 0) return;
  await db.query(
    `insert into staff_actions (station_number, action_id, at, kind, door, staff_id, done_by, order_id, before_minor, after_minor, currency, detail)
     select "stationNumber", "actionId", to_timestamp(at / 1000.0), kind, door, "staffId", by, "orderId", "beforeMinor", "afterMinor", currency, detail
     from jsonb_to_recordset($1::jsonb) as r ("stationNumber" integer, "actionId" text, at bigint, kind text, door text, "staffId" text,
       by text, "orderId" text, "beforeMinor" bigint, "afterMinor" bigint, currency text, detail jsonb)
     on conflict (station_number, action_id) do nothing`,
    [JSON.stringify(actions)],
  );
}

const actionColumns = `
  station_number as "stationNumber", action_id as "actionId", at, kind, door, staff_id as "staffId", done_by as by, order_id as "orderId",
  before_minor as "beforeMinor", after_minor as "afterMinor", currency, detail`;

/** What was done and tried with an order, newest first. */
export async function findOrderActions(
  db: Queries,
  { stationNumber, orderId }: { readonly stationNumber: number; readonly orderId: string },
  limit: number,
): Promise<readonly StaffAction[]> {
  return db.query<StaffAction>(
    `select ${actionColumns} from staff_actions where station_number = $1 and order_id = $2 order by at desc, action_id limit $3`,
    [stationNumber, orderId, limit],
  );
}

/** The newest lines of the trail, newest first. */
export async function findStaffActions(db: Queries, limit: number): Promise<readonly StaffAction[]> {
  return db.query<StaffAction>(
    `select ${actionColumns} from staff_actions order by at desc, station_number, action_id limit $1`,
    [limit],
  );
}
