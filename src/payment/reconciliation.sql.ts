import type { Queries } from '../database/database.ts';
import type { BillPair } from './bill-match.ts';

/** Whose bills they are, for the questions below. */
type Owner = { readonly provider: string; readonly merchantId: string };

/** Bills that count: the newest whole reading of each day of the account. */
const currentRows = `bill_rows o join bill_days d on d.reading_id = o.reading_id and d.provider = $2 and d.merchant_id = $3`;

/**
 * Of a refund that we have no row for: what the service told us as gone back of its payment without naming it, less what earlier such rows have used up.
 */
const namelessMinor = `
  greatest(0, least(b.amount_minor, a.refunded_minor
    - coalesce((select sum(s.amount_minor) from refunds s
                where s.station_number = a.station_number and s.order_id = a.order_id and s.attempt_ref = a.attempt_ref and s.state = 'succeeded'), 0)
    - coalesce((select sum(o.amount_minor) from ${currentRows}
                where o.station_number = b.station_number and o.attempt_ref = b.attempt_ref and o.kind = 'refund'
                  and (d.day, o.amount_minor, o.at, o.row_ref) < ($4::date, b.amount_minor, b.at, b.row_ref)
                  and not exists (select from refunds n where n.station_number = o.station_number and n.refund_ref = o.row_ref)), 0)))::bigint`;

/** Of several rows of one payment that one counts which is nearest to what we hold, whatever order they stand in; the others are too many. */
const closeness = (row: string): string =>
  `abs(${row}.amount_minor - coalesce(r.amount_minor, a.paid_minor, 0)), ${row}.amount_minor, ${row}.at, coalesce(${row}.fee_minor, 0)`;

/** A refund that came back was done before, which is what the row of it says. */
const refundState = `case when r.bounces > 0 then 'succeeded' else r.state end`;

const bounced = `
  (select jsonb_build_object('refundRef', x.refund_ref, 'isKnown', x.bounces > 0 or x.state = 'abnormal') from refunds x
   where x.station_number = a.station_number and x.order_id = a.order_id and x.attempt_ref = a.attempt_ref and x.amount_minor = b.amount_minor
     and x.currency = b.currency order by x.bounces > 0 or x.state = 'abnormal' desc, x.refund_ref limit 1)`;

const pairColumns = `
  b.station_number as "stationNumber", b.line_number as "lineNumber", b.kind, b.attempt_ref as "attemptRef", b.row_ref as "rowRef",
  b.provider_payment_id as "providerPaymentId", b.amount_minor as "amountMinor", b.currency, b.fee_minor as "feeMinor", b.at,
  b.refund_state as "refundState", b.description,
  b.kind <> 'other' and coalesce((select true from ${currentRows}
    where o.station_number = b.station_number and o.attempt_ref = b.attempt_ref and o.kind = b.kind and o.row_ref = b.row_ref
      and (d.day, ${closeness('o')}, o.line_number) < ($4::date, ${closeness('b')}, b.line_number) limit 1), false) as "isRepeated",
  case when a.attempt_ref is null then null
    else jsonb_build_object('provider', a.provider, 'merchantId', a.merchant_id, 'appId', a.app_id, 'orderId', a.order_id, 'state', a.state,
      'paidMinor', a.paid_minor, 'currency', a.currency) end as attempt,
  case when r.refund_ref is null then null
    else jsonb_build_object('amountMinor', r.amount_minor, 'currency', r.currency, 'state', ${refundState}) end as refund,
  case when b.kind = 'other' and b.amount_minor > 0 and a.attempt_ref is not null then ${bounced} end as bounced,
  case when f.debit_account like 'fees:%' then f.amount_minor else 0 - f.amount_minor end as "feeBookedMinor",
  case when u.transfer_id is null then null else jsonb_build_object('minor', u.amount_minor, 'currency', u.currency) end as unmatched,
  case when b.kind = 'refund' and r.refund_ref is null and a.attempt_ref is not null then ${namelessMinor} else 0 end as "namelessMinor"`;

const pairs = `
  from bill_rows b
  left join payment_attempts a on a.station_number = b.station_number and a.attempt_ref = b.attempt_ref
  left join refunds r on b.kind = 'refund' and r.station_number = b.station_number and r.refund_ref = b.row_ref
  left join ledger_transfers f on f.station_number = b.station_number and f.transfer_id = 'fee:' || $2 || ':' || b.row_ref
  left join ledger_transfers u on b.kind = 'payment' and u.station_number = b.station_number and u.transfer_id = 'unmatched:' || $2 || ':' || b.attempt_ref
  where b.reading_id = $1 and b.line_number between $5 and $6`;

export type Lines = { readonly readingId: number; readonly day: string; readonly from: number; readonly to: number };

const pairValues = (owner: Owner, lines: Lines) => [
  lines.readingId,
  owner.provider,
  owner.merchantId,
  lines.day,
  lines.from,
  lines.to,
];

/** Some lines of a bill, each beside what we hold of it. */
export async function findPairs(db: Queries, owner: Owner, lines: Lines): Promise<readonly BillPair[]> {
  return db.query<BillPair>(`select ${pairColumns} ${pairs} order by b.line_number`, pairValues(owner, lines));
}

/** Of these lines those that may tell what we do not know: a payment of ours that is not paid here, a refund of ours that is not done here. */
export async function findPairsWithNews(db: Queries, owner: Owner, lines: Lines): Promise<readonly BillPair[]> {
  return db.query<BillPair>(
    `select ${pairColumns} ${pairs} and b.station_number > 0
       and ((b.kind = 'payment' and a.attempt_ref is null and u.transfer_id is null)
         or (a.provider = $2 and a.merchant_id = $3
           and ((b.kind = 'payment' and a.state in ('created', 'pending', 'failed', 'closed'))
             or (b.kind = 'refund' and ${refundState} is distinct from 'succeeded')
             or (b.kind = 'other' and b.amount_minor > 0))))
     order by b.line_number`,
    pairValues(owner, lines),
  );
}

export type HeldKey = { readonly at: number; readonly reference: string };

/** What we hold as paid, or as gone back, and whether a bill has it. Times in ms since 1970. */
export type HeldMoney = HeldKey & {
  readonly stationNumber: number;
  readonly orderId: string;
  readonly attemptRef: string;
  readonly amountMinor: number;
  readonly currency: string;
  /** From when on a bill may have it. */
  readonly since: number;
  readonly isThere: boolean;
};

export type Window = { readonly from: number; readonly until: number };

/** By index for each row: `exists` lets PostgreSQL read every bill there is for each page, as long as it does not know how many rows they have. */
const isThere = (kind: 'payment' | 'refund', reference: string): string => `
  coalesce((select true from bill_rows o join bill_days d on d.reading_id = o.reading_id and d.provider = $1 and d.merchant_id = $2
            where o.station_number = h.station_number and o.attempt_ref = h.attempt_ref and o.kind = '${kind}' and o.row_ref = h.${reference}
            limit 1), false) as "isThere"`;

const windowValues = (owner: Owner, window: Window, last: HeldKey | null, limit: number) => [
  owner.provider,
  owner.merchantId,
  // A page begins where the last one ended, so that no page walks through those before it.
  Math.max(window.from, last?.at ?? 0),
  window.until,
  last?.at ?? 0,
  last?.reference ?? '',
  limit,
];

/** The next page of the payments that we hold as paid in a time, in its order. */
export async function findHeldPayments(
  db: Queries,
  owner: Owner,
  window: Window,
  last: HeldKey | null,
  limit: number,
): Promise<readonly HeldMoney[]> {
  return db.query<HeldMoney>(
    `select h.paid_at as at, h.attempt_ref as reference, h.station_number as "stationNumber", h.order_id as "orderId",
       h.attempt_ref as "attemptRef", h.paid_minor as "amountMinor", h.currency, h.paid_at as since, ${isThere('payment', 'attempt_ref')}
     from payment_attempts h
     where h.provider = $1 and h.merchant_id = $2 and h.state in ('paid', 'partly_refunded', 'refunded') and h.paid_minor > 0
       and h.paid_at >= to_timestamp($3::bigint / 1000.0) and h.paid_at < to_timestamp($4::bigint / 1000.0)
       and (h.paid_at, h.attempt_ref) > (to_timestamp($5::bigint / 1000.0), $6::text)
     order by h.paid_at, h.attempt_ref limit $7`,
    windowValues(owner, window, last, limit),
  );
}

/** The same of refunds that we hold as done. */
export async function findHeldRefunds(
  db: Queries,
  owner: Owner,
  window: Window,
  last: HeldKey | null,
  limit: number,
): Promise<readonly HeldMoney[]> {
  return db.query<HeldMoney>(
    `select h.finished_at as at, h.refund_ref as reference, h.station_number as "stationNumber", h.order_id as "orderId",
       h.attempt_ref as "attemptRef", h.amount_minor as "amountMinor", h.currency, h.due_at as since, ${isThere('refund', 'refund_ref')}
     from refunds h join payment_attempts a on a.station_number = h.station_number and a.attempt_ref = h.attempt_ref
     where a.provider = $1 and a.merchant_id = $2 and h.state = 'succeeded'
       and h.finished_at >= to_timestamp($3::bigint / 1000.0) and h.finished_at < to_timestamp($4::bigint / 1000.0)
       and (h.finished_at, h.refund_ref) > (to_timestamp($5::bigint / 1000.0), $6::text)
     order by h.finished_at, h.refund_ref limit $7`,
    windowValues(owner, window, last, limit),
  );
}

/**
 * Whose money we hold of a time, by service and merchant: an account that nobody opens any more must not be forgotten. Steps from owner to owner along the
 * index, since there are few of them and very many payments.
 */
export async function findPaidOwners(
  db: Queries,
  window: Window,
): Promise<readonly (Owner & { readonly paymentCount: number })[]> {
  return db.query<Owner & { paymentCount: number }>(
    `with recursive owners as (
       (select provider, merchant_id from payment_attempts where paid_at is not null order by provider, merchant_id limit 1)
       union all
       select n.provider, n.merchant_id from owners o cross join lateral (
         select provider, merchant_id from payment_attempts a
         where a.paid_at is not null and (a.provider, a.merchant_id) > (o.provider, o.merchant_id)
         order by provider, merchant_id limit 1) as n)
     select provider, merchant_id as "merchantId", "paymentCount" from owners o cross join lateral (
       select count(*) as "paymentCount" from payment_attempts a
       where a.provider = o.provider and a.merchant_id = o.merchant_id and a.paid_minor > 0
         and a.paid_at >= to_timestamp($1::bigint / 1000.0) and a.paid_at < to_timestamp($2::bigint / 1000.0)) as paid
     where "paymentCount" > 0 order by provider, merchant_id`,
    [window.from, window.until],
  );
}
