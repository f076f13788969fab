import type { TextStore } from './idempotency.ts';

const name = 'forecourt.cashier';

/** Remembers, as long as the tab lives, that the driver was sent to a cashier, so that his coming back is known as that. */
export const leaveForCashier = (store: TextStore): void => store.setItem(name, 'gone');

/** Whether he comes back from a cashier; the second question is answered with no. */
export function comesBack(store: TextStore): boolean {
  const was = store.getItem(name) !== null;
  store.removeItem(name);
  return was;
}
