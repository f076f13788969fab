import type { Queries, Transaction } from '../database/database.ts';
import type { BillLine, BillSheet, BillTotals } from './bill.ts';

const sheetValues = ({ provider, merchantId, day }: BillSheet): [string, string, string] => [provider, merchantId, day];

/** Takes the day for one run, for so long at first, and gives the run's number; null where another run has the day. */
export async function claimDay(db: Queries, sheet: BillSheet, now: number, leaseMs: number): Promise<number | null> {
  const [row] = await db.query<{ runNumber: number }>(
    `insert into bill_days as d (provider, merchant_id, day, busy_until, run_number)
     values ($1, $2, $3::date, to_timestamp(($4::bigint + $5::bigint) / 1000.0), 1)
     on conflict (provider, merchant_id, day) do update set busy_until = excluded.busy_until, run_number = d.run_number + 1
       where d.busy_until is null or d.busy_until <= to_timestamp($4::bigint / 1000.0)
     returning run_number as "runNumber"`,
    [...sheetValues(sheet), now, leaseMs],
  );
  return row?.runNumber ?? null;
}

/** Keeps the day for the run that has it. */
export async function keepDay(db: Queries, sheet: BillSheet, until: number): Promise<void> {
  await db.query(
    `update bill_days set busy_until = to_timestamp($4::bigint / 1000.0) where provider = $1 and merchant_id = $2 and day = $3::date`,
    [...sheetValues(sheet), until],
  );
}

/** Gives the day free; `reconciledAt` where the run came to its end and the day was over. */
export async function releaseDay(db: Queries, sheet: BillSheet, reconciledAt: number | null): Promise<void> {
  await db.query(
    `update bill_days set busy_until = null, reconciled_at = coalesce(to_timestamp($4::bigint / 1000.0), reconciled_at)
     where provider = $1 and merchant_id = $2 and day = $3::date`,
    [...sheetValues(sheet), reconciledAt],
  );
}

export type Reading = {
  readonly readingId: number;
  readonly rowCount: number;
  /** Rows that the bill did not have, or had and has no more, when it was read before; both 0 where it was the first. */
  readonly cameCount: number;
  readonly wentCount: number;
};

/** The bill that counts for the day, or null where none was read whole. */
export async function findReading(db: Queries, sheet: BillSheet): Promise<Reading | null> {
  const [row] = await db.query<Reading>(
    `select r.reading_id as "readingId", r.row_count as "rowCount", r.came_count as "cameCount", r.went_count as "wentCount"
     from bill_days d join bill_readings r using (reading_id) where d.provider = $1 and d.merchant_id = $2 and d.day = $3::date`,
    sheetValues(sheet),
  );
  return row ?? null;
}

/** Of these days those whose bill was never read whole. */
export async function findUnreadDays(
  db: Queries,
  owner: Pick<BillSheet, 'provider' | 'merchantId'>,
  days: readonly string[],
): Promise<readonly string[]> {
  const rows = await db.query<{ day: string }>(
    `select day from unnest($3::text[]) as k (day)
     where not exists (select from bill_days d where d.provider = $1 and d.merchant_id = $2 and d.day = k.day::date and d.reading_id is not null)
     order by day`,
    [owner.provider, owner.merchantId, days],
  );
  return rows.map((row) => row.day);
}

/** Begins to read the bill of a day that this run has taken; what an earlier run left half read is removed. */
export async function beginReading(tx: Transaction, sheet: BillSheet, now: number): Promise<number> {
  const unfinished = `provider = $1 and merchant_id = $2 and day = $3::date and read_at is null`;
  await tx.query(
    `delete from bill_rows where reading_id in (select reading_id from bill_readings where ${unfinished})`,
    sheetValues(sheet),
  );
  await tx.query(`delete from bill_readings where ${unfinished}`, sheetValues(sheet));
  const [row] = await tx.query<{ readingId: number }>(
    `insert into bill_readings (provider, merchant_id, day, began_at) values ($1, $2, $3::date, to_timestamp($4::bigint / 1000.0))
     returning reading_id as "readingId"`,
    [...sheetValues(sheet), now],
  );
  if (row === undefined) throw new Error('a reading that was begun has no number');
  return row.readingId;
}

export async function insertLines(db: Queries, readingId: number, lines: readonly BillLine[]): Promise<void> {
  if (lines.length === 0) return;
  await db.query(
    `insert into bill_rows (station_number, reading_id, line_number, kind, attempt_ref, row_ref, provider_payment_id, amount_minor, currency,
       fee_minor, at, refund_state, description)
     select "stationNumber", $2, "lineNumber", kind, "attemptRef", "rowRef", "providerPaymentId", "amountMinor", currency, "feeMinor",
       to_timestamp(at / 1000.0), "refundState", description
     from jsonb_to_recordset($1::jsonb) as r ("stationNumber" integer, "lineNumber" integer, kind text, "attemptRef" text, "rowRef" text,
       "providerPaymentId" text, "amountMinor" bigint, currency text, "feeMinor" bigint, at bigint, "refundState" text, description text)`,
    [JSON.stringify(lines), readingId],
  );
}

const said = `kind, attempt_ref, row_ref, provider_payment_id, amount_minor, currency, fee_minor, at, refund_state, description`;

/**
 * The bill was read whole. Where it says what it said before, the earlier reading stands and this one is forgotten; where it says something else, both are
 * kept and this one counts.
 */
export async function finishReading(
  tx: Transaction,
  sheet: BillSheet,
  read: { readonly readingId: number; readonly rowCount: number; readonly readAt: number },
): Promise<void> {
  const before = await findReading(tx, sheet);
  const [counts] = await tx.query<{ cameCount: number; wentCount: number }>(
    `select (select count(*) from (select ${said} from bill_rows where reading_id = $1 except all select ${said} from bill_rows where reading_id = $2) as c) as "cameCount",
       (select count(*) from (select ${said} from bill_rows where reading_id = $2 except all select ${said} from bill_rows where reading_id = $1) as w) as "wentCount"`,
    [read.readingId, before?.readingId ?? null],
  );
  if (before !== null && counts?.cameCount === 0 && counts.wentCount === 0) {
    await tx.query('delete from bill_rows where reading_id = $1', [read.readingId]);
    await tx.query('delete from bill_readings where reading_id = $1', [read.readingId]);
    return;
  }
  await tx.query(
    `update bill_readings set read_at = to_timestamp($2::bigint / 1000.0), row_count = $3, came_count = $4, went_count = $5 where reading_id = $1`,
    [
      read.readingId,
      read.readAt,
      read.rowCount,
      before === null ? 0 : counts?.cameCount,
      before === null ? 0 : counts?.wentCount,
    ],
  );
  await tx.query('update bill_days set reading_id = $4 where provider = $1 and merchant_id = $2 and day = $3::date', [
    ...sheetValues(sheet),
    read.readingId,
  ]);
}

export async function sumBill(db: Queries, readingId: number): Promise<readonly BillTotals[]> {
  const count = (kind: string): string => `count(*) filter (where kind = '${kind}')`;
  const sum = (kind: string): string => `coalesce(sum(amount_minor) filter (where kind = '${kind}'), 0)::bigint`;
  return db.query<BillTotals>(
    `select currency, ${count('payment')} as "paymentCount", ${sum('payment')} as "paidMinor", ${count('refund')} as "refundCount",
       ${sum('refund')} as "refundedMinor", ${count('other')} as "otherCount", ${sum('other')} as "otherMinor",
       coalesce(sum(fee_minor), 0)::bigint as "feesMinor"
     from bill_rows where reading_id = $1 group by currency order by currency`,
    [readingId],
  );
}

const changesShownMax = 20;

/** References of rows in which a bill differs from what it said when it was read before. */
export async function findChangedRows(db: Queries, sheet: BillSheet, readingId: number): Promise<readonly string[]> {
  const rows = await db.query<{ rowRef: string }>(
    `with earlier as (select max(reading_id) as id from bill_readings where provider = $1 and merchant_id = $2 and day = $3::date and reading_id < $4)
     select distinct row_ref as "rowRef" from (
       (select ${said} from bill_rows where reading_id = $4 except all select ${said} from bill_rows where reading_id = (select id from earlier))
       union all
       (select ${said} from bill_rows where reading_id = (select id from earlier) except all select ${said} from bill_rows where reading_id = $4)) as changed
     order by row_ref limit $5`,
    [...sheetValues(sheet), readingId, changesShownMax],
  );
  return rows.map((row) => row.rowRef);
}

/** Of these accounts those whose day no run has brought to its end, by their place in the list. */
export async function findUnreconciled(
  db: Queries,
  owners: readonly Pick<BillSheet, 'provider' | 'merchantId'>[],
  day: string,
): Promise<readonly number[]> {
  const rows = await db.query<{ index: number }>(
    `select (k.place - 1)::integer as index from unnest($1::text[], $2::text[]) with ordinality as k (provider, merchant_id, place)
     left join bill_days d on d.provider = k.provider and d.merchant_id = k.merchant_id and d.day = $3::date
     where d.reconciled_at is null order by k.place`,
    [owners.map((owner) => owner.provider), owners.map((owner) => owner.merchantId), day],
  );
  return rows.map((row) => row.index);
}

/** Takes one try of the cloud's own daily run. False where another node has it. */
export async function claimDailyTry(db: Queries, day: string, number: number, now: number): Promise<boolean> {
  const rows = await db.query(
    `insert into daily_reconciliations (day, try, claimed_at) values ($1::date, $2, to_timestamp($3::bigint / 1000.0))
     on conflict do nothing returning 1 as taken`,
    [day, number, now],
  );
  return rows.length > 0;
}
