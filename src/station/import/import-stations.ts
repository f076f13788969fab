import type { SavedStations, StationToSave } from '../station.sql.ts';
import type { Mapping } from './mapping.ts';
import { readStation, type StationDefaults } from './read-station.ts';
import { rowsMax, type SourceRow, UnreadableFile } from './source-row.ts';

const batchMax = 500;
const savedKinds = ['stations', 'nozzles', 'prices', 'endedPrices'] as const;
/** So many faults are kept with their words; all are counted. */
export const faultsMax = 1_000;

export type RowFaultReport = { readonly line: number; readonly reason: string };

export type ImportReport = {
  readonly rows: number;
  readonly good: number;
  readonly bad: number;
  readonly faults: readonly RowFaultReport[];
  /** Properties that the mapping names and no row has: probably misspelt. */
  readonly missingProperties: readonly string[];
  readonly saved: SavedStations;
};

export type ImportOptions = {
  readonly rows: Iterable<SourceRow>;
  readonly mapping: Mapping;
  readonly defaults: StationDefaults;
  /** Stores one batch in one transaction; null: only look. */
  readonly save: ((stations: readonly StationToSave[]) => Promise<SavedStations>) | null;
  readonly onProgress?: (progress: { readonly rows: number; readonly endByte: number }) => void;
};

/**
 * Reads all rows, keeps the good ones in batches and reports the bad ones by line and reason. A station number that came before is a fault of the
 * later row. Throws `UnreadableFile` where the file as a whole is none, or has too many rows; batches before that stay.
 */
export async function importStations(options: ImportOptions): Promise<ImportReport> {
  const { rows, mapping, save, onProgress } = options;
  const lineByNumber = new Map<number, number>();
  const missing = new Set(mapping.named);
  const faults: RowFaultReport[] = [];
  const saved = { stations: 0, nozzles: 0, prices: 0, endedPrices: 0 };
  let rowCount = 0;
  let batch: StationToSave[] = [];

  async function storeBatch(endByte: number): Promise<void> {
    const stored = save === null ? null : await save(batch);
    batch = [];
    if (stored !== null) for (const kind of savedKinds) saved[kind] += stored[kind];
    onProgress?.({ rows: rowCount, endByte });
  }

  let bad = 0;
  for (const row of rows) {
    rowCount += 1;
    if (rowCount > rowsMax) throw new UnreadableFile(`the file has more than ${rowsMax} rows`);
    const station = row.fault ?? readRow(row, options, missing, lineByNumber);
    if (typeof station !== 'string') batch.push(station);
    else {
      bad += 1;
      if (faults.length < faultsMax) faults.push({ line: row.line, reason: station });
    }
    if (batch.length >= batchMax) await storeBatch(row.endByte);
  }
  if (batch.length > 0) await storeBatch(Number.POSITIVE_INFINITY);
  return {
    rows: rowCount,
    good: rowCount - bad,
    bad,
    faults,
    missingProperties: rowCount === 0 ? [] : [...missing],
    saved,
  };
}

function readRow(
  row: SourceRow & { readonly fault?: undefined },
  { mapping, defaults }: ImportOptions,
  missing: Set<string>,
  lineByNumber: Map<number, number>,
): StationToSave | string {
  for (const property of missing) if (Object.hasOwn(row.properties, property)) missing.delete(property);
  const station = readStation(row, mapping, defaults);
  if (typeof station === 'string') return station;
  const lineBefore = lineByNumber.get(station.stationNumber);
  if (lineBefore !== undefined)
    return `station number ${station.stationNumber} stands twice: first on line ${lineBefore}`;
  lineByNumber.set(station.stationNumber, row.line);
  return station;
}
