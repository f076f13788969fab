import { minuteMs } from '../../base/clock.ts';
import { makeOrderId } from '../../base/ids.ts';
import { isRefusal } from '../../base/problem.ts';
import type { Random } from '../../base/random.ts';
import { type Order, orderLifetimeMs } from '../../order/order.ts';
import { issuePermit } from '../../permit/permit.ts';
import { makePermitKey, openPermitKey } from '../../permit/permit-token.ts';
import { priceOrder } from '../../station/price.ts';
import type { Books } from '../books.ts';
import type { Circumstances, House } from './house.ts';
import { checkInvariants } from './invariants/invariants.ts';
import { type Message, openService } from './service/payment-service.ts';
import { openRows } from './steps/rows.ts';
import { ourRules, type Rules } from './rules.ts';

const stationNumber = 1003;
export const opensAt = Date.UTC(2026, 10, 23, 8);
const permitKey = openPermitKey(makePermitKey(1));

/** An order was placed; nothing is paid yet, and everything works. */
export function openHouse(circumstances: Circumstances, rules: Rules = ourRules): House {
  const random = countingRandom();
  const told: Message[] = [];
  const rows = openRows(placedBooks(circumstances, random));
  const house: House = {
    now: opensAt,
    circumstances,
    rules,
    rows,
    services: [openService('wechat-pay', told), openService('alipay', told), openService('stripe', told)],
    weather: { 'wechat-pay': 'fine', alipay: 'fine', stripe: 'fine' },
    told,
    late: [],
    nodes: [
      { number: 1, creating: new Set() },
      { number: 2, creating: new Set() },
    ],
    paused: [],
    issue: (books, attempt) =>
      issuePermit({ ...books.order, attemptRef: attempt.attemptRef, plate: null }, permitKey, house.now, random),
    random,
    story: [],
    check: (before) => checkInvariants(house, before),
    toldBackMinor: new Map(),
    reached: new Set(),
    requests: 0,
  };
  return house;
}

/** Never the same twice in one run, and the same in every run. */
function countingRandom(): Random {
  let count = 0;
  return (byteCount) => {
    count += 1;
    const bytes = new Uint8Array(byteCount);
    new DataView(bytes.buffer).setUint32(byteCount - 4, count);
    return bytes;
  };
}

const rules = {
  currency: 'CNY',
  unit: 'l',
  priceResolutionMilli: 10,
  volumeStepMilli: 10,
  rounding: 'half-up',
} as const;

const prices = { pumpPriceMilli: 7_390, memberPriceMilli: 7_190 };

function placedBooks({ byVolume }: Circumstances, random: Random): Books {
  const wish = byVolume
    ? { ...prices, moneyMinor: null, volumeMilli: 30_000 }
    : { ...prices, memberPriceMilli: null, moneyMinor: 20_000, volumeMilli: null };
  const priced = priceOrder({ rules, ...wish });
  if (isRefusal(priced)) throw new Error(`the order has no price: ${priced.refusal}`);
  const order: Order = {
    ...priced,
    stationNumber,
    orderId: makeOrderId(stationNumber, opensAt, random),
    state: 'placed',
    placedAt: opensAt,
    priceHeldUntil: opensAt + orderLifetimeMs,
    expiresAt: opensAt + orderLifetimeMs,
    grade: '95',
    pump: 3,
    nozzle: 10,
    currency: rules.currency,
    officialPriceMilli: null,
    pumpPriceMilli: wish.pumpPriceMilli,
    memberPriceMilli: wish.memberPriceMilli,
    locale: 'zh-CN',
    userName: null,
    userPhone: null,
    userPlate: null,
    located: { by: 'station-number', pumpCode: null, position: null },
    station: {
      ...rules,
      stationNumber,
      name: 'Test',
      brand: null,
      address: 'Road 1',
      timeZone: 'Asia/Shanghai',
      methods: ['wechat-pay', 'alipay', 'stripe'],
    },
  };
  return { order, attempts: [], permit: null, refunds: [], dispense: null };
}

export const promiseMs = 20 * minuteMs;
