import { isRefusal, type Refusal, refuse } from '../base/problem.ts';
import { type OrderKey, orderAfter } from '../order/order.ts';
import type { WantsEvent } from '../outgoing/subscription.ts';
import { isCurrent, isOpen, lateMoneyGraceMs } from '../payment/attempt.ts';
import { type Books, findBooks, lockBooks, storeChanges } from './books.ts';
import { type CloseWorld, closeAttempt } from './close-attempt.ts';
import type { Signal } from './signal.ts';

/** An order that will not be paid ends: the driver cancels it, or its time is over. No attempt that could still be paid is left behind. */
export type EndOrder = (key: OrderKey, ending: 'cancelled' | 'expired') => Promise<Books | Refusal>;

export type EndOrderWorld = CloseWorld & { readonly signal: Signal; readonly wantsEvent: WantsEvent };

const roundsMax = 3;

/** Refuses, in this order: order_unknown, order_already_paid, order_refunded, order_expired, payment_in_progress. */
export function createEndOrder(world: EndOrderWorld): EndOrder {
  return async (key, ending) => {
    for (let round = 0; round < roundsMax; round += 1) {
      const books = (await findBooks(world.db, [key])).get(key.orderId);
      if (books === undefined) return refuse('order_unknown');
      const ended = alreadyEnded(books, ending);
      if (ended !== null) return ended;
      const open = books.attempts.find(isCurrent) ?? books.attempts.find(isOpen);
      if (open === undefined || isHopeless(books, ending, world.now())) return endIfStillPlaced(world, key, ending);
      if ((await closeAttempt(world, open)) === 'open' && !isHopeless(books, ending, world.now()) && !open.abandoned)
        return refuse('payment_in_progress');
      if (open.abandoned) return endIfStillPlaced(world, key, ending);
    }
    return refuse('payment_in_progress');
  };
}

/** The answer where the order has ended in one way or another; null while it waits for money. */
export function alreadyEnded(books: Books, ending: 'cancelled' | 'expired'): Books | Refusal | null {
  switch (books.order.state) {
    case 'placed':
      return null;
    case 'paid':
    case 'fulfilled':
      return refuse('order_already_paid');
    case 'refunded':
      return refuse('order_refunded');
    case 'cancelled':
      return books;
    case 'expired':
      return ending === 'expired' ? books : refuse('order_expired');
  }
}

/**
 * A payment service that is silent for so long past the expiry must not hold the order: the driver has left. The attempt stays open and is asked
 * for; money that turns up goes back.
 */
export const isHopeless = (books: Books, ending: 'cancelled' | 'expired', now: number): boolean =>
  ending === 'expired' && now > books.order.expiresAt + lateMoneyGraceMs;

async function endIfStillPlaced(
  world: EndOrderWorld,
  key: OrderKey,
  ending: 'cancelled' | 'expired',
): Promise<Books | Refusal> {
  const now = world.now();
  const answer = await world.db.transaction(async (tx) => {
    const before = await lockBooks(tx, [key]);
    const books = before.get(key.orderId);
    if (books === undefined) return refuse('order_unknown');
    const after = decideEnd(books, ending, now);
    if (isRefusal(after)) return after;
    await storeChanges(
      tx,
      { before, after: new Map([[key.orderId, after]]), transfers: [], events: [], facts: [] },
      now,
      world.wantsEvent,
    );
    return after;
  });
  world.signal.tell({ orderIds: [key.orderId], events: [] });
  return answer;
}

/** The order's end, unless it was paid meanwhile or somebody is about to pay. Refuses as `createEndOrder`, from order_already_paid on. */
export function decideEnd(books: Books, ending: 'cancelled' | 'expired', now: number): Books | Refusal {
  const ended = alreadyEnded(books, ending);
  if (ended !== null) return ended;
  if (books.attempts.some(isCurrent) && !isHopeless(books, ending, now)) return refuse('payment_in_progress');
  return { ...books, order: { ...books.order, state: orderAfter(books.order.state, ending) } };
}
