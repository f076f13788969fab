import type { Queries } from '../database/database.ts';

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

export async function findTerminal(db: Queries, terminalId: string): Promise<EnrolledTerminal | null> {
  const rows = await db.query<EnrolledTerminal>(
    'select terminal_id as "terminalId", station_number as "stationNumber", public_key_raw as "publicKeyRaw" from terminals where terminal_id = $1',
    [terminalId],
  );
  return rows[0] ?? null;
}
