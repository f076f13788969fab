import type { TextStore } from './idempotency.ts';

/** One order of this phone with the token that alone may read it. */
export type KeptOrder = {
  readonly orderId: string;
  readonly accessToken: string;
  readonly stationName: string;
  /** RFC 3339. */
  readonly placedAt: string;
  readonly timeZone: string;
};

export const keptOrdersMax = 20;
const name = 'forecourt.orders';

/** The orders of this phone, newest first. Whatever cannot be read is left out: it may stem from another version of the page. */
export function readKeptOrders(store: TextStore): readonly KeptOrder[] {
  try {
    const kept: unknown = JSON.parse(store.getItem(name) ?? '[]');
    return Array.isArray(kept) ? kept.filter(isKeptOrder) : [];
  } catch {
    return [];
  }
}

/** Puts an order in front; beyond the newest 20 the oldest are forgotten. */
export function keepOrder(store: TextStore, order: KeptOrder): void {
  const others = readKeptOrders(store).filter(({ orderId }) => orderId !== order.orderId);
  store.setItem(name, JSON.stringify([order, ...others].slice(0, keptOrdersMax)));
}

export const accessTokenOf = (store: TextStore, orderId: string): string | null =>
  readKeptOrders(store).find((order) => order.orderId === orderId)?.accessToken ?? null;

const isKeptOrder = (value: unknown): value is KeptOrder =>
  typeof value === 'object' &&
  value !== null &&
  ['orderId', 'accessToken', 'stationName', 'placedAt', 'timeZone'].every(
    (key) => typeof Reflect.get(value, key) === 'string',
  );
