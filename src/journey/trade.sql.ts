import type { Queries } from '../database/database.ts';
import type { PermitReport } from '../permit/report.sql.ts';

/** One line of the trade's own report: an order whose payment, permit and paper do not belong together. Times in ms since 1970. */
export type TradeLine = {
  readonly stationNumber: number;
  readonly orderId: string;
  /** The attempt where money has no permit, else the permit. */
  readonly reference: string;
  readonly at: number;
  readonly amountMinor: number;
  readonly currency: string;
};

export const tradeKinds = [
  'paid_without_permit',
  'permit_without_payment',
  'printed_without_permit',
  'permit_never_printed',
] as const;
export type TradeKind = (typeof tradeKinds)[number];

/** Permits of the account's payments, each with its order. */
const permits = `permits p join payment_attempts a on a.station_number = p.station_number and a.attempt_ref = p.attempt_ref`;
const paper = `terminal_reports t where t.station_number = p.station_number and t.permit_id = p.permit_id and t.state in ('printed', 'processed')`;
const from = 'to_timestamp($3::bigint / 1000.0)';
const until = 'to_timestamp($4::bigint / 1000.0)';
/** Permits that were revoked longer before the day are not printed any more: terminals forget them sooner. */
const revokedDays = 31;

/** Each gives what breaks one rule within a time, the columns of `TradeLine` in their order. */
const questions: Readonly<Record<TradeKind, string>> = {
  paid_without_permit: `
    select a.station_number, a.order_id, a.attempt_ref as reference, a.paid_at as at, a.paid_minor, a.currency from payment_attempts a
    where a.provider = $1 and a.merchant_id = $2 and a.paid_at >= ${from} and a.paid_at < ${until}
      and a.state in ('paid', 'partly_refunded') and a.paid_minor > 0
      and not exists (select from permits p where p.station_number = a.station_number and p.order_id = a.order_id and p.attempt_ref = a.attempt_ref
                      and p.state <> 'revoked')
      and a.paid_minor > a.refunded_minor
        + coalesce((select sum(r.amount_minor) from refunds r where r.station_number = a.station_number and r.order_id = a.order_id
                      and r.attempt_ref = a.attempt_ref and r.state in ('due', 'requested')), 0)`,
  permit_without_payment: `
    select p.station_number, p.order_id, p.permit_id as reference, p.issued_at as at, a.paid_minor, a.currency from ${permits}
    where a.provider = $1 and a.merchant_id = $2 and p.issued_at >= ${from} and p.issued_at < ${until} and p.state <> 'revoked'
      and (a.paid_minor = 0 or a.state not in ('paid', 'partly_refunded', 'refunded') or (a.state = 'refunded' and p.state <> 'redeemed'))`,
  printed_without_permit: `
    select p.station_number, p.order_id, p.permit_id as reference, min(t.reported_at) as at, max(a.paid_minor) as paid_minor, max(a.currency) as currency
    from ${permits} join terminal_reports t on t.station_number = p.station_number and t.permit_id = p.permit_id
    where a.provider = $1 and a.merchant_id = $2 and p.state = 'revoked' and p.state_at >= ${from} - interval '${revokedDays} days' and p.state_at < ${until}
      and t.state in ('printed', 'processed') and t.reported_at > p.state_at and t.reported_at >= ${from} and t.reported_at < ${until}
    group by p.station_number, p.order_id, p.permit_id`,
  permit_never_printed: `
    select p.station_number, p.order_id, p.permit_id as reference, p.issued_at as at, a.paid_minor, a.currency from ${permits}
    where a.provider = $1 and a.merchant_id = $2 and p.issued_at >= ${from} and p.issued_at < ${until}
      and p.state not in ('printed', 'processed', 'redeemed', 'revoked') and not exists (select from ${paper})`,
};

export type TradeWish = {
  readonly provider: string;
  readonly merchantId: string;
  readonly from: number;
  readonly until: number;
};

/** The next page of what breaks one rule, in the order of stations and orders. */
export async function findTradeLines(
  db: Queries,
  kind: TradeKind,
  wish: TradeWish,
  last: Pick<TradeLine, 'stationNumber' | 'orderId' | 'reference'> | null,
  limit: number,
): Promise<readonly TradeLine[]> {
  return db.query<TradeLine>(
    `select station_number as "stationNumber", order_id as "orderId", reference, at, paid_minor as "amountMinor", currency from (${questions[kind]}) as q
     where (station_number, order_id, reference) > ($5::integer, $6::text, $7::text) order by station_number, order_id, reference limit $8`,
    [
      wish.provider,
      wish.merchantId,
      wish.from,
      wish.until,
      last?.stationNumber ?? 0,
      last?.orderId ?? '',
      last?.reference ?? '',
      limit,
    ],
  );
}

export type ReportLine = Pick<PermitReport, 'permitId' | 'state' | 'reportedAt' | 'deviceId'>;

/** What the stations' devices reported of these permits, oldest first. */
export async function findReportsOf(
  db: Queries,
  wanted: readonly { readonly stationNumber: number; readonly permitId: string }[],
): Promise<readonly ReportLine[]> {
  return db.query<ReportLine>(
    `select t.permit_id as "permitId", t.state, t.reported_at as "reportedAt", t.device_id as "deviceId"
     from unnest($1::integer[], $2::text[]) as k (station_number, permit_id) join terminal_reports t using (station_number, permit_id)
     order by t.reported_at, t.report_id`,
    [wanted.map((one) => one.stationNumber), wanted.map((one) => one.permitId)],
  );
}
