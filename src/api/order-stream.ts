import type { Books } from '../journey/books.ts';
import type { Journey } from '../journey/journey.ts';
import { toOrderMessage } from '../journey/order-view.ts';
import type { EventStream } from './route.ts';

/** The order now and after each change. */
export const streamOrder =
  (journey: Journey, first: Books): EventStream =>
  (send) => {
    const follower = journey.orderFeeds.follow(first, (books) =>
      send({ event: 'order', data: JSON.stringify(toOrderMessage(books, journey.services)) }),
    );
    return () => follower.stop();
  };
