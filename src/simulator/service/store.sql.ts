import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Where a simulator's records survive a restart, each as JSON under its kind (`payment`, `refund`, …) and key. */
export interface Store {
  put(kind: string, key: string, value: unknown): void;
  remove(kind: string, key: string): void;
  /** All of a kind, oldest first. */
  findAll(kind: string): unknown[];
  close(): void;
}

/** Keeps nothing: a simulator without a folder forgets when it stops. */
export const forgetfulStore: Store = {
  put: () => undefined,
  remove: () => undefined,
  findAll: () => [],
  close: () => undefined,
};

/** `NAME.sqlite` in `folder`, which is made where it is missing and is for its owner alone, because the keys are in it. */
export function openStore(folder: string, name: string): Store {
  makeFolder(resolve(folder));
  const database = new DatabaseSync(join(folder, `${name}.sqlite`));
  database.exec('pragma journal_mode = wal; pragma synchronous = normal; pragma busy_timeout = 2000');
  database.exec(
    'create table if not exists record (position integer primary key, kind text not null, key text not null, value text not null, unique (kind, key))',
  );
  const upsert = database.prepare(
    'insert into record (kind, key, value) values (?, ?, ?) on conflict (kind, key) do update set value = excluded.value',
  );
  const remove = database.prepare('delete from record where kind = ? and key = ?');
  const select = database.prepare('select value from record where kind = ? order by position');
  return {
    put: (kind, key, value) => void upsert.run(kind, key, JSON.stringify(value)),
    remove: (kind, key) => void remove.run(kind, key),
    findAll: (kind) => select.all(kind).map((row): unknown => JSON.parse(String(row['value']))),
    close: () => database.close(),
  };
}

/** One folder after the other: Node's own way of making all at once never ends where a file system takes none, such as /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another process has made it meanwhile.
    if (!existsSync(folder))
      throw new Error(`${folder} cannot be made: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
  }
}
