import type { TextStore } from './idempotency.ts';

const name = 'forecourt.signed-in';

/** When this phone was last sent to WeChat to say who pays, ms since 1970; null where it never was. Kept beside the orders' tokens, so that it lasts as they do. */
export function lastSignIn(store: TextStore): number | null {
  const kept = Number(store.getItem(name) ?? Number.NaN);
  return Number.isFinite(kept) ? kept : null;
}

export const noteSignIn = (store: TextStore, now: number): void => store.setItem(name, String(now));

/**
 * The code that WeChat put into the order's address when it sent the driver back: `?code=…&state=ORDER`. Null where there is none, or where it was meant
 * for another order.
 */
export function readSignInCode(search: string, orderId: string): string | null {
  const query = new URLSearchParams(search);
  const code = query.get('code') ?? '';
  return query.get('state') === orderId && /^[\w-]{1,128}$/.test(code) ? code : null;
}
