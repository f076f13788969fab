import type { Queries, Transaction } from '../database/database.ts';

/** What a station's device did with a permit, as its terminal told it. Times in ms since 1970. */
export type PermitReport = {
  readonly stationNumber: number;
  readonly reportId: string;
  readonly permitId: string;
  readonly state: 'sent' | 'printed' | 'processed' | 'unconfirmed' | 'undeliverable';
  readonly reason: string | null;
  readonly deviceId: string;
  readonly deviceRef: string | null;
  readonly reportedAt: number;
  readonly receivedAt: number;
};

/** Keeps reports; gives `station report` keys of those that were new. */
export async function insertReports(tx: Transaction, reports: readonly PermitReport[]): Promise<ReadonlySet<string>> {
  if (reports.length === 0) return new Set();
  const rows = await tx.query<{ key: string }>(
    `insert into terminal_reports (station_number, report_id, permit_id, state, reason, device_id, device_ref, reported_at, received_at)
     select "stationNumber", "reportId", "permitId", state, reason, "deviceId", "deviceRef", to_timestamp("reportedAt" / 1000.0),
       to_timestamp("receivedAt" / 1000.0)
     from jsonb_to_recordset($1::jsonb) as r ("stationNumber" integer, "reportId" text, "permitId" text, state text, reason text,
       "deviceId" text, "deviceRef" text, "reportedAt" bigint, "receivedAt" bigint)
     order by "stationNumber", "reportId"
     on conflict (station_number, report_id) do nothing
     returning station_number || ' ' || report_id as key`,
    [JSON.stringify(reports)],
  );
  return new Set(rows.map((row) => row.key));
}

/** What was reported of a permit, oldest first. */
export async function findReports(
  db: Queries,
  stationNumber: number,
  permitId: string,
): Promise<readonly PermitReport[]> {
  return db.query<PermitReport>(
    `select station_number as "stationNumber", report_id as "reportId", permit_id as "permitId", state, reason, device_id as "deviceId",
       device_ref as "deviceRef", reported_at as "reportedAt", received_at as "receivedAt"
     from terminal_reports where station_number = $1 and permit_id = $2 order by reported_at, report_id`,
    [stationNumber, permitId],
  );
}
