import { encodeNumber, normalize } from '../base/crockford.ts';
import { dayMs } from '../base/clock.ts';
import { pumpNumberMax } from '../base/ids.ts';
import type { Queries } from '../database/database.ts';
import type { OrderKey, OrderState } from '../order/order.ts';
import { readShortCode } from '../permit/permit.ts';

/** Which of a station's orders are wanted; null wants all. All that is not null must hold. */
export type OrderFilter = {
  readonly pump: number | null;
  /** A part of the number plate. */
  readonly plate: string | null;
  readonly state: OrderState | null;
  readonly search: SearchedOrder | null;
};

/** What a person may have meant by what he typed; an order is found by any of these. */
export type SearchedOrder = {
  readonly pump: number | null;
  readonly plate: string | null;
  /** The order's number, or the end of it. */
  readonly numberEnd: string | null;
  readonly shortCode: string | null;
};

export const ordersShownMax = 50;
/** Orders with a mark are looked for so far back; by its whole number one is found for ever. */
export const searchedDaysMax = 92;

const orderIdLength = 24;
const numberEndLengthMin = 4;
const plateLengthMin = 2;

/** A number plate or a part of it as orders keep it. */
export const readPlatePart = (typed: string): string => typed.trim().replace(/[·•]/g, '').toUpperCase();

/** Two digits are a pump; else it is the end of an order's number, a permit's short code or a part of a number plate. */
export function readSearch(typed: string): SearchedOrder {
  const plate = readPlatePart(typed);
  const pump = /^\d{1,2}$/.test(plate) ? Number(plate) : null;
  const number = normalize(plate.replace(/[\s-]/g, ''));
  const isEnd = number !== null && number.length >= numberEndLengthMin && number.length <= orderIdLength;
  return {
    pump: pump !== null && pump <= pumpNumberMax ? pump : null,
    plate: pump === null && plate.length >= plateLengthMin ? plate : null,
    numberEnd: isEnd ? number : null,
    shortCode: readShortCode(typed),
  };
}

/**
 * The keys of a station's orders, newest first, those before `before` (an order's number; null: from the newest). Order numbers sort by time, so the
 * primary key gives them in this order, and what is looked for by a mark is looked for in a bounded part of it.
 */
export async function findStationOrders(
  db: Queries,
  wish: {
    readonly stationNumber: number;
    readonly before: string | null;
    readonly filter: OrderFilter;
    readonly now: number;
  },
  limit: number,
): Promise<readonly OrderKey[]> {
  const { stationNumber, before, filter, now } = wish;
  const { search } = filter;
  return db.query<OrderKey>(
    `select o.station_number as "stationNumber", o.order_id as "orderId" from orders o
     where o.station_number = $1 and o.order_id < $2 and o.order_id >= $3
       and ($4::smallint is null or o.pump = $4)
       and ($5::text is null or position($5 in o.user_plate) > 0)
       and ($6::text is null or o.state = $6)
       and (not $7::boolean
         or o.pump = $8::smallint
         or position($9::text in o.user_plate) > 0
         or right(o.order_id, length($10::text)) = $10
         or ($11::text is not null and exists (select from permits p
             where p.station_number = o.station_number and p.order_id = o.order_id and p.short_code = $11)))
     order by o.order_id desc limit $12`,
    [
      stationNumber,
      before ?? encodeNumber(stationNumber, 6) + 'Z'.repeat(18),
      oldestOf(stationNumber, filter, now),
      filter.pump,
      filter.plate,
      filter.state,
      search !== null,
      search?.pump ?? null,
      search?.plate ?? null,
      search?.numberEnd ?? null,
      search?.shortCode ?? null,
      limit,
    ],
  );
}

/** The smallest order number that is looked at. */
function oldestOf(stationNumber: number, { pump, plate, state, search }: OrderFilter, now: number): string {
  const station = encodeNumber(stationNumber, 6);
  if (search?.numberEnd?.length === orderIdLength) return search.numberEnd;
  const isMarked = pump !== null || plate !== null || state !== null || search !== null;
  const since = isMarked ? Math.max(0, now - searchedDaysMax * dayMs) : 0;
  return station + encodeNumber(since, 9) + '0'.repeat(9);
}
