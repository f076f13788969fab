import fc from 'fast-check';
import type { PaymentWish } from '../../start-payment.ts';
import { endOrder } from '../steps/end.ts';
import { act, anyNumber, type Happening, pick, place, tellOf } from './happening.ts';
import { type House, money, serviceOf } from '../house.ts';
import { isPayable, type Trade } from '../service/payment-service.ts';
import { pressPay } from '../steps/pay.ts';
import { driverOpenId, type Oddity, openCashier, payTrade } from '../service/service-people.ts';
import { shortRef } from '../steps/settle.ts';
import { tradesOf } from '../invariants/truth.ts';

/** What the driver does: he orders once, and pays when, how and as often as he likes. */

const methods = ['wechat-pay', 'alipay', 'stripe'] as const;

/** In WeChat itself he is known; elsewhere he is shown a code or sent to a page. */
export const pressesPay: fc.Arbitrary<Happening> = fc
  .record({
    method: fc.constantFrom(...methods),
    inWechat: fc.boolean(),
    insists: fc.boolean(),
    again: fc.boolean(),
    place,
  })
  .map(({ method, inWechat, insists, again, place }) => (house) => {
    const isBound = inWechat && method === 'wechat-pay';
    const { stationNumber, orderId } = house.rows.books.order;
    if (!again) house.requests += 1;
    const wish: PaymentWish = {
      stationNumber,
      orderId,
      idempotencyKey: `press-${house.requests}`,
      method,
      surface: isBound ? 'wechat.jsapi' : null,
      payer: { ip: '203.0.113.7', userAgent: 'test', ...(isBound ? { openId: driverOpenId } : {}) },
      insists,
    };
    const how = `${again ? ' again' : ''}${insists ? ' and insists' : ''}`;
    act(house, `the driver presses "pay" by ${wish.surface ?? method}${how}`, place, (node) =>
      pressPay(house, node, wish),
    );
  });

export const cancels: fc.Arbitrary<Happening> = place.map(
  (at) => (house) => act(house, 'the driver cancels', at, () => endOrder(house, 'cancelled')),
);

/** What he can be shown to pay by stands in the rows before he is shown it. */
const shownTrades = (house: House): readonly Trade[] =>
  tradesOf(house).filter(
    (trade) =>
      isPayable(trade, house.now) &&
      house.rows.books.attempts.some((one) => one.attemptRef === trade.attemptRef && one.nextAction !== null),
  );

export const opensCashier: fc.Arbitrary<Happening> = anyNumber.map((number) => (house) => {
  const trade = pick(shownTrades(house), number);
  if (trade !== undefined && openCashier(trade, house.now))
    tellOf(house, `the driver is about to confirm attempt ${shortRef(trade.attemptRef)}`);
});

const oddity: fc.Arbitrary<Oddity> = fc.oneof(
  { weight: 12, arbitrary: fc.constant('right' as const) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('less' as const, 'more', 'another app', 'another payer', 'another currency'),
  },
);

/** Also late, also after a close where the code lives on, also by two codes: by any that he was ever shown. */
export const pays: fc.Arbitrary<Happening> = fc
  .record({ number: anyNumber, oddity })
  .map(({ number, oddity }) => (house) => {
    const trade = pick(shownTrades(house), number);
    const attempt = house.rows.books.attempts.find((one) => one.attemptRef === trade?.attemptRef);
    if (trade === undefined || attempt === undefined) return;
    const service = serviceOf(house, attempt.provider);
    const payment = payTrade(service, trade, oddity, house.now);
    if (payment === null) return;
    const odd = oddity === 'right' ? '' : ` (${oddity})`;
    tellOf(
      house,
      `${service.account.id}: attempt ${shortRef(trade.attemptRef)} is paid, ${money(payment.minor, payment.currency)}${odd}`,
    );
  });
