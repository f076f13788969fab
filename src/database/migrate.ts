import { readdir, readFile } from 'node:fs/promises';
import type { Database } from './database.ts';

const folder = new URL('./migrations/', import.meta.url);

/** Any fixed number: two nodes that start at once migrate one after the other. */
const migrationLock = 4_021_967;

/**
 * Applies the numbered files of `migrations/` that this database has not seen, each with its own row in `forecourt_migrations`, all in one
 * transaction under an advisory lock. Returns the names applied now. A database that is newer than this program is refused.
 */
export async function migrate(db: Database): Promise<readonly string[]> {
  const files = (await readdir(folder)).filter((name) => /^\d{3}-[a-z-]+\.sql$/.test(name)).sort();
  return db.transaction(async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(${migrationLock})`);
    await tx.query(
      'create table if not exists forecourt_migrations (name text primary key, applied_at timestamptz not null default now())',
    );
    const seen = new Set(
      (await tx.query<{ name: string }>('select name from forecourt_migrations')).map((row) => row.name),
    );
    const unknown = [...seen].filter((name) => !files.includes(name));
    if (unknown.length > 0) throw new Error(`the database is newer than this Forecourt: it has ${unknown.join(', ')}`);
    const fresh = files.filter((name) => !seen.has(name));
    for (const name of fresh) {
      await tx.query(await readFile(new URL(name, folder), 'utf8'));
      await tx.query('insert into forecourt_migrations (name) values ($1)', [name]);
    }
    return fresh;
  });
}
