import { createHash } from 'node:crypto';
import { createBatcher } from '../base/batcher.ts';
import type { Clock } from '../base/clock.ts';
import { makeOrderId } from '../base/ids.ts';
import { parseMoneyMinor } from '../base/money.ts';
import { isRefusal, type Refusal, refuse } from '../base/problem.ts';
import type { Random } from '../base/random.ts';
import { formatPriceMilli, parsePriceMilli, parseVolumeMilli } from '../base/volume.ts';
import type { Database } from '../database/database.ts';
import type { PlaceOrderMessage } from '../order/order.message.ts';
import { type Located, orderLifetimeMs, priceHeldMs, type StationSnapshot } from '../order/order.ts';
import { findRequestedOrders, insertOrders, type NewOrder, type RequestedOrder } from '../order/order.sql.ts';
import { readUser } from '../order/user.ts';
import { chooseNozzle } from '../station/layout.ts';
import { checkLimits } from '../station/limits.ts';
import { priceAt, priceOrder } from '../station/price.ts';
import type { GradePrice, Station } from '../station/station.ts';
import { findStations } from '../station/station.sql.ts';
import type { StationIndex } from '../station/station-index.ts';
import { type Books, findBooks } from './books.ts';
import { type Location, locateStation } from './locate-station.ts';

/**
 * Steps 1 to 3 of the journey: the driver's wish becomes the updated order (station number and information added, priced) and is stored
 * before any money moves. A repeated request with the same key and body gets the order of the first.
 */
export type PlaceOrder = (request: {
  readonly message: PlaceOrderMessage;
  readonly idempotencyKey: string;
}) => Promise<Books | Refusal>;

export type PlaceOrderWorld = {
  readonly db: Database;
  readonly stations: () => StationIndex;
  readonly now: Clock;
  readonly random: Random;
};

const ordersBatchMax = 200;

type Placement = {
  readonly message: PlaceOrderMessage;
  readonly idempotencyKey: string;
  readonly requestSha256: string;
  readonly location: Location & { readonly selected: { readonly stationNumber: number; readonly pump: number | null } };
};

export function createPlaceOrder(world: PlaceOrderWorld): PlaceOrder {
  const place = createBatcher<Placement, Books | Refusal>({
    batchMax: ordersBatchMax,
    store: (placements) => placeOrders(world, placements),
  });
  return async ({ message, idempotencyKey }) => {
    const location = locateStation(world.stations(), message);
    if (isRefusal(location)) return location;
    if (location.selected === null) return refuse(location.reason, { candidates: location.candidates });
    return place({ message, idempotencyKey, requestSha256: sha256(message), location });
  };
}

const sha256 = (message: PlaceOrderMessage): string =>
  createHash('sha256').update(JSON.stringify(message)).digest('hex');

/** One batch: what earlier requests made, what the stations are like now, each placement decided, all new orders stored at once. */
async function placeOrders(
  world: PlaceOrderWorld,
  placements: readonly Placement[],
): Promise<readonly (Books | Refusal)[]> {
  const now = world.now();
  const keys = placements.map(({ location, idempotencyKey }) => ({
    stationNumber: location.selected.stationNumber,
    idempotencyKey,
  }));
  const earlier = indexRequests(await findRequestedOrders(world.db, keys));
  const stations = new Map(
    (await findStations(world.db, [...new Set(keys.map((key) => key.stationNumber))], now)).map((station) => [
      station.stationNumber,
      station,
    ]),
  );
  const decided = placements.map((placement) =>
    earlier.has(requestName(placement.location.selected.stationNumber, placement.idempotencyKey))
      ? null
      : decidePlacement(placement, stations.get(placement.location.selected.stationNumber), now, world.random),
  );
  const orders = decided.filter((one): one is NewOrder => one !== null && !isRefusal(one));
  const stored = orders.length === 0 ? new Set<string>() : await insertOrders(world.db, uniqueRequests(orders));
  const repeated = await findRepeated(world.db, placements, decided, stored);
  return placements.map((placement, index) => {
    const one = decided[index] ?? null;
    if (one !== null && isRefusal(one)) return one;
    if (one !== null && stored.has(one.orderId))
      return { order: one, attempts: [], permit: null, refunds: [], dispense: null };
    return answerRepeated(placement, repeated);
  });
}

type Repeated = { readonly requests: ReadonlyMap<string, RequestedOrder>; readonly books: ReadonlyMap<string, Books> };

/** The orders of requests that were not new: sent before, or twice in one batch. */
async function findRepeated(
  db: Database,
  placements: readonly Placement[],
  decided: readonly (NewOrder | Refusal | null)[],
  stored: ReadonlySet<string>,
): Promise<Repeated> {
  const keys = placements
    .filter((_, index) => {
      const one = decided[index] ?? null;
      return one === null || (!isRefusal(one) && !stored.has(one.orderId));
    })
    .map(({ location, idempotencyKey }) => ({ stationNumber: location.selected.stationNumber, idempotencyKey }));
  if (keys.length === 0) return { requests: new Map(), books: new Map() };
  const requests = await findRequestedOrders(db, keys);
  return { requests: indexRequests(requests), books: await findBooks(db, requests) };
}

function answerRepeated(placement: Placement, repeated: Repeated): Books | Refusal {
  const { stationNumber } = placement.location.selected;
  const request = repeated.requests.get(requestName(stationNumber, placement.idempotencyKey));
  const books = request === undefined ? undefined : repeated.books.get(request.orderId);
  if (request === undefined || books === undefined)
    throw new Error(`the order of request ${placement.idempotencyKey} at station ${stationNumber} is gone`);
  return request.requestSha256 === placement.requestSha256 ? books : refuse('idempotency_key_reused');
}

const requestName = (stationNumber: number, idempotencyKey: string): string => `${stationNumber} ${idempotencyKey}`;

const indexRequests = (requests: readonly RequestedOrder[]): ReadonlyMap<string, RequestedOrder> =>
  new Map(requests.map((request) => [requestName(request.stationNumber, request.idempotencyKey), request]));

/** Of two requests with one key in one batch the first makes the order. */
const uniqueRequests = (orders: readonly NewOrder[]): readonly NewOrder[] => [
  ...new Map(
    orders.toReversed().map((order) => [requestName(order.stationNumber, order.idempotencyKey), order]),
  ).values(),
];

/**
 * The updated order, or why not. Refuses, in this order: station_unknown, station_closed, pump_ambiguous, grade_unknown, price_missing, pump_unknown,
 * nozzle_unknown, nozzle_other_grade, money_invalid, volume_invalid, price_invalid, price_changed, quantity and limit refusals, name_invalid,
 * phone_invalid, plate_invalid.
 */
export function decidePlacement(
  placement: Placement,
  station: Station | undefined,
  now: number,
  random: Random,
): NewOrder | Refusal {
  const { message, location } = placement;
  if (station === undefined) return refuse('station_unknown');
  if (station.state === 'closed') return refuse('station_closed');
  const codePump = location.selected.pump;
  if (codePump !== null && message.pump !== undefined && message.pump !== codePump)
    return refuse('pump_ambiguous', { pumps: [codePump, message.pump] });
  const nozzle = chooseNozzle(station, {
    grade: message.grade,
    pump: codePump ?? message.pump ?? null,
    nozzle: message.nozzle ?? null,
  });
  const price = priceAt(station.grades, message.grade, now);
  // A grade that hangs at a pump but has no price row at all is known, it only has no price.
  if (isRefusal(nozzle)) return nozzle;
  if (isRefusal(price)) return refuse('price_missing');
  const quantity = readQuantity(message, station);
  if (isRefusal(quantity)) return quantity;
  const changed = refuseOtherPrice(message, price);
  if (changed !== null) return changed;
  const priced = priceOrder({
    rules: station,
    pumpPriceMilli: price.pumpPriceMilli,
    memberPriceMilli: price.memberPriceMilli,
    ...quantity,
  });
  if (isRefusal(priced)) return priced;
  const beyond = checkLimits(station, priced);
  if (beyond !== null) return beyond;
  const user = readUser(message.user ?? {});
  if (isRefusal(user)) return user;
  return {
    stationNumber: station.stationNumber,
    orderId: makeOrderId(station.stationNumber, now, random),
    idempotencyKey: placement.idempotencyKey,
    requestSha256: placement.requestSha256,
    state: 'placed',
    placedAt: now,
    priceHeldUntil: now + priceHeldMs,
    expiresAt: now + orderLifetimeMs,
    grade: message.grade,
    ...nozzle,
    currency: station.currency,
    officialPriceMilli: price.officialPriceMilli,
    pumpPriceMilli: price.pumpPriceMilli,
    memberPriceMilli: price.memberPriceMilli,
    ...priced,
    locale: message.locale,
    ...user,
    located: describeLocation(message, location),
    station: takeSnapshot(station),
  };
}

type Quantity = { readonly moneyMinor: number | null; readonly volumeMilli: number | null };

function readQuantity(message: PlaceOrderMessage, station: Station): Quantity | Refusal {
  if (message.money?.startsWith('-') === true) return refuse('money_not_positive');
  const moneyMinor = message.money === undefined ? null : parseMoneyMinor(message.money, station.currency);
  if (message.money !== undefined && moneyMinor === null) return refuse('money_invalid');
  if (message.volume?.startsWith('-') === true) return refuse('volume_not_positive');
  const volumeMilli = message.volume === undefined ? null : parseVolumeMilli(message.volume);
  if (message.volume !== undefined && volumeMilli === null) return refuse('volume_invalid');
  return { moneyMinor, volumeMilli };
}

/** The driver orders at the price he saw or not at all. */
function refuseOtherPrice({ priceSeen }: PlaceOrderMessage, price: GradePrice): Refusal | null {
  const pump = parsePriceMilli(priceSeen.pump);
  const member = priceSeen.member === undefined || priceSeen.member === null ? null : parsePriceMilli(priceSeen.member);
  if (pump === null || (member === null && priceSeen.member !== undefined && priceSeen.member !== null))
    return refuse('price_invalid');
  if (pump === price.pumpPriceMilli && member === price.memberPriceMilli) return null;
  return refuse('price_changed', {
    pumpPrice: formatPriceMilli(price.pumpPriceMilli),
    memberPrice: price.memberPriceMilli === null ? null : formatPriceMilli(price.memberPriceMilli),
  });
}

function describeLocation(message: PlaceOrderMessage, location: Placement['location']): Located {
  const { pumpCode = null, position } = message;
  const named = message.stationNumber === undefined ? 'position' : 'station-number';
  const nearest = location.candidates[0];
  const by = pumpCode === null ? named : 'pump-code';
  if (position === undefined || nearest === undefined) return { by, pumpCode, position: null };
  const { latitude, longitude, datum, accuracyMeters = 0 } = position;
  const distanceMeters = Math.round(nearest.distanceMeters);
  return { by, pumpCode, position: { latitude, longitude, datum, accuracyMeters, distanceMeters } };
}

const takeSnapshot = (station: Station): StationSnapshot => ({
  stationNumber: station.stationNumber,
  name: station.name,
  brand: station.brand,
  address: station.address,
  timeZone: station.timeZone,
  currency: station.currency,
  unit: station.unit,
  priceResolutionMilli: station.priceResolutionMilli,
  volumeStepMilli: station.volumeStepMilli,
  rounding: station.rounding,
  methods: station.methods,
});
