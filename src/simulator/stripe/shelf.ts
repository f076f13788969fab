import type { z } from 'zod';
import type { Store } from '../service/store.sql.ts';

/** Records of one kind, oldest first, kept in the store under their ids. */
export type Shelf<Record> = {
  get(id: string | null): Record | undefined;
  put(record: Record): Record;
  list(): Record[];
};

/** What the store has kept of a kind. Beyond `recordsMax` the oldest are forgotten. */
export function openShelf<Record extends { readonly id: string }>(
  store: Store,
  kind: string,
  schema: z.ZodType<Record>,
  recordsMax: number,
): Shelf<Record> {
  const records = new Map<string, Record>();
  for (const value of store.findAll(kind)) {
    const record = schema.parse(value);
    records.set(record.id, record);
  }
  return {
    get: (id) => (id === null ? undefined : records.get(id)),
    put(record) {
      records.set(record.id, record);
      store.put(kind, record.id, record);
      const [oldest] = records.keys();
      if (records.size > recordsMax && oldest !== undefined) {
        records.delete(oldest);
        store.remove(kind, oldest);
      }
      return record;
    },
    list: () => [...records.values()],
  };
}
