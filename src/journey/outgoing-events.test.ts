import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeAttemptRef, makeOrderId } from '../base/ids.ts';
import { isRefusal } from '../base/problem.ts';
import { systemRandom } from '../base/random.ts';
import { type Order, orderAfter } from '../order/order.ts';
import { type OutgoingEvent, outgoingEventTypes, stationOfEvent, writeEventBody } from '../outgoing/outgoing-event.ts';
import { outgoingEventMessage } from '../outgoing/outgoing-event.message.ts';
import { type Attempt, attemptAfter, isOpen, nothingKnown } from '../payment/attempt.ts';
import type { PaymentFact, RefundFact } from '../payment/provider/provider.ts';
import { cautiousTerms } from '../payment/refund.ts';
import { issuePermit, permitAfter } from '../permit/permit.ts';
import { makePermitKey, openPermitKey } from '../permit/permit-token.ts';
import type { Books } from './books.ts';
import { decideReport } from './deliver-permit.ts';
import { outgoingEventsOf } from './outgoing-events.ts';
import { decideDispense } from './record-dispense.ts';
import { decideStaffRefund } from './refund-order.ts';
import { decideRefund } from './refund-settlement.ts';
import { decideSettlement } from './settlement.ts';

const now = Date.UTC(2026, 10, 23, 8);
const key = openPermitKey(makePermitKey(1));
const merchant = { merchantId: '1900000001', appId: 'wx01', liveMode: true };
const stationNumber = 1003;
const orderId = makeOrderId(stationNumber, now, systemRandom);

const order: Order = {
  stationNumber,
  orderId,
  state: 'placed',
  placedAt: now,
  priceHeldUntil: now + 600_000,
  expiresAt: now + 600_000,
  grade: '95',
  pump: 3,
  nozzle: 10,
  currency: 'CNY',
  officialPriceMilli: null,
  pumpPriceMilli: 7390,
  memberPriceMilli: 7190,
  moneyMinor: 20_000,
  volumeMilli: 27_060,
  discountMinor: 541,
  payableMinor: 19_459,
  locale: 'zh-CN',
  userName: '李雷',
  userPhone: '13800138000',
  userPlate: '京A12345',
  located: { by: 'station-number', pumpCode: null, position: null },
  station: {
    stationNumber,
    name: 'Test',
    brand: null,
    address: 'Road 1',
    timeZone: 'Asia/Shanghai',
    methods: ['wechat-pay'],
    currency: 'CNY',
    unit: 'l',
    priceResolutionMilli: 10,
    volumeStepMilli: 10,
    rounding: 'half-up',
  },
};

const attemptOf = (attemptNumber: number): Attempt => ({
  ...nothingKnown,
  stationNumber,
  orderId,
  attemptRef: makeAttemptRef(orderId, attemptNumber),
  idempotencyKey: `key-${attemptNumber}`,
  provider: 'wechat-pay',
  surface: 'wechat.h5',
  merchantId: merchant.merchantId,
  appId: merchant.appId,
  state: 'pending',
  amountMinor: order.payableMinor,
  currency: 'CNY',
  payer: { ip: '127.0.0.1', userAgent: '' },
  createdAt: now,
  expiresAt: now + 600_000,
  pollAt: now,
});

const fresh: Books = { order, attempts: [attemptOf(1)], permit: null, refunds: [], dispense: null };

/** One thing that may happen to an order, as the steps of the journey decide it. */
type Step = (books: Books) => Books;

const factOf = (attemptNumber: number, changes: Partial<PaymentFact>): PaymentFact => ({
  source: 'notification',
  attemptRef: makeAttemptRef(orderId, attemptNumber),
  state: 'paid',
  amount: { minor: order.payableMinor, currency: 'CNY' },
  ...merchant,
  paidAt: now + 1_000,
  authenticated: true,
  evidence: { receivedAt: now, bodySha256: '' },
  ...changes,
});

const hear =
  (attemptNumber: number, changes: Partial<PaymentFact> = {}): Step =>
  (books) =>
    decideSettlement(books, factOf(attemptNumber, changes), {
      provider: { id: 'wechat-pay', merchant },
      now,
      refundPromiseDays: 5,
      issue: (paid, { attemptRef }) => issuePermit({ ...paid.order, attemptRef, plate: null }, key, now, systemRandom),
    }).books;

const report =
  (state: 'sent' | 'printed' | 'processed' | 'unconfirmed' | 'undeliverable'): Step =>
  (books) =>
    decideReport(books, {
      stationNumber,
      reportId: state,
      permitId: books.permit?.permitId ?? '',
      state,
      reason: null,
      deviceId: 'printer-1',
      deviceRef: null,
      reportedAt: now,
      receivedAt: now,
    });

const end =
  (ending: 'cancelled' | 'expired'): Step =>
  (books) => ({ ...books, order: { ...books.order, state: orderAfter(books.order.state, ending) } });

const tryAgain: Step = (books) => ({
  ...books,
  attempts: [
    ...books.attempts.map((one) => (isOpen(one) ? { ...one, state: attemptAfter(one.state, 'closed') } : one)),
    attemptOf(books.attempts.length + 1),
  ],
});

const redeem: Step = (books) =>
  books.permit === null
    ? books
    : { ...books, permit: { ...books.permit, state: permitAfter(books.permit.state, 'redeemed') } };

const refundBy =
  (idempotencyKey: string, amountMinor: number | null): Step =>
  (books) => {
    const wish = { idempotencyKey, amountMinor, reason: 'spilled', by: '王芳', evenIfRedeemed: true };
    const decided = decideStaffRefund(books, wish, () => cautiousTerms, now);
    return isRefusal(decided) ? books : decided.books;
  };

const dispense =
  (volumeMilli: number): Step =>
  (books) => {
    const decided = decideDispense(books, { volumeMilli, by: '王芳', source: 'staff' }, () => cautiousTerms, now);
    return isRefusal(decided) ? books : decided.books;
  };

/** What the payment service says of the refund at this place in the list. */
const hearOfRefund =
  (place: number, state: RefundFact['state']): Step =>
  (books) => {
    const refund = books.refunds[place % Math.max(1, books.refunds.length)];
    if (refund === undefined) return books;
    const { refundRef, attemptRef } = refund;
    const evidence = { receivedAt: now, bodySha256: '' };
    return decideRefund(books, { source: 'query', refundRef, attemptRef, state, evidence }, now).books;
  };

const refundElsewhere: Step = (books) =>
  decideRefund(
    books,
    {
      source: 'notification',
      refundRef: 'refund-by-hand-7',
      attemptRef: makeAttemptRef(orderId, 1),
      state: 'succeeded',
      amount: { minor: 100, currency: 'CNY' },
      evidence: { receivedAt: now, bodySha256: '' },
    },
    now,
  ).books;

const anything = (): true => true;
const derive = (before: Books, after: Books): readonly OutgoingEvent[] =>
  outgoingEventsOf(before, after, now, anything);

/** The types of the events that each of these steps brings, one list a step. */
function tell(...steps: readonly Step[]): readonly (readonly string[])[] {
  let books = fresh;
  return steps.map((step) => {
    const before = books;
    books = step(before);
    return derive(before, books).map(({ type }) => type);
  });
}

test('an order that goes well is told of as it is paid, has its permit, and is printed', () => {
  assert.deepEqual(tell(hear(1), report('sent'), report('printed'), redeem), [
    ['order.paid', 'permit.issued'],
    [],
    ['permit.printed', 'order.fulfilled'],
    ['permit.redeemed'],
  ]);
});

test('each thing that can go wrong has its event', () => {
  const cases: readonly (readonly [string, readonly Step[], readonly string[]])[] = [
    ['cancelled', [end('cancelled')], ['order.cancelled']],
    ['expired', [end('expired')], ['order.expired']],
    ['the printer did not say', [hear(1), report('unconfirmed')], ['permit.unconfirmed']],
    ['no printer took it', [hear(1), report('undeliverable')], ['permit.undeliverable']],
    [
      'found after all',
      [hear(1), report('undeliverable'), report('processed')],
      ['permit.processed', 'order.fulfilled'],
    ],
    ['paid twice', [hear(1), tryAgain, hear(2)], ['refund.due']],
    ['paid too late', [end('expired'), hear(1)], ['refund.due']],
    ['too little', [hear(1, { amount: { minor: 1, currency: 'CNY' } })], ['payment.integrity', 'refund.due']],
    ['of another app', [hear(1, { appId: 'wx02' })], ['payment.integrity', 'refund.due']],
    ['of another merchant', [hear(1, { merchantId: '19' })], ['payment.integrity']],
    ['part of it given back', [hear(1), refundBy('key', 100)], ['refund.due']],
    ['all of it given back', [hear(1), refundBy('key', null)], ['permit.revoked', 'order.refunded', 'refund.due']],
    ['it is back', [hear(1), refundBy('key', null), hearOfRefund(0, 'succeeded')], ['refund.succeeded']],
    ['it hangs', [hear(1), refundBy('key', null), hearOfRefund(0, 'abnormal')], ['refund.abnormal']],
    ['under way', [hear(1), refundBy('key', null), hearOfRefund(0, 'processing')], []],
    [
      'it bounced',
      [hear(1), refundBy('key', null), hearOfRefund(0, 'succeeded'), hearOfRefund(0, 'abnormal')],
      ['refund.abnormal'],
    ],
    ['given back at the service', [hear(1), refundElsewhere], ['refund.succeeded']],
    ['less dispensed', [hear(1), dispense(10_000)], ['order.dispensed', 'refund.due']],
  ];
  for (const [name, steps, events] of cases) assert.deepEqual(tell(...steps).at(-1), events, name);
});

test('what came and went within one change is told by how it ended', () => {
  const after = [hear(1), report('unconfirmed'), report('printed'), refundBy('key', null)].reduce(
    (books, step) => step(books),
    fresh,
  );
  assert.deepEqual(
    derive(fresh, after).map(({ type }) => type),
    ['order.paid', 'permit.issued', 'permit.revoked', 'order.refunded', 'refund.due'],
  );
});

test('only what is wanted is derived', () => {
  const paid = hear(1)(fresh);
  const wanted = outgoingEventsOf(fresh, paid, now, (type, station) => type === 'order.paid' && station === 1003);
  assert.deepEqual(
    wanted.map(({ type }) => type),
    ['order.paid'],
  );
  assert.deepEqual(
    outgoingEventsOf(fresh, paid, now, () => false),
    [],
  );
});

const anyAttempt = fc.integer({ min: 1, max: 3 });
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: anyAttempt.map((number) => hear(number)), weight: 4 },
  fc
    .tuple(
      anyAttempt,
      fc.record(
        {
          state: fc.constantFrom('pending', 'closed', 'paid', 'refunded', 'not_found'),
          amount: fc.record({
            minor: fc.constantFrom(0, 1, order.payableMinor, order.payableMinor + 1),
            currency: fc.constantFrom('CNY', 'EUR'),
          }),
          refundedMinor: fc.constantFrom(1, order.payableMinor),
          merchantId: fc.constantFrom(merchant.merchantId, '19'),
          appId: fc.constantFrom(merchant.appId, 'wx02'),
          liveMode: fc.boolean(),
        },
        { requiredKeys: [] },
      ),
    )
    .map(([number, changes]) => hear(number, changes)),
  fc.constantFrom('sent', 'printed', 'processed', 'unconfirmed', 'undeliverable').map(report),
  fc.constantFrom('cancelled', 'expired').map(end),
  fc.constantFrom(tryAgain, redeem, refundElsewhere),
  fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom(null, 1, 100)).map(([name, minor]) => refundBy(name, minor)),
  fc.constantFrom(0, 10_000, 27_060).map(dispense),
  fc
    .tuple(fc.nat(5), fc.constantFrom('processing', 'succeeded', 'abnormal', 'closed', 'not_found'))
    .map(([place, state]) => hearOfRefund(place, state)),
);

/** The books after each step, the first before any. */
const walk = (steps: readonly Step[]): readonly Books[] =>
  steps.reduce<readonly Books[]>((passed, step) => [...passed, step(passed.at(-1) ?? fresh)], [fresh]);

test('whatever happens to an order, in whatever order, each event is told once, and the same change tells the same event', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 30, size: 'max' }), (steps) => {
      const passed = walk(steps);
      const told = passed.slice(1).flatMap((after, index) => derive(passed[index] ?? fresh, after));
      const ids = told.map(({ eventId }) => eventId);
      // Strange news may alternate, and each kind keeps its one name; all else moves on and comes once.
      const once = told.filter(({ type }) => type !== 'payment.integrity').map(({ eventId }) => eventId);
      assert.deepEqual([...new Set(once)], once, told.map(({ type }) => type).join(' '));
      // The whole at once, as a busy batch would have it, tells nothing that the steps did not tell, under the same names.
      const atOnce = derive(fresh, passed.at(-1) ?? fresh).map(({ eventId }) => eventId);
      assert.deepEqual(
        atOnce.filter((id) => !ids.includes(id)),
        [],
      );
      for (const { type } of told) seen.add(type);
    }),
    { numRuns: 2_000 },
  );
  assert.deepEqual([...seen].toSorted(), outgoingEventTypes.toSorted(), 'the walk meets every event');
});

test('two kinds of strange news that alternate are two events, whatever comes how often', () => {
  const ofOther = hear(1, { merchantId: '19' });
  const inTest = hear(1, { liveMode: false });
  const passed = walk([ofOther, inTest, ofOther, inTest]);
  const ids = passed
    .slice(1)
    .flatMap((after, index) => derive(passed[index] ?? fresh, after).map((one) => one.eventId));
  assert.deepEqual([ids.length, new Set(ids).size], [4, 2]);
});

test('nothing changed, nothing told', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 20 }), (steps) => {
      const books = walk(steps).at(-1) ?? fresh;
      assert.deepEqual(derive(books, books), []);
      assert.deepEqual(derive(books, structuredClone(books)), []);
    }),
  );
});

test('every event keeps to its schema, names its station and tells nobody who the driver is', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 20 }), (steps) => {
      const passed = walk(steps);
      for (const [index, after] of passed.slice(1).entries())
        for (const event of derive(passed[index] ?? fresh, after)) {
          const body = writeEventBody(event, null);
          outgoingEventMessage.parse(JSON.parse(body));
          assert.equal(stationOfEvent(event.eventId), stationNumber);
          assert.doesNotMatch(body, /李雷|13800138000|A12345|王芳|spilled/);
        }
    }),
  );
});
