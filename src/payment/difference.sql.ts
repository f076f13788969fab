import type { Queries, Transaction } from '../database/database.ts';
import type { BillSheet } from './bill.ts';
import type { DifferenceKind } from './difference.ts';
import type { Transfer } from './ledger.ts';

/** A difference as it is kept. Times in ms since 1970. */
export type Difference = {
  readonly stationNumber: number;
  readonly differenceId: string;
  readonly provider: string;
  readonly merchantId: string;
  readonly day: string;
  readonly kind: DifferenceKind;
  readonly reference: string;
  readonly orderId: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly foundAt: number;
  readonly seenAt: number;
  readonly resolvedAt: number | null;
  readonly explanations: readonly Explanation[];
};

export type Explanation = { readonly at: number; readonly by: string; readonly reason: string };

export type BaseKey = { readonly stationNumber: number; readonly baseId: string };
export type Occurrence = BaseKey & { readonly occurrence: number; readonly isResolved: boolean };

/** The latest occurrence of each of these, where there is one. */
export async function findOccurrences(tx: Transaction, keys: readonly BaseKey[]): Promise<readonly Occurrence[]> {
  return tx.query<Occurrence>(
    `select distinct on (d.station_number, d.base_id) d.station_number as "stationNumber", d.base_id as "baseId", d.occurrence,
       d.resolved_at is not null as "isResolved"
     from unnest($1::integer[], $2::text[]) as k (station_number, base_id) join differences d using (station_number, base_id)
     order by d.station_number, d.base_id, d.occurrence desc`,
    [keys.map((key) => key.stationNumber), keys.map((key) => key.baseId)],
  );
}

export type NewDifference = BaseKey &
  Omit<Difference, 'seenAt' | 'resolvedAt' | 'explanations'> & {
    readonly occurrence: number;
    readonly foundRun: number;
    readonly seenRun: number;
  };

export async function insertDifferences(tx: Transaction, differences: readonly NewDifference[]): Promise<void> {
  if (differences.length === 0) return;
  await tx.query(
    `insert into differences (station_number, difference_id, base_id, occurrence, provider, merchant_id, day, kind, reference, order_id, detail,
       found_at, found_run, seen_at, seen_run)
     select "stationNumber", "differenceId", "baseId", occurrence, provider, "merchantId", day, kind, reference, "orderId", detail,
       to_timestamp("foundAt" / 1000.0), "foundRun", to_timestamp("foundAt" / 1000.0), "seenRun"
     from jsonb_to_recordset($1::jsonb) as r ("stationNumber" integer, "differenceId" text, "baseId" text, occurrence integer, provider text,
       "merchantId" text, day date, kind text, reference text, "orderId" text, detail jsonb, "foundAt" bigint, "foundRun" integer,
       "seenRun" integer)`,
    [JSON.stringify(differences)],
  );
}

export type DifferenceKey = { readonly stationNumber: number; readonly differenceId: string };

/** They were found once more. */
export async function markSeen(
  tx: Transaction,
  keys: readonly DifferenceKey[],
  seen: { readonly at: number; readonly run: number },
): Promise<void> {
  if (keys.length === 0) return;
  await tx.query(
    `update differences d set seen_at = to_timestamp($3::bigint / 1000.0), seen_run = $4
     from unnest($1::integer[], $2::text[]) as k (station_number, difference_id)
     where d.station_number = k.station_number and d.difference_id = k.difference_id`,
    [keys.map((key) => key.stationNumber), keys.map((key) => key.differenceId), seen.at, seen.run],
  );
}

/** Ends the differences of a day that its run did not find any more, at most so many; gives their keys. */
export async function resolveUnseen(
  tx: Transaction,
  sheet: BillSheet,
  run: { readonly number: number; readonly now: number; readonly limit: number },
): Promise<readonly DifferenceKey[]> {
  return tx.query<DifferenceKey>(
    `update differences d set resolved_at = to_timestamp($5::bigint / 1000.0)
     from (select station_number, difference_id from differences
           where provider = $1 and merchant_id = $2 and day = $3::date and resolved_at is null and seen_run < $4
           limit $6) as gone
     where d.station_number = gone.station_number and d.difference_id = gone.difference_id
     returning d.station_number as "stationNumber", d.difference_id as "differenceId"`,
    [sheet.provider, sheet.merchantId, sheet.day, run.number, run.now, run.limit],
  );
}

/** Ends these differences. */
export async function resolveDifferences(tx: Transaction, keys: readonly DifferenceKey[], now: number): Promise<void> {
  if (keys.length === 0) return;
  await tx.query(
    `update differences d set resolved_at = to_timestamp($3::bigint / 1000.0)
     from unnest($1::integer[], $2::text[]) as k (station_number, difference_id)
     where d.station_number = k.station_number and d.difference_id = k.difference_id`,
    [keys.map((key) => key.stationNumber), keys.map((key) => key.differenceId), now],
  );
}

/** What was booked for these differences. */
export async function findSurplusTransfers(
  tx: Transaction,
  keys: readonly DifferenceKey[],
): Promise<readonly Transfer[]> {
  return tx.query<Transfer>(
    `select t.station_number as "stationNumber", t.transfer_id as "transferId", t.order_id as "orderId", t.debit_account as "debitAccount",
       t.credit_account as "creditAccount", t.amount_minor as "amountMinor", t.currency, t.made_at as "madeAt"
     from unnest($1::integer[], $2::text[]) as k (station_number, difference_id)
     cross join unnest(array[1, 2]) as p (part)
     join ledger_transfers t on t.station_number = k.station_number and t.transfer_id = 'difference:' || k.difference_id || ':' || p.part`,
    [keys.map((key) => key.stationNumber), keys.map((key) => key.differenceId)],
  );
}

const explanations = `
  coalesce((select jsonb_agg(jsonb_build_object('at', (extract(epoch from e.explained_at) * 1000)::bigint, 'by', e.explained_by, 'reason', e.reason)
              order by e.explained_at)
            from difference_explanations e where e.station_number = d.station_number and e.difference_id = d.difference_id), '[]'::jsonb) as explanations`;

const columns = `
  d.station_number as "stationNumber", d.difference_id as "differenceId", d.provider, d.merchant_id as "merchantId", d.day::text as day, d.kind,
  d.reference, d.order_id as "orderId", d.detail, d.found_at as "foundAt", d.seen_at as "seenAt", d.resolved_at as "resolvedAt", ${explanations}`;

/** The next page of a day's differences, those of one kind together. */
export async function findDifferencesPage(
  db: Queries,
  sheet: BillSheet,
  last: Pick<Difference, 'kind' | 'differenceId'> | null,
  limit: number,
): Promise<readonly Difference[]> {
  return db.query<Difference>(
    `select ${columns} from differences d
     where d.provider = $1 and d.merchant_id = $2 and d.day = $3::date and (d.kind, d.difference_id) > ($4::text, $5::text)
     order by d.kind, d.difference_id limit $6`,
    [sheet.provider, sheet.merchantId, sheet.day, last?.kind ?? '', last?.differenceId ?? '', limit],
  );
}

/** `open`: found in the last run and explained by nobody. `resolved`: gone by itself. */
export type DifferenceCount = {
  readonly kind: DifferenceKind;
  readonly openCount: number;
  readonly explainedCount: number;
  readonly resolvedCount: number;
};

export async function countDifferences(db: Queries, sheet: BillSheet): Promise<readonly DifferenceCount[]> {
  const isExplained = `exists (select from difference_explanations e where e.station_number = d.station_number and e.difference_id = d.difference_id)`;
  return db.query<DifferenceCount>(
    `select kind, count(*) filter (where resolved_at is null and not "isExplained") as "openCount",
       count(*) filter (where resolved_at is null and "isExplained") as "explainedCount", count(*) filter (where resolved_at is not null) as "resolvedCount"
     from (select d.kind, d.resolved_at, ${isExplained} as "isExplained" from differences d
           where d.provider = $1 and d.merchant_id = $2 and d.day = $3::date) as counted
     group by kind order by kind`,
    [sheet.provider, sheet.merchantId, sheet.day],
  );
}

/** What a run found that no run had found before, and that still stands: the ids, at most so many. */
export async function findFreshDifferences(
  db: Queries,
  sheet: BillSheet,
  run: { readonly number: number; readonly limit: number },
): Promise<readonly string[]> {
  const rows = await db.query<{ id: string }>(
    `select difference_id as id from differences where provider = $1 and merchant_id = $2 and day = $3::date and resolved_at is null
       and found_run = $4 order by difference_id limit $5`,
    [sheet.provider, sheet.merchantId, sheet.day, run.number, run.limit],
  );
  return rows.map((row) => row.id);
}

/** The difference of this id, or null. */
export async function findDifference(db: Queries, differenceId: string): Promise<Difference | null> {
  const [row] = await db.query<Difference>(`select ${columns} from differences d where d.difference_id = $1`, [
    differenceId,
  ]);
  return row ?? null;
}

/** Adds an explanation; what was said before stays. */
export async function insertExplanation(
  db: Queries,
  key: DifferenceKey,
  { at, by, reason }: Explanation,
): Promise<void> {
  await db.query(
    `insert into difference_explanations (station_number, difference_id, explained_at, explained_by, reason)
     values ($1, $2, to_timestamp($3::bigint / 1000.0), $4, $5) on conflict do nothing`,
    [key.stationNumber, key.differenceId, at, by, reason],
  );
}
