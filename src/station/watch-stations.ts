import type { Queries } from '../database/database.ts';
import { findPositions, findStationVersion } from './station.sql.ts';
import { createStationIndex, type StationIndex } from './station-index.ts';

/** Calls `work` again and again until the returned function is called. A test gives a timer that it moves by hand. */
export type StartTimer = (intervalMs: number, work: () => void) => () => void;

export type WatchOptions = {
  readonly startTimer?: StartTimer;
  readonly intervalMs?: number;
  /** Hears why a look at the database failed; the index of before stays in use. */
  readonly onError?: (error: unknown) => void;
};

export type StationWatch = {
  /** The newest index; take it anew for each request. */
  index(): StationIndex;
  /** Looks now, for example when a signal tells that stations changed. Never rejects. */
  refresh(): Promise<void>;
  stop(): Promise<void>;
};

const defaultIntervalMs = 3_000;

/**
 * Keeps an index of all stations in step with the database: a poll of one row finds out whether stations changed, and then the index is
 * built anew. Ready when it resolves; rejects where the database cannot be read at the start. Looks never overlap; calls during a look
 * share one look after it.
 */
export async function watchStations(db: Queries, options: WatchOptions = {}): Promise<StationWatch> {
  const { startTimer = systemTimer, intervalMs = defaultIntervalMs, onError = () => undefined } = options;
  let { version, index } = await loadIndex(db);
  let looking: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  async function look(): Promise<void> {
    try {
      if ((await findStationVersion(db)) !== version) ({ version, index } = await loadIndex(db));
    } catch (error) {
      onError(error);
    }
  }

  function begin(): Promise<void> {
    next = undefined;
    looking = look().finally(() => {
      looking = undefined;
    });
    return looking;
  }

  function refresh(): Promise<void> {
    if (next !== undefined) return next;
    if (looking === undefined) return begin();
    next = looking.then(begin);
    return next;
  }

  const stopTimer = startTimer(intervalMs, () => void refresh());
  return {
    index: () => index,
    refresh,
    async stop() {
      stopTimer();
      await (next ?? looking);
    },
  };
}

/** The version is read first: a change between the two reads is seen twice rather than not at all. */
async function loadIndex(db: Queries): Promise<{ version: number; index: StationIndex }> {
  const version = await findStationVersion(db);
  return { version, index: createStationIndex(await findPositions(db)) };
}

function systemTimer(intervalMs: number, work: () => void): () => void {
  const timer = setInterval(work, intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}
