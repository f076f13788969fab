import type { OrderMessage } from '../../order/order.message.ts';
import type { PaymentMessage, StartPaymentMessage } from '../../payment/payment.message.ts';
import type { Answer, Cloud } from './cloud.ts';

/** An order and the token that alone opens it. */
export type OrderKey = { readonly orderId: string; readonly accessToken: string };

export const writePayment = (message: StartPaymentMessage): string => JSON.stringify(message);

/** What can be asked of one order. */
export type OrderCalls = ReturnType<typeof callOrder>;

export function callOrder(cloud: Cloud, { orderId, accessToken }: OrderKey) {
  const path = `/v1/orders/${orderId}`;
  const bearer = { authorization: `Bearer ${accessToken}` };
  return {
    read: (): Promise<Answer<OrderMessage>> => cloud.get(path, bearer),
    /** `body` is a StartPaymentMessage. */
    startPayment: (body: string, key: string): Promise<Answer<PaymentMessage>> =>
      cloud.post(`${path}/payments`, body, { ...bearer, 'idempotency-key': key }),
    cancel: (): Promise<Answer<OrderMessage>> => cloud.post(`${path}/cancel`, '{}', bearer),
    /** He is back from a cashier: has the cloud ask how the payment stands. */
    tellReturned: (): Promise<Answer<OrderMessage>> => cloud.post(`${path}/returned`, '{}', bearer),
    /** The stream of the order's changes; rejects where it cannot be had. */
    openEvents: (signal: AbortSignal): Promise<Response> =>
      fetch(`${cloud.origin}${path}/events`, {
        headers: { ...bearer, accept: 'text/event-stream' },
        signal,
        cache: 'no-store',
      }),
    /** The receipt as a picture, or null. */
    readReceipt: async (): Promise<Blob | null> => {
      const response = await fetch(`${cloud.origin}${path}/receipt.svg`, { headers: bearer }).catch(() => null);
      return response?.ok === true ? response.blob() : null;
    },
  };
}
