import type { Database, Queries, Transaction } from '../database/database.ts';
import type { OrderKey } from '../order/order.ts';
import type { Transfer } from './ledger.ts';

/** Books transfers. One that stands already is not booked again. */
export async function insertTransfers(tx: Transaction, transfers: readonly Transfer[]): Promise<void> {
  if (transfers.length === 0) return;
  await tx.query(
    `insert into ledger_transfers (station_number, transfer_id, order_id, debit_account, credit_account, amount_minor, currency, made_at)
     select "stationNumber", "transferId", "orderId", "debitAccount", "creditAccount", "amountMinor", currency,
       to_timestamp("madeAt" / 1000.0)
     from jsonb_to_recordset($1::jsonb) as r ("stationNumber" integer, "transferId" text, "orderId" text, "debitAccount" text,
       "creditAccount" text, "amountMinor" bigint, currency text, "madeAt" bigint)
     on conflict (station_number, transfer_id) do nothing`,
    [JSON.stringify(transfers)],
  );
}

export type Balance = {
  readonly account: string;
  readonly currency: string;
  readonly debitMinor: number;
  readonly creditMinor: number;
};

/** What stands on each account, over all stations or one order. */
export async function findBalances(db: Queries, orderId: string | null = null): Promise<readonly Balance[]> {
  return db.query<Balance>(
    `select account, currency, sum(debit)::bigint as "debitMinor", sum(credit)::bigint as "creditMinor"
     from (select debit_account as account, currency, amount_minor as debit, 0 as credit from ledger_transfers where $1::text is null or order_id = $1
           union all
           select credit_account, currency, 0, amount_minor from ledger_transfers where $1::text is null or order_id = $1) as entries
     group by account, currency order by account, currency`,
    [orderId],
  );
}

/** Reading a whole ledger takes longer than a driver may wait, and is quicker from its beginning to its end than by an index. */
const wholeLedgerMsMax = 600_000;

/** What stood on each account at a time (ms since 1970; null: now), over all stations or one. Reads every transfer. */
export async function findBalancesAt(
  db: Pick<Database, 'snapshot'>,
  wish: { readonly stationNumber: number | null; readonly at: number | null },
): Promise<readonly Balance[]> {
  return db.snapshot(async (queries) => {
    await queries.query("select set_config('statement_timeout', $1, true), set_config('enable_seqscan', 'on', true)", [
      String(wholeLedgerMsMax),
    ]);
    return queries.query<Balance>(
      `select e.account, t.currency, sum(e.debit)::bigint as "debitMinor", sum(e.credit)::bigint as "creditMinor"
       from ledger_transfers t
       cross join lateral (values (t.debit_account, t.amount_minor, 0), (t.credit_account, 0, t.amount_minor)) as e (account, debit, credit)
       where ($1::integer is null or t.station_number = $1) and ($2::bigint is null or t.made_at <= to_timestamp($2::bigint / 1000.0))
       group by e.account, t.currency order by e.account, t.currency`,
      [wish.stationNumber, wish.at],
    );
  });
}

const columns = `
  station_number as "stationNumber", transfer_id as "transferId", order_id as "orderId", debit_account as "debitAccount",
  credit_account as "creditAccount", amount_minor as "amountMinor", currency, made_at as "madeAt"`;

/** Every transfer of an order, oldest first. */
export async function findTransfersOf(db: Queries, { stationNumber, orderId }: OrderKey): Promise<readonly Transfer[]> {
  return db.query<Transfer>(
    `select ${columns} from ledger_transfers where station_number = $1 and order_id = $2 order by made_at, transfer_id`,
    [stationNumber, orderId],
  );
}

export type TransfersWish = {
  /** Days (`2026-11-21`), both included, as they are counted in `timeZone` (an IANA name). */
  readonly fromDay: string;
  readonly toDay: string;
  readonly timeZone: string;
  readonly stationNumber: number | null;
};

/** The next page of the transfers of some days, in the order in which they were made. */
export async function findTransfersPage(
  db: Queries,
  wish: TransfersWish,
  last: Pick<Transfer, 'madeAt' | 'stationNumber' | 'transferId'> | null,
  limit: number,
): Promise<readonly Transfer[]> {
  return db.query<Transfer>(
    `select ${columns} from ledger_transfers
     where made_at >= ($1::date)::timestamp at time zone $3 and made_at < ($2::date + 1)::timestamp at time zone $3
       and ($4::integer is null or station_number = $4)
       and (made_at, station_number, transfer_id) > (coalesce(to_timestamp($5::bigint / 1000.0), '-infinity'), $6::integer, $7::text)
     order by made_at, station_number, transfer_id limit $8`,
    [
      wish.fromDay,
      wish.toDay,
      wish.timeZone,
      wish.stationNumber,
      last?.madeAt ?? null,
      last?.stationNumber ?? 0,
      last?.transferId ?? '',
      limit,
    ],
  );
}
