import type { RoundingRules } from '../station/station.ts';

export type OrderState = 'placed' | 'paid' | 'fulfilled' | 'cancelled' | 'expired' | 'refunded';

/** How the order came to its station: what named it, and where the phone believed itself to be, in its own datum. */
export type Located = {
  readonly by: 'pump-code' | 'station-number' | 'position';
  readonly pumpCode: string | null;
  readonly position: LocatedPosition | null;
};

export type LocatedPosition = {
  readonly latitude: number;
  readonly longitude: number;
  readonly datum: 'WGS-84' | 'GCJ-02' | 'BD-09';
  readonly accuracyMeters: number;
  /** From the station, after conversion to WGS-84. */
  readonly distanceMeters: number;
};

/** What the order keeps of its station, as it was at that moment. */
export type StationSnapshot = RoundingRules & {
  readonly stationNumber: number;
  readonly name: string;
  readonly brand: string | null;
  readonly address: string;
  readonly timeZone: string;
  readonly methods: readonly string[];
};

/** The updated order: the driver's wish with the station's number and information added. Times in milliseconds since 1970. */
export type Order = {
  readonly stationNumber: number;
  readonly orderId: string;
  readonly state: OrderState;
  readonly placedAt: number;
  readonly priceHeldUntil: number;
  readonly expiresAt: number;
  readonly grade: string;
  readonly pump: number | null;
  readonly nozzle: number | null;
  readonly currency: string;
  readonly officialPriceMilli: number | null;
  readonly pumpPriceMilli: number;
  readonly memberPriceMilli: number | null;
  readonly moneyMinor: number;
  readonly volumeMilli: number;
  readonly discountMinor: number;
  readonly payableMinor: number;
  readonly locale: 'zh-CN' | 'en';
  readonly userName: string | null;
  readonly userPhone: string | null;
  readonly userPlate: string | null;
  readonly located: Located;
  readonly station: StationSnapshot;
};

export type OrderKey = { readonly stationNumber: number; readonly orderId: string };

export type OrderEvent = 'paid' | 'delivered' | 'cancelled' | 'expired' | 'refunded';

const transitions: Readonly<Record<OrderState, Partial<Record<OrderEvent, OrderState>>>> = {
  placed: { paid: 'paid', cancelled: 'cancelled', expired: 'expired', refunded: 'refunded' },
  paid: { delivered: 'fulfilled', refunded: 'refunded' },
  fulfilled: { refunded: 'refunded' },
  cancelled: {},
  expired: {},
  refunded: {},
};

/** The state after an event. Total: an event that does not belong to a state leaves it as it is. */
export const orderAfter = (state: OrderState, event: OrderEvent): OrderState => transitions[state][event] ?? state;

/** How long the price that the driver saw is kept for him. An order never outlives its price. */
export const priceHeldMs = 10 * 60_000;
export const orderLifetimeMs = priceHeldMs;
