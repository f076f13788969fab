import type { Queries, Transaction } from '../database/database.ts';
import type { OrderKey } from '../order/order.ts';
import type { Claim } from './claim.ts';
import type { Refund } from './refund.ts';

const columns = `
  r.station_number as "stationNumber", r.refund_ref as "refundRef", r.order_id as "orderId", r.attempt_ref as "attemptRef",
  r.provider, r.reason, r.amount_minor as "amountMinor", r.currency, r.state, r.due_at as "dueAt",
  r.next_try_at as "nextTryAt", r.tries, r.finished_at as "finishedAt", r.promised_by as "promisedBy", r.note,
  r.ordered_by as "orderedBy", r.overridden, r.idempotency_key as "idempotencyKey", r.bounces`;

/** Stores refunds: a new one whole, a known one's progress. Amount and reason of a known one never change. */
export async function saveRefunds(tx: Transaction, refunds: readonly Refund[]): Promise<void> {
  if (refunds.length === 0) return;
  await tx.query(
    `insert into refunds (station_number, refund_ref, order_id, attempt_ref, provider, reason, amount_minor, currency, state, due_at,
       next_try_at, tries, finished_at, promised_by, note, ordered_by, overridden, idempotency_key, bounces)
     select "stationNumber", "refundRef", "orderId", "attemptRef", provider, reason, "amountMinor", currency, state,
       to_timestamp("dueAt" / 1000.0), to_timestamp("nextTryAt" / 1000.0), tries, to_timestamp("finishedAt" / 1000.0),
       to_timestamp("promisedBy" / 1000.0), note, "orderedBy", overridden, "idempotencyKey", bounces
     from jsonb_to_recordset($1::jsonb) as n ("stationNumber" integer, "refundRef" text, "orderId" text, "attemptRef" text,
       provider text, reason text, "amountMinor" bigint, currency text, state text, "dueAt" bigint, "nextTryAt" bigint,
       tries integer, "finishedAt" bigint, "promisedBy" bigint, note text, "orderedBy" text, overridden boolean, "idempotencyKey" text, bounces integer)
     on conflict (station_number, refund_ref) do update set state = excluded.state, next_try_at = excluded.next_try_at,
       tries = excluded.tries, finished_at = excluded.finished_at, bounces = excluded.bounces`,
    [JSON.stringify(refunds)],
  );
}

export async function findRefunds(db: Queries, keys: readonly OrderKey[]): Promise<readonly Refund[]> {
  return db.query<Refund>(
    `select ${columns} from unnest($1::integer[], $2::text[]) as k (station_number, order_id)
     join refunds r using (station_number, order_id) order by r.refund_ref`,
    [keys.map((key) => key.stationNumber), keys.map((key) => key.orderId)],
  );
}

/** Takes refunds whose next try has come, and puts it off by `leaseMs`, so that no other node takes them meanwhile. */
export async function claimRefundsToTry(
  db: Queries,
  { now, leaseMs, limit, services, others }: Claim,
): Promise<readonly Refund[]> {
  return db.query<Refund>(
    `update refunds r set next_try_at = to_timestamp(($1::bigint + $2::bigint) / 1000.0)
     from (select station_number, refund_ref from refunds
           where next_try_at <= to_timestamp($1::bigint / 1000.0) and (provider = any($4::text[])) <> $5::boolean
           order by next_try_at limit $3 for update skip locked) as due
     where r.station_number = due.station_number and r.refund_ref = due.refund_ref
     returning ${columns}`,
    [now, leaseMs, limit, services, others],
  );
}

/** Sets when an unfinished refund is tried next. */
export async function saveRefundTries(db: Queries, refund: Refund): Promise<void> {
  await db.query(
    `update refunds set tries = $3, next_try_at = to_timestamp($4::bigint / 1000.0)
     where station_number = $1 and refund_ref = $2 and state in ('due', 'requested', 'abnormal')`,
    [refund.stationNumber, refund.refundRef, refund.tries, refund.nextTryAt],
  );
}

export type RefundedPayment = {
  readonly provider: string;
  readonly merchantId: string;
  readonly appId: string;
  readonly providerPaymentId: string | null;
  readonly paidMinor: number;
};

/** The payment that a refund gives back. */
export async function findPaymentOf(
  db: Queries,
  refund: Pick<Refund, 'stationNumber' | 'attemptRef'>,
): Promise<RefundedPayment> {
  const [row] = await db.query<RefundedPayment>(
    `select provider, merchant_id as "merchantId", app_id as "appId", provider_payment_id as "providerPaymentId", paid_minor as "paidMinor" from payment_attempts
     where station_number = $1 and attempt_ref = $2`,
    [refund.stationNumber, refund.attemptRef],
  );
  if (row === undefined) throw new Error(`attempt ${refund.attemptRef} is gone though it is to be refunded`);
  return row;
}
