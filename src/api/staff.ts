import { z } from 'zod';
import { isOrderId } from '../base/ids.ts';
import { isRefusal, type Refusal, refuse } from '../base/problem.ts';
import { findBooks } from '../journey/books.ts';
import type { Journey } from '../journey/journey.ts';
import { findStationOrders, ordersShownMax, readPlatePart, readSearch } from '../journey/station-orders.sql.ts';
import { orderMessage } from '../order/order.message.ts';
import {
  staffDispensedMessage,
  staffDispensePreviewMessage,
  staffDispenseWishMessage,
  staffMeMessage,
  staffOrderListMessage,
  staffOrderMessage,
  staffRefundedMessage,
  staffRefundWishMessage,
} from '../staff/staff.message.ts';
import { staffStationsMax } from '../staff/staff-member.ts';
import { findStations } from '../station/station.sql.ts';
import { type Reply, type Route, route } from './route.ts';
import { enterRefusals, openStaffDoor, type StaffCall, type StaffDoor } from './staff-caller.ts';
import { giveBack, previewDispense, recordDispense } from './staff-money.ts';
import { describeOrder } from './staff-proof.ts';
import { toStaffOrderLine } from './staff-view.ts';

/** What a station's staff may ask, each with his token and at his stations only: see orders, give money back, tell what was dispensed. */
export function staffRoutes(journey: Journey): readonly Route[] {
  const door = openStaffDoor(journey);
  return [
    route('GET', '/v1/staff/me', {
      summary: 'Who holds the token, where he works, and what he may do besides seeing orders.',
      caller: 'staff',
      answer: { schema: staffMeMessage },
      refusals: enterRefusals,
      handle: (call) => showMe(journey, door, call),
    }),
    route('GET', '/v1/staff/stations/:number/orders', {
      summary: `A station's orders, newest first, at most ${ordersShownMax} a page; the next page by \`before\`.`,
      caller: 'staff',
      query: listQuery,
      answer: { schema: staffOrderListMessage },
      refusals: [...enterRefusals, 'station_unknown'],
      handle: (call) => listOrders(journey, door, call),
    }),
    route('GET', '/v1/staff/orders/:id', {
      summary: 'All that is known of one order: what settles it when a driver says that he has paid.',
      caller: 'staff',
      answer: { schema: staffOrderMessage },
      refusals: [...enterRefusals, 'order_unknown'],
      handle: async (call) => {
        const entered = await door.enterOrder(call, null);
        return isRefusal(entered) ? entered : { status: 200, json: await describeOrder(journey, entered.books) };
      },
    }),
    route('POST', '/v1/staff/orders/:id/refunds', {
      summary:
        'Gives money back, all that is left or a part. All of it makes the permit void. Needs the right `refund`.',
      caller: 'staff',
      creates: true,
      body: staffRefundWishMessage,
      answer: { status: 201, schema: staffRefundedMessage },
      refusals: [...orderRefusals, ...refundRefusals],
      handle: (call) => giveBack(journey, door, call),
    }),
    route('GET', '/v1/staff/orders/:id/dispensed', {
      summary: 'What would follow if this volume were told as dispensed. Changes nothing.',
      caller: 'staff',
      query: staffDispenseWishMessage,
      answer: { schema: staffDispensePreviewMessage },
      refusals: [...orderRefusals, ...dispenseRefusals],
      handle: (call) => previewDispense(journey, door, call),
    }),
    route('POST', '/v1/staff/orders/:id/dispensed', {
      summary:
        'Tells what the pump gave; the difference goes back by itself. Once an order. Needs the right `dispense`.',
      caller: 'staff',
      body: staffDispenseWishMessage,
      answer: { status: 201, schema: staffDispensedMessage },
      refusals: [...orderRefusals, ...dispenseRefusals],
      handle: (call) => recordDispense(journey, door, call),
    }),
  ];
}

const orderRefusals = [...enterRefusals, 'order_unknown', 'staff_right_missing'] as const;
const refundRefusals = [
  'idempotency_key_reused',
  'refund_reason_invalid',
  'refund_nothing_paid',
  'refund_amount_unknown',
  'refund_amount_invalid',
  'refund_above_paid',
  'refund_too_late',
  'refund_too_many',
  'refund_permit_redeemed',
] as const;
const dispenseRefusals = [
  'dispense_known',
  'order_not_paid',
  'dispense_volume_invalid',
  'dispense_implausible',
  'refund_amount_unknown',
  'refund_permit_redeemed',
] as const;

const listQuery = z.object({
  /** The last order number of the page before. */
  before: z.string().refine(isOrderId).optional(),
  pump: z
    .string()
    .regex(/^[1-9]\d?$/)
    .transform(Number)
    .optional(),
  /** A part of the number plate. */
  plate: z.string().min(1).max(32).optional(),
  state: orderMessage.shape.state.optional(),
  /** A pump, a part of the number plate, a permit's short code, or an order's number or its last characters. */
  search: z.string().min(1).max(64).optional(),
});

async function showMe(journey: Journey, door: StaffDoor, call: StaffCall): Promise<Reply | Refusal> {
  const member = await door.enter(call);
  if (isRefusal(member)) return member;
  const numbers = (member.stationNumbers ?? []).slice(0, staffStationsMax);
  const stations = await findStations(journey.db, numbers, journey.now());
  return {
    status: 200,
    json: {
      staffId: member.staffId,
      name: member.name,
      rights: member.rights,
      everywhere: member.stationNumbers === null,
      stations: stations.map(({ stationNumber, name }) => ({ stationNumber, name })),
    },
  };
}

async function listOrders(
  journey: Journey,
  door: StaffDoor,
  call: StaffCall<unknown, z.infer<typeof listQuery>>,
): Promise<Reply | Refusal> {
  const text = call.params['number'] ?? '';
  const stationNumber = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0;
  const member = await door.enterStation(call, stationNumber);
  if (isRefusal(member)) return member;
  const [station] = await findStations(journey.db, [stationNumber], journey.now());
  if (station === undefined) return refuse('station_unknown');
  const { before, pump, plate, state, search } = call.query;
  const filter = {
    pump: pump ?? null,
    plate: plate === undefined ? null : readPlatePart(plate),
    state: state ?? null,
    search: search === undefined ? null : readSearch(search),
  };
  const wish = { stationNumber, before: before ?? null, filter, now: journey.now() };
  // One more than is shown tells whether there is a next page.
  const keys = await findStationOrders(journey.db, wish, ordersShownMax + 1);
  const shown = keys.slice(0, ordersShownMax);
  const books = await findBooks(journey.db, shown);
  return {
    status: 200,
    json: {
      station: { stationNumber, name: station.name, timeZone: station.timeZone },
      orders: shown.flatMap(({ orderId }) => {
        const found = books.get(orderId);
        return found === undefined ? [] : [toStaffOrderLine(found)];
      }),
      next: keys.length > shown.length ? (shown.at(-1)?.orderId ?? null) : null,
    },
  };
}
