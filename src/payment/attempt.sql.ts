import type { Queries, Transaction } from '../database/database.ts';
import type { OrderKey } from '../order/order.ts';
import type { Attempt, AttemptState } from './attempt.ts';
import type { Claim } from './claim.ts';

const columns = `
  a.station_number as "stationNumber", a.order_id as "orderId", a.attempt_ref as "attemptRef",
  a.idempotency_key as "idempotencyKey", a.provider, a.surface, a.merchant_id as "merchantId", a.app_id as "appId", a.state, a.unknown, a.amount_minor as "amountMinor",
  a.currency, a.payer, a.provider_ref as "providerRef", a.next_action as "nextAction",
  a.next_expires_at as "nextExpiresAt", a.created_at as "createdAt", a.expires_at as "expiresAt",
  a.provider_payment_id as "providerPaymentId", a.paid_at as "paidAt", a.paid_minor as "paidMinor",
  a.refunded_minor as "refundedMinor", a.integrity, a.abandoned, a.may_be_paid_until as "mayBePaidUntil",
  a.poll_at as "pollAt", a.polls`;

export async function insertAttempts(tx: Transaction, attempts: readonly Attempt[]): Promise<void> {
  if (attempts.length === 0) return;
  await tx.query(
    `insert into payment_attempts (station_number, order_id, attempt_ref, idempotency_key, provider, surface, merchant_id,
       app_id, state, unknown,
       amount_minor, currency, payer, created_at, expires_at, poll_at)
     select "stationNumber", "orderId", "attemptRef", "idempotencyKey", provider, surface, "merchantId", "appId", state, unknown, "amountMinor",
       currency, payer, to_timestamp("createdAt" / 1000.0), to_timestamp("expiresAt" / 1000.0), to_timestamp("pollAt" / 1000.0)
     from jsonb_to_recordset($1::jsonb) as r ("stationNumber" integer, "orderId" text, "attemptRef" text,
       "idempotencyKey" text, provider text, surface text, "merchantId" text, "appId" text, state text, unknown boolean, "amountMinor" bigint, currency text,
       payer jsonb, "createdAt" bigint, "expiresAt" bigint, "pollAt" bigint)`,
    [JSON.stringify(attempts)],
  );
}

/**
 * Writes what facts change. What the driver does next is left alone: only the answer to `create` knows that, and it is written without the
 * order's lock, so that a settlement that read the row before it must not take it back.
 */
export async function updateAttempts(tx: Transaction, attempts: readonly Attempt[]): Promise<void> {
  if (attempts.length === 0) return;
  await tx.query(
    `update payment_attempts a set state = r.state, unknown = r.unknown, provider_payment_id = "providerPaymentId",
       paid_at = to_timestamp("paidAt" / 1000.0), paid_minor = "paidMinor", refunded_minor = "refundedMinor",
       integrity = r.integrity, abandoned = r.abandoned, poll_at = to_timestamp("pollAt" / 1000.0), polls = r.polls
     from jsonb_to_recordset($1::jsonb) as r ("stationNumber" integer, "attemptRef" text, state text, unknown boolean,
       "providerPaymentId" text, "paidAt" bigint, "paidMinor" bigint, "refundedMinor" bigint, integrity text, abandoned boolean, "pollAt" bigint, polls integer)
     where a.station_number = "stationNumber" and a.attempt_ref = "attemptRef"`,
    [JSON.stringify(attempts)],
  );
}

/** All attempts of these orders, oldest first. */
export async function findAttempts(db: Queries, keys: readonly OrderKey[]): Promise<readonly Attempt[]> {
  return db.query<Attempt>(
    `select ${columns} from unnest($1::integer[], $2::text[]) as k (station_number, order_id)
     join payment_attempts a using (station_number, order_id) order by a.attempt_ref`,
    [keys.map((key) => key.stationNumber), keys.map((key) => key.orderId)],
  );
}

/**
 * Takes attempts whose time to be asked for has come, and puts that time off by `leaseMs`, so that no other node takes them meanwhile
 * and a node that dies loses nothing.
 */
export async function claimAttemptsToPoll(
  db: Queries,
  { now, leaseMs, limit, services, others }: Claim,
): Promise<readonly Attempt[]> {
  return db.query<Attempt>(
    `update payment_attempts a set poll_at = to_timestamp(($1::bigint + $2::bigint) / 1000.0)
     from (select station_number, attempt_ref from payment_attempts
           where poll_at <= to_timestamp($1::bigint / 1000.0) and (provider = any($4::text[])) <> $5::boolean
           order by poll_at limit $3 for update skip locked) as due
     where a.station_number = due.station_number and a.attempt_ref = due.attempt_ref
     returning ${columns}`,
    [now, leaseMs, limit, services, others],
  );
}

/** What calling the payment service gave, for an attempt that is still as it was created. */
export type CreateOutcome = Pick<
  Attempt,
  'stationNumber' | 'attemptRef' | 'state' | 'unknown' | 'providerRef' | 'nextAction' | 'nextExpiresAt' | 'pollAt'
>;

/**
 * Writes down the answers to `create`, and gives the states in which the attempts now are, by reference. An attempt that a faster
 * notification or a close has moved on keeps its state, and one call's silence never takes away what another was given.
 */
export async function recordCreateOutcomes(
  db: Queries,
  outcomes: readonly CreateOutcome[],
): Promise<ReadonlyMap<string, AttemptState>> {
  const rows = await db.query<Pick<Attempt, 'attemptRef' | 'state'>>(
    `update payment_attempts a set state = case when a.state = 'created' then r.state else a.state end,
       unknown = case when a.state = 'created' then r.unknown else a.unknown end,
       poll_at = case when a.state = 'created' then to_timestamp("pollAt" / 1000.0) else a.poll_at end,
       provider_ref = coalesce("providerRef", a.provider_ref),
       next_action = case when a.state in ('created', 'pending') then coalesce("nextAction", a.next_action) else a.next_action end,
       next_expires_at = case when a.state in ('created', 'pending')
         then coalesce(to_timestamp("nextExpiresAt" / 1000.0), a.next_expires_at) else a.next_expires_at end
     from jsonb_to_recordset($1::jsonb) as r ("stationNumber" integer, "attemptRef" text, state text, unknown boolean, "pollAt" bigint,
       "providerRef" text, "nextAction" jsonb, "nextExpiresAt" bigint)
     where a.station_number = "stationNumber" and a.attempt_ref = "attemptRef"
     returning a.attempt_ref as "attemptRef", a.state`,
    [JSON.stringify(outcomes)],
  );
  return new Map(rows.map((row) => [row.attemptRef, row.state]));
}

export type NextPoll = Pick<Attempt, 'stationNumber' | 'attemptRef' | 'polls'> & {
  readonly pollAt: number;
  /** Until when the attempt was taken by who asked for it. */
  readonly leasedUntil: number | null;
};

/**
 * Sets when attempts that are still open are asked for next. Where somebody meanwhile had one asked about sooner (`askSoon`, a payment by another
 * attempt), that stands.
 */
export async function schedulePolls(db: Queries, polls: readonly NextPoll[]): Promise<void> {
  if (polls.length === 0) return;
  await db.query(
    `update payment_attempts a set polls = r.polls, poll_at = to_timestamp("pollAt" / 1000.0)
     from (select * from jsonb_to_recordset($1::jsonb)
             as n ("stationNumber" integer, "attemptRef" text, polls integer, "pollAt" bigint, "leasedUntil" bigint)
           order by "stationNumber", "attemptRef") as r
     where a.station_number = "stationNumber" and a.attempt_ref = "attemptRef" and a.state in ('created', 'pending')
       and a.poll_at = to_timestamp("leasedUntil" / 1000.0)`,
    [JSON.stringify(polls)],
  );
}

/** An open attempt whose next question is this far away, or farther, may be asked about sooner: no more often than its schedule began with. */
const soonMs = 3_000;

/** Has the open attempt of an order be asked about at once: the driver is back from the cashier, which proves nothing and is a reason to ask. */
export async function askSoon(db: Queries, { stationNumber, orderId }: OrderKey, now: number): Promise<void> {
  await db.query(
    `update payment_attempts set poll_at = to_timestamp($3::bigint / 1000.0)
     where station_number = $1 and order_id = $2 and state in ('created', 'pending')
       and poll_at > to_timestamp(($3::bigint + $4::bigint) / 1000.0)`,
    [stationNumber, orderId, now, soonMs],
  );
}

export type LastLook = Pick<Attempt, 'stationNumber' | 'attemptRef' | 'mayBePaidUntil' | 'pollAt'>;

/**
 * Sets when attempts that are closed though the service does not know them are looked at again; null: never again. A `create` may have been
 * on its way when the service said so, or a payer may hold a code that makes the payment only when he scans it. What was paid is left alone.
 */
export async function scheduleLastLooks(db: Queries, looks: readonly LastLook[]): Promise<void> {
  if (looks.length === 0) return;
  await db.query(
    `update payment_attempts a set poll_at = to_timestamp("pollAt" / 1000.0), may_be_paid_until = to_timestamp("mayBePaidUntil" / 1000.0)
     from jsonb_to_recordset($1::jsonb) as r ("stationNumber" integer, "attemptRef" text, "mayBePaidUntil" bigint, "pollAt" bigint)
     where a.station_number = "stationNumber" and a.attempt_ref = "attemptRef" and a.state in ('created', 'pending', 'failed', 'closed')`,
    [JSON.stringify(looks)],
  );
}
