import { type Books, findBooks } from '../journey/books.ts';
import type { Journey } from '../journey/journey.ts';
import { toOrderMessage } from '../journey/order-view.ts';
import type { EventStream } from './route.ts';

/** The order now and after each change; a change during a read is read again. */
export function streamOrder(journey: Journey, first: Books): EventStream {
  return (send) => {
    const { stationNumber, orderId } = first.order;
    let reading = false;
    let again = false;
    let gone = false;
    const show = (books: Books): void => send({ event: 'order', data: JSON.stringify(toOrderMessage(books)) });
    const readOn = async (): Promise<void> => {
      do {
        again = false;
        const books = (await findBooks(journey.db, [{ stationNumber, orderId }])).get(orderId);
        if (!gone && books !== undefined) show(books);
      } while (again && !gone);
    };
    const heard = (): void => {
      again = true;
      if (reading) return;
      reading = true;
      // A read that fails costs this news; the page asks again by itself.
      void readOn()
        .catch(() => undefined)
        .finally(() => {
          reading = false;
        });
    };
    const stop = journey.signal.onOrder(orderId, heard);
    show(first);
    // What changed between the first read and the listening is not missed.
    heard();
    return () => {
      gone = true;
      stop();
    };
  };
}
