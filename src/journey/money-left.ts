import { isRefusal } from '../base/problem.ts';
import { keptMinor } from '../payment/refund.ts';
import type { Books } from './books.ts';
import { refundable } from './refund-order.ts';

/** Of the money that paid the order, what a person may still give back, in minor units; 0 where that is none. */
export function leftMinorOf(books: Books): number {
  const paid = refundable(books);
  return isRefusal(paid) ? 0 : keptMinor(paid, books.refunds);
}
