import type { Database } from '../database/database.ts';
import type { OrderKey } from '../order/order.ts';
import { type Books, findBooks } from './books.ts';
import type { Signal } from './signal.ts';

/** Drivers who look at their orders: each is shown his as it is now and after every change, be its signal heard or lost. */
export type OrderFeeds = {
  /** Shows `first` at once, then whatever differs from what was shown last. */
  follow(first: Books, show: (books: Books) => void): { stop(): void };
  /** Looks for changes whose signal was lost, at many orders in one reading. */
  sweep(): Promise<void>;
};

type OrderFollower = OrderKey & {
  /** Reads and shows the order anew. */
  heard(): void;
  isShown(books: Books): boolean;
  stop(): void;
};

const ordersReadMax = 500;

export function createOrderFeeds(world: { readonly db: Database; readonly signal: Signal }): OrderFeeds {
  const followers = new Set<OrderFollower>();
  return {
    follow(first, show) {
      const follower = createOrderFollower(world, first, show);
      followers.add(follower);
      return {
        stop() {
          followers.delete(follower);
          follower.stop();
        },
      };
    },
    async sweep() {
      const all = [...followers];
      for (let from = 0; from < all.length; from += ordersReadMax) {
        const some = all.slice(from, from + ordersReadMax);
        const found = await findBooks(world.db, some);
        for (const follower of some) {
          const books = found.get(follower.orderId);
          // What was read here may be older than what the follower has read since, so it only makes it look.
          if (books !== undefined && !follower.isShown(books)) follower.heard();
        }
      }
    },
  };
}

function createOrderFollower(
  { db, signal }: { readonly db: Database; readonly signal: Signal },
  first: Books,
  show: (books: Books) => void,
): OrderFollower {
  const { stationNumber, orderId } = first.order;
  let shown = '';
  let reading = false;
  let again = false;
  let stopped = false;

  function showNew(books: Books): void {
    const text = JSON.stringify(books);
    if (stopped || text === shown) return;
    shown = text;
    show(books);
  }

  /** A change during a read is read again. */
  async function readOn(): Promise<void> {
    reading = true;
    try {
      for (;;) {
        again = false;
        const books = (await findBooks(db, [{ stationNumber, orderId }])).get(orderId);
        if (books !== undefined) showNew(books);
        if (stopped || !again) return;
      }
    } catch {
      // A read that fails costs this news until the next sweep.
    } finally {
      // In the same turn as the decision to end, so that no news falls in between.
      reading = false;
    }
  }

  function heard(): void {
    again = true;
    if (!reading) void readOn();
  }

  const stopListening = signal.onOrder(orderId, heard);
  showNew(first);
  // What changed between the first read and the listening is not missed.
  heard();
  return {
    stationNumber,
    orderId,
    heard,
    isShown: (books) => JSON.stringify(books) === shown,
    stop() {
      stopped = true;
      stopListening();
    },
  };
}
