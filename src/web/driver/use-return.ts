import { useEffect, useState } from 'preact/hooks';
import { comesBack } from './cashier-trip.ts';
import type { TextStore } from './idempotency.ts';

/** So long the page calls a payment "being checked" after the driver came back: the cloud asks the payment service every two seconds at first. */
export const returnCheckMs = 6_000;

export type Return = {
  /** He has come back just now, and may have paid. */
  readonly isFresh: boolean;
  /** Says that he is back from WeChat's own window, which the page never left. */
  readonly note: () => void;
};

/** Knows that the driver comes back from a cashier: to a new page, to one with something in its address, or to the one that the browser kept in its memory. */
export function useReturn(store: TextStore, addressed: boolean): Return {
  const [returns, setReturns] = useState(() => (comesBack(store) || addressed ? 1 : 0));
  const [checked, setChecked] = useState(0);
  const note = () => setReturns((count) => count + 1);
  useEffect(() => {
    const look = ({ persisted }: PageTransitionEvent) => (persisted && comesBack(store) ? note() : undefined);
    window.addEventListener('pageshow', look);
    return () => window.removeEventListener('pageshow', look);
  }, []);
  useEffect(() => {
    if (returns === 0) return undefined;
    const timer = setTimeout(() => setChecked(returns), returnCheckMs);
    return () => clearTimeout(timer);
  }, [returns]);
  return { isFresh: returns > checked, note };
}
