import type { Queries, Transaction } from '../database/database.ts';
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
