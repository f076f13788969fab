import type { Queries, Transaction } from '../database/database.ts';

/** A station's box, known by the public key that it made itself. */
export type EnrolledTerminal = {
  readonly terminalId: string;
  readonly stationNumber: number;
  readonly publicKeyRaw: Uint8Array;
};

/** Enrols a terminal for a station; the same terminal again moves it. */
export async function enrolTerminal(db: Queries, terminal: EnrolledTerminal): Promise<void> {
  await db.query(
    `insert into terminals (terminal_id, station_number, public_key_raw, enrolled_at) values ($1, $2, $3, now())
     on conflict (terminal_id) do update set station_number = excluded.station_number, public_key_raw = excluded.public_key_raw`,
    [terminal.terminalId, terminal.stationNumber, terminal.publicKeyRaw],
  );
}

/**
 * Enrols a terminal where its station has no other, or, with `replace`, in place of the others, which are removed. Gives the others' ids:
 * without `replace` nothing is stored where there are any. Two boxes at one station would each print every permit.
 */
export async function enrolOnlyTerminal(
  tx: Transaction,
  terminal: EnrolledTerminal,
  options: { readonly replace: boolean },
): Promise<{ readonly enrolled: boolean; readonly others: readonly string[] }> {
  // The station's row is locked, so that two who enrol at once see each other.
  await tx.query('select 1 from stations where station_number = $1 for update', [terminal.stationNumber]);
  const rows = await tx.query<{ terminalId: string }>(
    'select terminal_id as "terminalId" from terminals where station_number = $1 and terminal_id <> $2 order by terminal_id',
    [terminal.stationNumber, terminal.terminalId],
  );
  const others = rows.map((row) => row.terminalId);
  if (others.length > 0 && !options.replace) return { enrolled: false, others };
  await tx.query('delete from terminals where terminal_id = any($1::text[])', [others]);
  await enrolTerminal(tx, terminal);
  return { enrolled: true, others };
}

export async function findTerminal(db: Queries, terminalId: string): Promise<EnrolledTerminal | null> {
  const rows = await db.query<EnrolledTerminal>(
    'select terminal_id as "terminalId", station_number as "stationNumber", public_key_raw as "publicKeyRaw" from terminals where terminal_id = $1',
    [terminalId],
  );
  return rows[0] ?? null;
}
