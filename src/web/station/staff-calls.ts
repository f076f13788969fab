import type {
  StaffDispensedMessage,
  StaffDispensePreviewMessage,
  StaffMeMessage,
  StaffOrderListMessage,
  StaffOrderMessage,
  StaffRefundedMessage,
} from '../../staff/staff.message.ts';
import type { Answer, Cloud } from '../driver/cloud.ts';

/** Which orders are looked for; empty texts look for all. */
export type OrderQuery = { readonly search: string; readonly state: string };

/** What can be asked with a member's token. */
export type StaffCalls = ReturnType<typeof callStaff>;

export function callStaff(cloud: Cloud, token: string) {
  const bearer = { authorization: `Bearer ${token}` };
  const orderPath = (orderId: string): string => `/v1/staff/orders/${orderId}`;
  return {
    me: (): Promise<Answer<StaffMeMessage>> => cloud.get('/v1/staff/me', bearer),
    /** `before`: the `next` of the page before, or null for the newest. */
    listOrders: (
      stationNumber: number,
      query: OrderQuery,
      before: string | null,
    ): Promise<Answer<StaffOrderListMessage>> =>
      cloud.get(`/v1/staff/stations/${stationNumber}/orders${writeQuery(query, before)}`, bearer),
    readOrder: (orderId: string): Promise<Answer<StaffOrderMessage>> => cloud.get(orderPath(orderId), bearer),
    /** `body` is a StaffRefundWishMessage. */
    giveBack: (orderId: string, body: string, key: string): Promise<Answer<StaffRefundedMessage>> =>
      cloud.post(`${orderPath(orderId)}/refunds`, body, { ...bearer, 'idempotency-key': key }),
    previewDispense: (orderId: string, volume: string): Promise<Answer<StaffDispensePreviewMessage>> =>
      cloud.get(`${orderPath(orderId)}/dispensed?${new URLSearchParams({ volume })}`, bearer),
    tellDispensed: (orderId: string, volume: string): Promise<Answer<StaffDispensedMessage>> =>
      cloud.post(`${orderPath(orderId)}/dispensed`, JSON.stringify({ volume }), bearer),
  };
}

function writeQuery({ search, state }: OrderQuery, before: string | null): string {
  const query = new URLSearchParams();
  if (search !== '') query.set('search', search);
  if (state !== '') query.set('state', state);
  if (before !== null) query.set('before', before);
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}
