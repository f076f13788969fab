import { randomBytes } from 'node:crypto';
import type { Queries } from './database.ts';

const secretBytes = 32;

/** A secret that all nodes on this database share; made by the first that asks. */
export async function openSecret(db: Queries, name: string): Promise<Uint8Array> {
  await db.query('insert into secrets (name, value) values ($1, $2) on conflict do nothing', [
    name,
    randomBytes(secretBytes),
  ]);
  const [row] = await db.query<{ value: Uint8Array }>('select value from secrets where name = $1', [name]);
  if (row === undefined) throw new Error(`the secret ${name} was not stored`);
  return row.value;
}
