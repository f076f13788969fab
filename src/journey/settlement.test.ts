import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeAttemptRef, makeOrderId } from '../base/ids.ts';
import { systemRandom } from '../base/random.ts';
import type { Dispense } from '../order/dispense.ts';
import type { Order, OrderState } from '../order/order.ts';
import {
  type Attempt,
  attemptAfter,
  type AttemptState,
  holdsMoney,
  lateMoneyGraceMs,
  nothingKnown,
} from '../payment/attempt.ts';
import type { Judgement } from '../payment/fact.ts';
import type { Transfer } from '../payment/ledger.ts';
import { digestPayer } from '../payment/provider/payer.ts';
import type { PaymentFact, RefundFact } from '../payment/provider/provider.ts';
import { makeRefund, type Refund } from '../payment/refund.ts';
import { issuePermit } from '../permit/permit.ts';
import { makePermitKey, openPermitKey } from '../permit/permit-token.ts';
import type { Books } from './books.ts';
import { decideReport } from './deliver-permit.ts';
import { decideRefund } from './refund-settlement.ts';
import { decideSettlement, type Judge } from './settlement.ts';

const now = Date.UTC(2026, 10, 23, 8);
const key = openPermitKey(makePermitKey(1));
const orderId = makeOrderId(1003, now, systemRandom);
const merchant = { merchantId: '1900000001', appId: 'wx01', liveMode: true };

const order: Order = {
  stationNumber: 1003,
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
  memberPriceMilli: null,
  moneyMinor: 20_000,
  volumeMilli: 27_060,
  discountMinor: 0,
  payableMinor: 20_000,
  locale: 'zh-CN',
  userName: null,
  userPhone: null,
  userPlate: null,
  located: { by: 'station-number', pumpCode: null, position: null },
  station: {
    stationNumber: 1003,
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

const makeAttempt = (attemptNumber: number, state: AttemptState): Attempt => ({
  ...nothingKnown,
  stationNumber: 1003,
  orderId,
  attemptRef: makeAttemptRef(orderId, attemptNumber),
  idempotencyKey: `key-${attemptNumber}`,
  provider: 'wechat-pay',
  surface: 'wechat.h5',
  merchantId: merchant.merchantId,
  appId: merchant.appId,
  state,
  amountMinor: 20_000,
  currency: 'CNY',
  payer: { ip: '127.0.0.1', userAgent: '' },
  createdAt: now,
  expiresAt: now + 600_000,
  pollAt: now,
});

const booksWith = (state: OrderState, ...attempts: readonly Attempt[]): Books => ({
  order: { ...order, state },
  attempts,
  permit: null,
  refunds: [],
  dispense: null,
});

const judge: Judge = {
  provider: { id: 'wechat-pay', merchant },
  now,
  refundPromiseDays: 5,
  issue: (books, attempt) =>
    issuePermit({ ...books.order, attemptRef: attempt.attemptRef, plate: null }, key, now, systemRandom),
};

const factOf = (attemptNumber: number, changes: Partial<PaymentFact> = {}): PaymentFact => ({
  source: 'notification',
  attemptRef: makeAttemptRef(orderId, attemptNumber),
  state: 'paid',
  amount: { minor: 20_000, currency: 'CNY' },
  merchantId: merchant.merchantId,
  appId: merchant.appId,
  liveMode: true,
  paidAt: now + 1_000,
  authenticated: true,
  providerPaymentId: '42',
  evidence: { receivedAt: now, bodySha256: '' },
  ...changes,
});

test('a verified payment of the right amount makes the order paid, with one permit and one entry in the books', () => {
  const {
    books,
    judgement,
    transfers = [],
    events = [],
  } = decideSettlement(booksWith('placed', makeAttempt(1, 'pending')), factOf(1), judge);
  assert.equal(judgement, 'paid');
  assert.equal(books.order.state, 'paid');
  assert.equal(books.permit?.attemptRef, makeAttemptRef(orderId, 1));
  assert.deepEqual([transfers.length, events.length, books.refunds.length], [1, 1, 0]);
});

test('news of another merchant, of a test account or without a signature has no effect on the order, and is told once', () => {
  const before = booksWith('placed', makeAttempt(1, 'pending'));
  const strange: readonly (readonly [Partial<PaymentFact>, string | null])[] = [
    [{ merchantId: '1900000002' }, 'wrong_merchant'],
    [{ liveMode: false }, 'test_mode'],
    [{ authenticated: false }, null],
  ];
  for (const [changes, integrity] of strange) {
    const { books, judgement, transfers = [] } = decideSettlement(before, factOf(1, changes), judge);
    assert.deepEqual([judgement, books.order.state, books.permit, transfers], ['integrity', 'placed', null, []]);
    assert.deepEqual([books.attempts[0]?.state, books.attempts[0]?.integrity], ['pending', integrity]);
    const again = decideSettlement(books, factOf(1, changes), judge);
    assert.equal(again.judgement, integrity === null ? 'integrity' : 'known');
  }
  const { merchantId: _, ...nameless } = factOf(1);
  assert.equal(decideSettlement(before, nameless, judge).judgement, 'integrity');
  const otherProvider = { ...judge, provider: { id: 'alipay', merchant } };
  assert.equal(decideSettlement(before, factOf(1), otherProvider).judgement, 'integrity');
});

test('our own merchant’s money through another app or by another payer goes back; in another currency it stands in suspense', () => {
  const payer = { ip: '127.0.0.1', userAgent: '', openId: 'A' };
  const bound: Attempt = { ...makeAttempt(1, 'pending'), surface: 'wechat.jsapi', payer };
  const cases: readonly (readonly [Attempt, Partial<PaymentFact>, string])[] = [
    [makeAttempt(1, 'pending'), { appId: 'wx02' }, 'wrong_app'],
    [bound, { payerSha256: digestPayer('B') }, 'wrong_payer'],
  ];
  for (const [attempt, changes, integrity] of cases) {
    const {
      books,
      judgement,
      transfers = [],
    } = decideSettlement(booksWith('placed', attempt), factOf(1, changes), judge);
    assert.deepEqual([judgement, books.permit, books.attempts[0]?.integrity], ['integrity', null, integrity]);
    assert.deepEqual(
      books.refunds.map((refund) => refund.amountMinor),
      [20_000],
    );
    assert.equal(transfers.length, 2);
  }
  const foreign = factOf(1, { amount: { minor: 20_000, currency: 'USD' } });
  const { books, transfers = [] } = decideSettlement(booksWith('placed', makeAttempt(1, 'pending')), foreign, judge);
  assert.deepEqual([books.attempts[0]?.state, books.refunds.length, books.permit], ['closed', 0, null]);
  assert.deepEqual(
    transfers.map((transfer) => [transfer.creditAccount, transfer.currency]),
    [['suspense', 'USD']],
  );
  const sameApp = decideSettlement(booksWith('placed', bound), factOf(1, { payerSha256: digestPayer('A') }), judge);
  assert.equal(sameApp.judgement, 'paid');
  const scannedByFriend = { ...bound, surface: 'wechat.native' as const };
  const friend = decideSettlement(
    booksWith('placed', scannedByFriend),
    factOf(1, { payerSha256: digestPayer('B') }),
    judge,
  );
  assert.equal(friend.judgement, 'paid', 'a code may be scanned by anyone');
});

test('strange news that is no money is told once, and money that comes after it is booked and goes back all the same', () => {
  for (const [changes, account] of [
    [{ appId: 'wx02' }, 'refunds-payable'],
    [{ amount: { minor: 20_000, currency: 'USD' } }, 'suspense'],
  ] as const) {
    const pending = factOf(1, { ...changes, state: 'pending' });
    const first = decideSettlement(booksWith('placed', makeAttempt(1, 'pending')), pending, judge);
    assert.deepEqual([first.judgement, first.transfers ?? []], ['integrity', []]);
    assert.equal(decideSettlement(first.books, pending, judge).judgement, 'known');
    const money = decideSettlement(first.books, factOf(1, changes), judge);
    assert.deepEqual([money.judgement, money.books.permit], ['integrity', null]);
    assert.equal(money.transfers?.at(-1)?.creditAccount, account);
    const again = decideSettlement(money.books, factOf(1, changes), judge);
    assert.deepEqual([again.judgement, again.transfers ?? []], ['known', []]);
  }
});

test('what is configured later does not strand a payment under way', () => {
  const later = { ...judge, provider: { id: 'wechat-pay', merchant: { ...merchant, appId: 'wx-new' } } };
  assert.equal(decideSettlement(booksWith('placed', makeAttempt(1, 'pending')), factOf(1), later).judgement, 'paid');
});

test('money that is not the right amount is kept, gets no permit, and goes back whole', () => {
  for (const [minor, reason] of [
    [1, 'integrity'],
    [19_999, 'integrity'],
    [20_001, 'overpayment'],
  ] as const) {
    const { books, judgement } = decideSettlement(
      booksWith('placed', makeAttempt(1, 'pending')),
      factOf(1, { amount: { minor, currency: 'CNY' } }),
      judge,
    );
    assert.equal(judgement, reason);
    assert.equal(books.permit, null);
    assert.deepEqual(
      books.refunds.map((refund) => [refund.reason, refund.amountMinor]),
      [[reason, minor]],
    );
    assert.equal(books.attempts[0]?.integrity, 'wrong_amount');
  }
});

test('money for an order that is over, or that came after its time, goes back by itself and revives nothing', () => {
  const cases: readonly (readonly [OrderState, Partial<PaymentFact>, Judgement])[] = [
    ['cancelled', {}, 'late_payment'],
    ['expired', {}, 'late_payment'],
    ['placed', { paidAt: order.expiresAt + 1 }, 'late_payment'],
    ['paid', {}, 'second_payment'],
    ['fulfilled', {}, 'second_payment'],
    ['refunded', {}, 'second_payment'],
  ];
  for (const [state, changes, reason] of cases) {
    const { books, judgement } = decideSettlement(
      booksWith(state, makeAttempt(1, 'closed')),
      factOf(1, changes),
      judge,
    );
    assert.deepEqual([judgement, books.order.state, books.permit, books.refunds.length], [reason, state, null, 1]);
  }
});

test('a late "closed" or "pending" after "paid" is only noted', () => {
  const paid = decideSettlement(booksWith('placed', makeAttempt(1, 'pending')), factOf(1), judge).books;
  for (const state of ['closed', 'pending', 'not_found'] as const) {
    const { books } = decideSettlement(paid, factOf(1, { state }), judge);
    assert.equal(books, paid);
  }
});

test('only a fact clears "unknown", and the old attempt\'s end does not touch an order that a newer one paid', () => {
  const unknown = { ...makeAttempt(1, 'created'), unknown: true };
  assert.equal(
    decideSettlement(booksWith('placed', unknown), factOf(1, { state: 'not_found' }), judge).books.attempts[0]?.unknown,
    true,
  );
  assert.equal(
    decideSettlement(booksWith('placed', unknown), factOf(1, { state: 'pending' }), judge).books.attempts[0]?.unknown,
    false,
  );
  const both = decideSettlement(
    booksWith('placed', makeAttempt(1, 'pending'), makeAttempt(2, 'pending')),
    factOf(2),
    judge,
  ).books;
  const { books } = decideSettlement(both, factOf(1, { state: 'closed' }), judge);
  assert.deepEqual([books.order.state, books.permit], ['paid', both.permit]);
});

test('a refund made at the service itself voids the permit when nothing is left, is booked as it was, and only once', () => {
  const paid = decideSettlement(booksWith('placed', makeAttempt(1, 'pending')), factOf(1), judge).books;
  const portal = (refundRef: string, minor: number): RefundFact => ({
    source: 'notification',
    refundRef,
    attemptRef: makeAttemptRef(orderId, 1),
    state: 'succeeded',
    amount: { minor, currency: 'CNY' },
    evidence: { receivedAt: now, bodySha256: '' },
  });
  const part = decideRefund(paid, portal('PORTAL1', 100), now);
  assert.deepEqual(
    [part.judgement, part.books.order.state, part.books.permit?.state],
    ['refunded_elsewhere', 'paid', 'issued'],
  );
  assert.deepEqual(
    part.transfers?.map((transfer) => transfer.amountMinor),
    [100],
  );
  assert.equal(decideRefund(part.books, portal('PORTAL1', 100), now).books, part.books);
  const rest = decideRefund(part.books, portal('PORTAL2', 19_900), now);
  assert.deepEqual([rest.books.order.state, rest.books.permit?.state], ['refunded', 'revoked']);
  assert.deepEqual(
    rest.events?.map((event) => event.body['kind']),
    ['permit.revoked'],
  );
});

test('a payment that says "something went back" without saying how much voids the permit and books nothing that is not known', () => {
  const paid = decideSettlement(booksWith('placed', makeAttempt(1, 'pending')), factOf(1), judge).books;
  for (const [before, booked] of [
    [paid, []],
    [booksWith('placed', makeAttempt(1, 'pending')), [20_000]],
  ] as const) {
    const { books, transfers = [] } = decideSettlement(before, factOf(1, { state: 'refunded' }), judge);
    assert.deepEqual(
      transfers.map((transfer) => transfer.amountMinor),
      booked,
    );
    const [attempt] = books.attempts;
    assert.deepEqual([attempt?.refundedMinor, attempt?.integrity], [0, 'refunded_unknown_amount']);
    assert.ok(books.permit === null || books.permit.state === 'revoked');
    assert.equal(decideSettlement(books, factOf(1, { state: 'refunded' }), judge).judgement, 'known');
  }
});

test('paid and partly refunded before we heard of either: no permit, and the rest goes back too', () => {
  const fact = factOf(1, { state: 'refunded', refundedMinor: 100 });
  const { books, transfers = [] } = decideSettlement(booksWith('placed', makeAttempt(1, 'pending')), fact, judge);
  assert.equal(books.permit, null);
  assert.deepEqual([books.attempts[0]?.state, books.attempts[0]?.refundedMinor], ['partly_refunded', 100]);
  assert.deepEqual(
    books.refunds.map((refund) => refund.amountMinor),
    [19_900],
  );
  assert.equal(transfers.length, 3);
});

test('strange news of an attempt leaves no mark on the money that then comes and is ours', () => {
  const warned = decideSettlement(
    booksWith('placed', makeAttempt(1, 'pending')),
    factOf(1, { liveMode: false }),
    judge,
  );
  assert.equal(warned.books.attempts[0]?.integrity, 'test_mode');
  const { books, judgement } = decideSettlement(warned.books, factOf(1), judge);
  assert.deepEqual([judgement, books.attempts[0]?.integrity], ['paid', null]);
});

test('money through another app, of which some went back before we heard of either, is booked, and the rest goes back', () => {
  const before = booksWith('placed', makeAttempt(1, 'pending'));
  const fact = factOf(1, { state: 'refunded', refundedMinor: 5_000, appId: 'wx02' });
  const { books, transfers = [] } = decideSettlement(before, fact, judge);
  assert.deepEqual(
    [books.attempts[0]?.paidMinor, books.attempts[0]?.refundedMinor, books.permit],
    [20_000, 5_000, null],
  );
  assert.deepEqual(
    books.refunds.map((refund) => refund.amountMinor),
    [15_000],
  );
  assert.deepEqual(
    transfers.map((transfer) => transfer.amountMinor),
    [20_000, 5_000, 15_000],
  );
  const silent = decideSettlement(before, factOf(1, { state: 'refunded', appId: 'wx02' }), judge).books.attempts[0];
  assert.deepEqual([silent?.paidMinor, silent?.integrity, silent?.pollAt], [20_000, 'refunded_unknown_amount', null]);
  const dollars = { amount: { minor: 20_000, currency: 'USD' }, state: 'refunded', refundedMinor: 5_000 } as const;
  const foreign = decideSettlement(before, factOf(1, dollars), judge);
  assert.equal(foreign.books.attempts[0]?.state, 'closed');
  assert.deepEqual(
    foreign.transfers?.map((transfer) => [transfer.creditAccount, transfer.amountMinor]),
    [['suspense', 15_000]],
  );
});

test('money that was paid in time and heard of only long after the order was over goes back: whoever paid it has left', () => {
  const before = booksWith('placed', makeAttempt(1, 'pending'));
  const at = (later: number): Judge => ({ ...judge, now: order.expiresAt + lateMoneyGraceMs + later });
  assert.equal(decideSettlement(before, factOf(1), at(0)).judgement, 'paid');
  const { books, judgement } = decideSettlement(before, factOf(1), at(1));
  assert.deepEqual([judgement, books.permit, books.refunds[0]?.reason], ['late_payment', null, 'late_payment']);
});

test('an attempt that is closed before its service knew it is looked at once more, however late that is written down', () => {
  const open = { ...makeAttempt(1, 'pending'), pollAt: now + 30_000 };
  const pollAtAfter = (attempt: Attempt): number | null | undefined =>
    decideSettlement(booksWith('placed', attempt), factOf(1, { state: 'closed' }), judge).books.attempts[0]?.pollAt;
  assert.equal(pollAtAfter(open), null);
  assert.equal(pollAtAfter({ ...open, mayBePaidUntil: now + 600_000 }), now + 30_000);
  assert.equal(pollAtAfter({ ...open, mayBePaidUntil: now - 1, pollAt: now }), now);
});

const atDesk = (refundRef: string, minor: number, attemptNumber = 1): RefundFact => ({
  source: 'notification',
  refundRef,
  attemptRef: makeAttemptRef(orderId, attemptNumber),
  state: 'succeeded',
  amount: { minor, currency: 'CNY' },
  evidence: { receivedAt: now, bodySha256: '' },
});

test('what somebody gives back at the service beyond what we kept was owed already, and a refund that can never be made waits for nothing', () => {
  const paid = decideSettlement(booksWith('placed', makeAttempt(1, 'pending')), factOf(1), judge).books;
  const refundOf = (part: number, amountMinor: number): Refund => ({
    ...makeRefund(makeAttempt(1, 'paid'), { reason: 'staff', amountMinor, refundPromiseDays: 5, part }, now),
  });
  const promised = { ...paid, refunds: [refundOf(1, 4_000), refundOf(2, 12_000)] };
  const { books, transfers = [] } = decideRefund(promised, atDesk('DESK1', 9_000), now);
  assert.deepEqual(
    transfers.map((transfer) => [transfer.debitAccount, transfer.creditAccount, transfer.amountMinor]),
    [
      ['customer-liability', 'clearing:wechat-pay', 4_000],
      ['refunds-payable', 'clearing:wechat-pay', 5_000],
    ],
  );
  assert.deepEqual(
    books.refunds.map((refund) => [refund.amountMinor, refund.state]),
    [
      [4_000, 'due'],
      [12_000, 'abnormal'],
      [9_000, 'succeeded'],
    ],
  );
  assert.deepEqual([books.order.state, books.permit?.state], ['refunded', 'revoked'], 'nothing of it is ours to keep');
});

test('once fuel was sold, what goes back of another payment is not taken from the sale', () => {
  const both = booksWith('placed', makeAttempt(1, 'pending'), makeAttempt(2, 'pending'));
  const first = decideSettlement(both, factOf(1), judge).books;
  const second = decideSettlement(first, factOf(2, { state: 'refunded' }), judge).books;
  assert.equal(second.attempts[1]?.integrity, 'refunded_unknown_amount');
  const dispense: Dispense = {
    stationNumber: 1003,
    orderId,
    volumeMilli: 27_060,
    payableMinor: 20_000,
    toldBy: 'Wang',
    source: 'staff',
    toldAt: now,
  };
  const debited = (attemptNumber: number): readonly string[] | undefined =>
    decideRefund({ ...second, dispense }, atDesk('DESK1', 5_000, attemptNumber), now).transfers?.map(
      (transfer) => transfer.debitAccount,
    );
  assert.deepEqual([debited(1), debited(2)], [['fuel-sales'], ['customer-liability']]);
});

test('the old word of a refund’s success, told once more after its money came back, is not believed before the service was asked', () => {
  const bounced: Refund = {
    ...makeRefund(makeAttempt(1, 'paid'), { reason: 'late_payment', amountMinor: 20_000, refundPromiseDays: 5 }, now),
    state: 'abnormal',
    bounces: 1,
    nextTryAt: now + 60_000,
  };
  const books = { ...booksWith('expired', { ...makeAttempt(1, 'paid'), paidMinor: 20_000 }), refunds: [bounced] };
  const word: RefundFact = { ...atDesk(bounced.refundRef, 20_000), source: 'notification' };
  const told = decideRefund(books, word, now);
  assert.deepEqual([told.judgement, told.transfers], ['recorded', undefined]);
  assert.deepEqual([told.books.refunds[0]?.state, told.books.refunds[0]?.nextTryAt], ['abnormal', now]);
  const answered = decideRefund(told.books, { ...word, source: 'query' }, now);
  assert.deepEqual([answered.judgement, answered.books.refunds[0]?.state], ['refund_recorded', 'succeeded']);
});

/** What may happen to an order, in any order and any number. */
const happening = fc.oneof(
  fc.record({
    kind: fc.constant('fact' as const),
    attempt: fc.integer({ min: 1, max: 3 }),
    state: fc.constantFrom('paid', 'pending', 'closed', 'not_found', 'refunded'),
    minor: fc.constantFrom(20_000, 20_000, 20_000, 1, 20_001),
    late: fc.boolean(),
    refundedMinor: fc.constantFrom(undefined, 100, 20_000),
  }),
  fc.record({
    kind: fc.constant('refund' as const),
    which: fc.nat(5),
    state: fc.constantFrom('processing', 'succeeded', 'abnormal', 'closed', 'not_found'),
  }),
  fc.record({
    kind: fc.constant('report' as const),
    state: fc.constantFrom('sent', 'printed', 'processed', 'unconfirmed', 'undeliverable'),
  }),
  fc.record({ kind: fc.constant('end' as const), state: fc.constantFrom('cancelled', 'expired') }),
);

test('whatever happens in whatever order, the invariants of the design hold', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 25 }), (happenings) => {
      let books = booksWith('placed', makeAttempt(1, 'closed'), makeAttempt(2, 'pending'), makeAttempt(3, 'failed'));
      const transfers: Transfer[] = [];
      const permits = new Set<string>();
      for (const one of happenings) {
        const before = books;
        if (one.kind === 'fact') {
          const fact = factOf(one.attempt, {
            state: one.state,
            amount: { minor: one.minor, currency: 'CNY' },
            paidAt: one.late ? order.expiresAt + 1 : now,
            ...(one.refundedMinor === undefined ? {} : { refundedMinor: one.refundedMinor }),
          });
          const settled = decideSettlement(books, fact, judge);
          books = settled.books;
          transfers.push(...(settled.transfers ?? []));
        } else if (one.kind === 'refund') {
          const refund = books.refunds[one.which];
          if (refund === undefined) continue;
          const fact: RefundFact = {
            source: 'query',
            refundRef: refund.refundRef,
            state: one.state,
            evidence: { receivedAt: now, bodySha256: '' },
          };
          const settled = decideRefund(books, fact, now);
          books = settled.books;
          transfers.push(...(settled.transfers ?? []));
        } else if (one.kind === 'report') {
          books = decideReport(books, {
            stationNumber: 1003,
            reportId: 'r',
            permitId: '',
            state: one.state,
            reason: null,
            deviceId: 'd',
            deviceRef: null,
            reportedAt: now,
            receivedAt: now,
          });
        } else if (books.order.state === 'placed') {
          books = { ...books, order: { ...books.order, state: one.state } };
        }
        if (books.permit !== null) permits.add(books.permit.permitId);
        checkInvariants(before, books, transfers);
      }
      assert.ok(permits.size <= 1, 'at most one permit');
    }),
    { numRuns: 2_000 },
  );
});

function checkInvariants(before: Books, books: Books, transfers: readonly Transfer[]): void {
  const { order: after, permit, attempts, refunds } = books;
  if (permit !== null) {
    const payer = attempts.find((one) => one.attemptRef === permit.attemptRef);
    assert.ok(
      payer !== undefined && holdsMoney(payer) && payer.paidMinor === after.payableMinor,
      'a permit exists only for a verified payment of the right amount',
    );
    assert.ok(
      payer.state !== 'refunded' || permit.state === 'revoked',
      'a live permit and a full refund never stand together',
    );
  }
  for (const attempt of attempts) {
    const old = before.attempts.find((one) => one.attemptRef === attempt.attemptRef);
    assert.ok(old === undefined || !holdsMoney(old) || holdsMoney(attempt), 'nothing leads from paid to unpaid');
    if (!holdsMoney(attempt) || attempt.paidMinor === 0) continue;
    const pays = permit?.attemptRef === attempt.attemptRef;
    const goesBack = refunds.some((refund) => refund.attemptRef === attempt.attemptRef) || attempt.state === 'refunded';
    // How much went back is not known: no rule can end it, a person must.
    const isForPerson = attempt.integrity === 'refunded_unknown_amount';
    assert.ok(pays || goesBack || isForPerson, 'money that arrived ends in a permit or in a refund');
  }
  assert.equal(
    new Set(transfers.map((transfer) => transfer.transferId)).size,
    transfers.length,
    'nothing is booked twice',
  );
  const onClearing = transfers.reduce(
    (sum, { debitAccount, creditAccount, amountMinor }) =>
      sum +
      (debitAccount.startsWith('clearing') ? amountMinor : 0) -
      (creditAccount.startsWith('clearing') ? amountMinor : 0),
    0,
  );
  const captured = attempts.reduce((sum, attempt) => sum + attempt.paidMinor - attempt.refundedMinor, 0);
  assert.equal(onClearing, captured, 'captured - refunded is what the ledger says');
}

test('no event leads an attempt from money to no money', () => {
  const states = ['created', 'pending', 'paid', 'partly_refunded', 'refunded', 'failed', 'closed'] as const;
  const events = ['pending', 'paid', 'partly_refunded', 'refunded', 'failed', 'closed'] as const;
  for (const state of states) {
    for (const event of events) {
      const after = attemptAfter(state, event);
      assert.ok(!holdsMoney({ state }) || holdsMoney({ state: after }), `${state} + ${event} = ${after}`);
    }
  }
});
