import type { Clock } from '../base/clock.ts';
import type { Queries } from '../database/database.ts';
import { type WantsEvent, wantsEvent } from './subscription.ts';
import { findWishes } from './subscription.sql.ts';

/** What this node knows of who wants which events, so that a step of the journey need not ask the database. */
export type SubscriptionWatch = {
  readonly wants: WantsEvent;
  /** False where nobody wants anything. */
  any(): boolean;
  /** Looks now. Never rejects. */
  refresh(): Promise<void>;
  stop(): Promise<void>;
};

export type WatchOptions = {
  readonly now: Clock;
  /** Hears why a look at the database failed; what was known before stays in use until it is stale. */
  readonly onError: (error: unknown) => void;
};

const lookEveryMs = 3_000;

/** A node that could not look for so long takes it that everything is wanted; the rows decide. Nothing is lost by what it does not know. */
const staleMs = 30_000;

/** Ready when it resolves; rejects where the database cannot be read at the start. */
export async function watchSubscriptions(db: Queries, { now, onError }: WatchOptions): Promise<SubscriptionWatch> {
  let wishes = await findWishes(db);
  let lookedAt = now();
  let looking: Promise<void> | undefined;

  async function look(): Promise<void> {
    const startedAt = now();
    try {
      wishes = await findWishes(db);
      lookedAt = startedAt;
    } catch (error) {
      onError(error);
    } finally {
      looking = undefined;
    }
  }

  async function refresh(): Promise<void> {
    // A look that is under way may have read before the change that the caller has in mind.
    await looking;
    looking ??= look();
    await looking;
  }

  const isStale = (): boolean => now() - lookedAt > staleMs;
  const timer = setInterval(() => void (looking ??= look()), lookEveryMs);
  timer.unref();
  return {
    wants: (type, stationNumber) => isStale() || wishes.some((wish) => wantsEvent(wish, type, stationNumber)),
    any: () => isStale() || wishes.length > 0,
    refresh,
    async stop() {
      clearInterval(timer);
      await looking;
    },
  };
}
