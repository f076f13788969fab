import type { OrderMessage, PlacedOrderMessage, PlaceOrderMessage } from '../../order/order.message.ts';
import type { PaymentMessage, StartPaymentMessage } from '../../payment/payment.message.ts';
import type { NearbyMessage, PositionMessage, StationMessage } from '../../station/station.message.ts';
import type { Language } from '../words.ts';

/** A refusal as RFC 9457 brings it: a stable code and what the driver reads. */
export type Problem = {
  readonly code: string;
  readonly status: number;
  readonly text: Readonly<Record<Language, string>>;
  /** What helps to do better, by the code: the new price, the limit. */
  readonly hint?: Readonly<Record<string, unknown>>;
};

/** `unanswered`: no reply, or one that is not the cloud's own (a proxy's 502 page). What was asked may have happened or not. */
export type Answer<Body> =
  | { readonly kind: 'answered'; readonly body: Body }
  | { readonly kind: 'refused'; readonly problem: Problem }
  | { readonly kind: 'unanswered' };

export type PumpMessage = { readonly station: StationMessage; readonly pump: number };

const answerWaitMaxMs = 15_000;

/** The cloud's calls for drivers. `origin` is empty in the page itself. None of them rejects. */
export type Cloud = ReturnType<typeof connectCloud>;

export function connectCloud(origin = '') {
  const get = <Body>(path: string, accessToken?: string) => ask<Body>(origin + path, { headers: bearer(accessToken) });
  const post = <Body>(path: string, message: string, headers: Record<string, string>) =>
    ask<Body>(origin + path, {
      method: 'POST',
      body: message,
      headers: { ...headers, 'content-type': 'application/json' },
    });

  return {
    findNearby: (position: PositionMessage) => get<NearbyMessage>(`/v1/stations/nearby?${queryOf(position)}`),
    readStation: (stationNumber: number) => get<StationMessage>(`/v1/stations/${stationNumber}`),
    readPump: (pumpCode: string) => get<PumpMessage>(`/v1/pumps/${encodeURIComponent(pumpCode)}`),
    /** `body` is a PlaceOrderMessage as JSON: the text itself, because the key belongs to it. */
    placeOrder: (body: string, key: string) => post<PlacedOrderMessage>('/v1/orders', body, { 'idempotency-key': key }),
    readOrder: (orderId: string, accessToken: string) => get<OrderMessage>(`/v1/orders/${orderId}`, accessToken),
    startPayment: (order: OrderKey, body: string, key: string) =>
      post<PaymentMessage>(`/v1/orders/${order.orderId}/payments`, body, {
        ...bearer(order.accessToken),
        'idempotency-key': key,
      }),
    cancelOrder: ({ orderId, accessToken }: OrderKey) =>
      post<OrderMessage>(`/v1/orders/${orderId}/cancel`, '{}', bearer(accessToken)),
    /** The stream of the order's changes; rejects where it cannot be had. */
    openEvents: ({ orderId, accessToken }: OrderKey, signal: AbortSignal) =>
      fetch(`${origin}/v1/orders/${orderId}/events`, {
        headers: { ...bearer(accessToken), accept: 'text/event-stream' },
        signal,
        cache: 'no-store',
      }),
    /** The receipt as a picture, or null. */
    readReceipt: async ({ orderId, accessToken }: OrderKey): Promise<Blob | null> => {
      const response = await fetch(`${origin}/v1/orders/${orderId}/receipt.svg`, {
        headers: bearer(accessToken),
      }).catch(() => null);
      return response?.ok === true ? response.blob() : null;
    },
  };
}

export type OrderKey = { readonly orderId: string; readonly accessToken: string };

export const writeOrder = (message: PlaceOrderMessage): string => JSON.stringify(message);
export const writePayment = (message: StartPaymentMessage): string => JSON.stringify(message);

const bearer = (accessToken?: string): Record<string, string> =>
  accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` };

function queryOf(position: PositionMessage): string {
  const query = new URLSearchParams({
    latitude: String(position.latitude),
    longitude: String(position.longitude),
    datum: position.datum,
  });
  if (position.accuracyMeters !== undefined) query.set('accuracy', String(position.accuracyMeters));
  if (position.speedMetersPerSecond !== undefined) query.set('speed', String(position.speedMetersPerSecond));
  return query.toString();
}

async function ask<Body>(address: string, request: RequestInit): Promise<Answer<Body>> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), answerWaitMaxMs);
  try {
    const response = await fetch(address, { ...request, signal: patience.signal, cache: 'no-store' });
    const body: unknown = await response.json();
    // The cloud checks its messages before it sends them, from the page's own origin; a second check would double the page.
    if (response.ok) return { kind: 'answered', body: body as Body };
    return isProblem(body) ? { kind: 'refused', problem: body } : { kind: 'unanswered' };
  } catch {
    return { kind: 'unanswered' };
  } finally {
    clearTimeout(timer);
  }
}

function isProblem(body: unknown): body is Problem {
  if (typeof body !== 'object' || body === null) return false;
  const text: unknown = Reflect.get(body, 'text');
  if (typeof text !== 'object' || text === null) return false;
  const texts: unknown[] = [Reflect.get(body, 'code'), Reflect.get(text, 'zh-CN'), Reflect.get(text, 'en')];
  return typeof Reflect.get(body, 'status') === 'number' && texts.every((one) => typeof one === 'string');
}
