import fc from 'fast-check';
import { makeAttemptRef, makeOrderId } from '../../../base/ids.ts';
import type { PaymentFact, RefundFact } from '../../../payment/provider/provider.ts';
import { act, anyNumber, type Happening, pick, place, tellOf } from './happening.ts';
import { hear } from '../steps/hear.ts';
import { type House, money, serviceOf } from '../house.ts';
import { leftMinor, type PaymentService, type ServiceRefund, type Trade } from '../service/payment-service.ts';
import { readBill } from '../steps/read-bill.ts';
import { tell } from '../service/service-calls.ts';
import { finishRefund, giveBackThere, payStranger } from '../service/service-people.ts';
import { heardAt } from '../service/service-words.ts';
import { shortRef } from '../steps/settle.ts';

/** What happens at the payment services: refunds end well or badly, people give money back there, and signed messages are about something else. */

type Owned = { readonly service: PaymentService; readonly trade: Trade };

const ownedTrades = (house: House): readonly Owned[] =>
  house.services.flatMap((service) => [...service.trades.values()].map((trade) => ({ service, trade })));

/** One that needs a person's help may get it later; what is done stays done. */
export const refundEnds: fc.Arbitrary<Happening> = fc
  .record({
    number: anyNumber,
    state: fc.constantFrom('succeeded' as const, 'succeeded', 'succeeded', 'abnormal', 'closed'),
  })
  .map(({ number, state }) => (house) => {
    const unfinished = ownedTrades(house).flatMap((owned) =>
      owned.trade.refunds.filter((refund) => canEnd(refund, state)).map((refund) => ({ ...owned, refund })),
    );
    const found = pick(unfinished, number);
    if (found === undefined) return;
    finishRefund(found.service, found.trade, found.refund, state, house.now);
    tellOf(house, `${found.service.account.id}: refund ${shortRef(found.refund.refundRef)} ends, ${state}`);
  });

const canEnd = ({ state }: ServiceRefund, end: string): boolean =>
  state === 'processing' || (state === 'abnormal' && end === 'succeeded');

/** Weeks later, perhaps: the account that it should go to is gone. */
export const refundBounces: fc.Arbitrary<Happening> = anyNumber.map((number) => (house) => {
  const done = ownedTrades(house).flatMap((owned) =>
    owned.trade.refunds
      .filter(({ state, by }) => state === 'succeeded' && by === 'us' && owned.service.account.id === 'stripe')
      .map((refund) => ({ ...owned, refund })),
  );
  const found = pick(done, number);
  if (found === undefined) return;
  found.refund.bouncedAt = house.now;
  finishRefund(found.service, found.trade, found.refund, 'abnormal', house.now);
  tellOf(house, `stripe: the payer's bank sends refund ${shortRef(found.refund.refundRef)} back`);
});

export const isGivenBackThere: fc.Arbitrary<Happening> = fc
  .record({ number: anyNumber, isWhole: fc.boolean() })
  .map(({ number, isWhole }) => (house) => {
    const found = pick(
      ownedTrades(house).filter(
        ({ trade }) => leftMinor(trade) > 0 && trade.payment?.currency === trade.asked.currency,
      ),
      number,
    );
    if (found === undefined) return;
    const left = leftMinor(found.trade);
    const minor = isWhole ? left : Math.ceil(left / 4);
    giveBackThere(found.service, found.trade, minor, house.now);
    tellOf(
      house,
      `${found.service.account.id}: somebody gives ${money(minor)} of attempt ${shortRef(found.trade.attemptRef)} back at its desk`,
    );
  });

/** Authentic, and not about our payment as it was asked for. */
const lies: Readonly<Record<string, Partial<PaymentFact>>> = {
  'to another merchant': { merchantId: 'another-merchant' },
  'in test mode': { liveMode: false },
  'without a signature': { authenticated: false },
};

export const lieArrives: fc.Arbitrary<Happening> = fc
  .record({
    number: anyNumber,
    lie: fc.constantFrom(...Object.keys(lies), 'through another service'),
    // News that is strange and no money may come before money that is strange in the same way.
    state: fc.constantFrom('paid', 'paid', 'pending', 'closed'),
    place,
  })
  .map(({ number, lie, state, place }) => (house) => {
    const attempt = pick(house.rows.books.attempts, number);
    if (attempt === undefined) return;
    const own = serviceOf(house, attempt.provider);
    const service = lie in lies ? own : (house.services.find((one) => one !== own) ?? own);
    tell(service, {
      source: 'notification',
      attemptRef: attempt.attemptRef,
      state,
      ...service.account.merchant,
      providerPaymentId: 'lie',
      amount: { minor: attempt.amountMinor, currency: attempt.currency },
      authenticated: true,
      paidAt: house.now,
      evidence: heardAt(house.now),
      ...lies[lie],
    });
    const message = house.told.at(-1);
    if (message === undefined) return;
    act(
      house,
      `a message of ${service.account.id} says that attempt ${shortRef(attempt.attemptRef)} is ${state} ${lie}`,
      place,
      () => hear(house, message, { copies: 1, canJudge: true }),
    );
  });

/** Authentic, and of a refund that was never made with our money. */
const refundLies: Readonly<Record<string, Partial<RefundFact>>> = {
  'of another merchant': { merchantId: 'another-merchant' },
  'in test mode': { liveMode: false },
};

export const refundLieArrives: fc.Arbitrary<Happening> = fc
  .record({
    number: anyNumber,
    lie: fc.constantFrom(...Object.keys(refundLies), 'through another service'),
    place,
  })
  .map(({ number, lie, place }) => (house) => {
    const refund = pick(house.rows.books.refunds, number);
    if (refund === undefined) return;
    const own = serviceOf(house, refund.provider);
    const service = lie in refundLies ? own : (house.services.find((one) => one !== own) ?? own);
    const { refundRef, attemptRef, amountMinor, currency } = refund;
    tell(service, {
      source: 'notification',
      refundRef,
      attemptRef,
      state: 'succeeded',
      amount: { minor: amountMinor, currency },
      evidence: heardAt(house.now),
      ...refundLies[lie],
    });
    const message = house.told.at(-1);
    if (message === undefined) return;
    act(
      house,
      `a message of ${service.account.id} says that refund ${shortRef(refundRef)} is done, ${lie}`,
      place,
      () => hear(house, message, { copies: 1, canJudge: true }),
    );
  });

/** Another till uses our account. */
export const strangerPays: fc.Arbitrary<Happening> = fc.nat({ max: 2 }).map((number) => (house) => {
  const service = house.services[number];
  if (service === undefined || service.strangers.size > 1) return;
  const { stationNumber } = house.rows.books.order;
  const attemptRef = makeAttemptRef(makeOrderId(stationNumber, house.now, house.random), 1);
  const { appId } = service.account.merchant;
  const payment = {
    minor: 900,
    currency: 'CNY',
    paymentId: `stranger-${attemptRef}`,
    at: house.now,
    appId,
    payer: 'somebody',
  };
  payStranger(service, attemptRef, payment, house.now);
  tellOf(house, `${service.account.id}: another till of the same merchant is paid ${money(900)}`);
});

export const billIsRead: fc.Arbitrary<Happening> = fc
  .record({ number: fc.nat({ max: 2 }), place })
  .map(({ number, place }) => (house) => {
    const service = house.services[number];
    if (service === undefined || service.trades.size + service.strangers.size === 0) return;
    act(house, `the bill of ${service.account.id} is read`, place, () => readBill(house, service));
  });
