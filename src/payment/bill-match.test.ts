import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { holdsMoney } from './attempt.ts';
import { type BillPair, compareLine, newsOf } from './bill-match.ts';
import { differenceIdOf } from './difference.ts';

const owner = { provider: 'alipay', merchantId: '2088' };
const attempt = {
  ...owner,
  appId: '2021',
  orderId: 'ORDER',
  state: 'paid',
  paidMinor: 20_000,
  currency: 'CNY',
} as const satisfies NonNullable<BillPair['attempt']>;
const payment: BillPair = {
  stationNumber: 1003,
  lineNumber: 1,
  kind: 'payment',
  attemptRef: 'ATTEMPT',
  rowRef: 'ATTEMPT',
  providerPaymentId: 'T1',
  amountMinor: 20_000,
  currency: 'CNY',
  feeMinor: 120,
  at: 0,
  refundState: null,
  description: null,
  isRepeated: false,
  attempt,
  refund: null,
  feeBookedMinor: 120,
  unmatched: null,
  namelessMinor: 0,
};
const refund: BillPair = {
  ...payment,
  kind: 'refund',
  rowRef: 'RATTEMPT_staff',
  amountMinor: 500,
  feeMinor: -3,
  feeBookedMinor: -3,
  refundState: 'succeeded',
  refund: { amountMinor: 500, currency: 'CNY', state: 'succeeded' },
};

const cases: readonly (readonly [string, BillPair, readonly [string, ...number[]][]])[] = [
  ['both say the same', payment, []],
  [
    'held as unpaid',
    { ...payment, attempt: { ...attempt, state: 'closed', paidMinor: 0 } },
    [['paid_there_not_here', 20_000]],
  ],
  [
    'held as unpaid, and in suspense already',
    {
      ...payment,
      attempt: { ...attempt, state: 'closed', paidMinor: 0 },
      unmatched: { minor: 20_000, currency: 'CNY' },
    },
    [['paid_there_not_here']],
  ],
  [
    'held as unpaid, and in suspense in another currency',
    { ...payment, attempt: null, unmatched: { minor: 150, currency: 'USD' } },
    [['foreign_payment', -150, 20_000]],
  ],
  ['less there', { ...payment, amountMinor: 19_999 }, [['amount', -1]]],
  ['more there', { ...payment, amountMinor: 20_001 }, [['amount', 1]]],
  ['another currency', { ...payment, currency: 'USD' }, [['currency', -20_000, 20_000]]],
  ['once more, with its fee', { ...payment, isRepeated: true }, [['paid_twice_there', 19_880]]],
  ['an order that is none', { ...payment, attempt: null, stationNumber: 0 }, [['foreign_payment', 20_000]]],
  [
    "another account's attempt",
    { ...payment, attempt: { ...attempt, merchantId: '2099' } },
    [['foreign_payment', 20_000]],
  ],
  ['another fee', { ...payment, feeMinor: 125 }, [['fee', -5]]],
  ['a fee that is gone', { ...payment, feeMinor: 0 }, [['fee', 120]]],
  ['no word of the fee', { ...payment, feeMinor: null }, []],
  [
    'sum and fee at once',
    { ...payment, amountMinor: 1, feeMinor: 0 },
    [
      ['amount', -19_999],
      ['fee', 120],
    ],
  ],
  ['a refund that both know', refund, []],
  [
    'a refund that is under way at both',
    { ...refund, refundState: 'processing', refund: { amountMinor: 500, currency: 'CNY', state: 'requested' } },
    [],
  ],
  ['a refund done here before the bill knew', { ...refund, refundState: 'processing' }, []],
  [
    'a refund that is done there and not here',
    { ...refund, refund: { amountMinor: 500, currency: 'CNY', state: 'requested' } },
    [['refund_there_not_here', -500]],
  ],
  ['a refund by hand', { ...refund, refund: null }, [['refund_there_not_here', -500]]],
  ['a refund by hand whose sum we were told', { ...refund, refund: null, namelessMinor: 500 }, []],
  [
    'a refund by hand of which we were told a part',
    { ...refund, refund: null, namelessMinor: 200 },
    [['refund_there_not_here', -300]],
  ],
  ['more given back there', { ...refund, amountMinor: 600 }, [['refund_amount', -100]]],
  ['given back in another currency', { ...refund, currency: 'USD' }, [['refund_amount', 500, -500]]],
  ['given back once more', { ...refund, isRepeated: true }, [['refunded_twice_there', -497]]],
  ['a refund of nothing of ours', { ...refund, attempt: null, refund: null }, [['foreign_refund', -500]]],
  [
    'a refund that failed and comes back',
    { ...payment, kind: 'other', amountMinor: 500, bounced: { refundRef: 'R', isKnown: true } },
    [],
  ],
  [
    'money that comes back as a refund would of which we do not know that it failed',
    { ...payment, kind: 'other', amountMinor: 500, bounced: { refundRef: 'R', isKnown: false } },
    [['other', 500]],
  ],
  [
    'a chargeback',
    { ...payment, kind: 'other', amountMinor: -900, attempt: null, description: 'dispute' },
    [['other', -900]],
  ],
];

for (const [what, pair, expected] of cases)
  test(`${what}: ${expected.length === 0 ? 'no difference' : expected.map(([kind]) => kind).join(' and ')}`, () => {
    assert.deepEqual(
      compareLine(pair, owner).findings.map(({ kind, surplus }) => [kind, ...surplus.map(({ minor }) => minor)]),
      expected,
    );
  });

test('a fee is to be booked once: where nothing is booked yet, and the bill names one', () => {
  const feeOf = (changes: Partial<BillPair>) => compareLine({ ...payment, ...changes }, owner).feeMinor;
  assert.deepEqual(
    [
      feeOf({ feeBookedMinor: null }),
      feeOf({}),
      feeOf({ feeBookedMinor: null, feeMinor: null }),
      feeOf({ isRepeated: true, feeBookedMinor: null }),
    ],
    [120, 0, 0, 0],
  );
});

const minor = fc.integer({ min: 0, max: 1_000 });
const states = fc.constantFrom('created', 'pending', 'paid', 'partly_refunded', 'refunded', 'failed', 'closed');
const anyPair: fc.Arbitrary<BillPair> = fc
  .record({
    kind: fc.constantFrom('payment', 'refund', 'other'),
    isRepeated: fc.boolean(),
    amountMinor: minor,
    feeMinor: fc.option(fc.integer({ min: -20, max: 20 })),
    feeBookedMinor: fc.option(fc.integer({ min: -20, max: 20 })),
    attempt: fc.option(fc.record({ state: states, paidMinor: minor, isOwn: fc.boolean() })),
    refund: fc.option(
      fc.record({ amountMinor: minor, state: fc.constantFrom('due', 'requested', 'succeeded', 'abnormal') }),
    ),
    unmatched: fc.boolean(),
    nameless: fc.boolean(),
  })
  .map(({ kind, attempt: held, refund: given, unmatched, nameless, ...row }) => ({
    ...payment,
    ...row,
    kind,
    refundState: kind === 'refund' ? 'succeeded' : null,
    attempt:
      held === null
        ? null
        : {
            ...attempt,
            state: held.state,
            merchantId: held.isOwn ? '2088' : '2099',
            paidMinor: holdsMoney(held) ? held.paidMinor : 0,
          },
    refund: kind === 'refund' && held !== null && given !== null ? { ...given, currency: 'CNY' } : null,
    unmatched:
      kind === 'payment' && unmatched && (held === null || !holdsMoney(held))
        ? { minor: row.amountMinor, currency: 'CNY' }
        : null,
    namelessMinor:
      nameless && kind === 'refund' && held !== null && given === null ? Math.floor(row.amountMinor / 2) : 0,
  }));

/** What stands on clearing for this row before it is compared, its fee set aside. */
function bookedFor(pair: BillPair): number {
  if (pair.isRepeated || pair.kind === 'other') return 0;
  const isOwn = pair.attempt?.merchantId === '2088';
  if (pair.kind === 'refund')
    return 0 - (isOwn ? (pair.refund?.state === 'succeeded' ? pair.refund.amountMinor : pair.namelessMinor) : 0);
  return isOwn && pair.attempt !== null && holdsMoney(pair.attempt)
    ? pair.attempt.paidMinor
    : (pair.unmatched?.minor ?? 0);
}

test('whatever differs, clearing with what goes into suspense and the fee is what the row moved at the service', () => {
  fc.assert(
    fc.property(anyPair, (pair) => {
      const { findings, feeMinor } = compareLine(pair, owner);
      const surplus = findings.flatMap((one) => one.surplus).reduce((sum, one) => sum + one.minor, 0);
      const feeBooked = pair.isRepeated ? 0 : (pair.feeBookedMinor ?? 0) + feeMinor;
      const feeThere = pair.feeMinor ?? (pair.isRepeated ? 0 : (pair.feeBookedMinor ?? 0));
      const moved = (pair.kind === 'refund' ? 0 - pair.amountMinor : pair.amountMinor) - feeThere;
      assert.equal(bookedFor(pair) + surplus - feeBooked, moved);
    }),
    { numRuns: 2_000 },
  );
});

test('there is a difference exactly where the row moved something else than is booked, or is none of ours', () => {
  fc.assert(
    fc.property(anyPair, (pair) => {
      const { findings } = compareLine(pair, owner);
      const isStranger = pair.isRepeated || pair.kind === 'other' || pair.attempt?.merchantId !== '2088';
      const moved = pair.kind === 'refund' ? 0 - pair.amountMinor : pair.amountMinor;
      const differs =
        bookedFor(pair) !== moved || (pair.kind === 'payment' && pair.attempt !== null && !holdsMoney(pair.attempt));
      const amounts = pair.refund === null || pair.refund.amountMinor === pair.amountMinor;
      assert.equal(
        findings.some(({ kind }) => kind !== 'fee'),
        isStranger || differs || !amounts,
      );
    }),
    { numRuns: 2_000 },
  );
});

test('a difference has the same name whenever it is found, and another where it says something else', () => {
  const sheet = { ...owner, day: '2026-11-21' };
  const idOf = (changes: Partial<BillPair>, day = '2026-11-21') =>
    compareLine({ ...payment, attempt: null, ...changes }, owner).findings.map((one) =>
      differenceIdOf({ ...sheet, day }, one),
    )[0];
  assert.match(idOf({}) ?? '', /^D[0-9A-HJKMNP-TV-Z]{12}$/);
  assert.equal(
    idOf({}),
    idOf({ lineNumber: 7, feeMinor: null, unmatched: { minor: 20_000, currency: 'CNY' }, description: 'x' }),
  );
  const ids = [
    idOf({}),
    idOf({ amountMinor: 1 }),
    idOf({ rowRef: 'X' }),
    idOf({ at: 1 }),
    idOf({}, '2026-11-22'),
    idOf({ kind: 'refund' }),
  ];
  assert.equal(new Set(ids).size, ids.length);
});

const provider = { merchant: { merchantId: '2088', appId: '2021', liveMode: true } };

test('a row of a payment is a fact that names the account and, since bills name none, the app of the attempt', () => {
  const news = newsOf(
    { ...payment, attempt: { ...attempt, appId: 'old-app', state: 'closed', paidMinor: 0 }, at: 5 },
    provider,
    9,
  );
  assert.ok(news?.kind === 'fact' && 'state' in news.fact && news.fact.source === 'bill');
  const { evidence, ...fact } = news.fact;
  assert.deepEqual(fact, {
    source: 'bill',
    attemptRef: 'ATTEMPT',
    state: 'paid',
    providerPaymentId: 'T1',
    amount: { minor: 20_000, currency: 'CNY' },
    merchantId: '2088',
    appId: 'old-app',
    liveMode: true,
    paidAt: 5,
    authenticated: true,
  });
  assert.equal(evidence.receivedAt, 9);
});

test('what a refund has come to by now is asked for where the bill may be older than its failure', () => {
  const kindOf = (pair: BillPair) => newsOf(pair, provider, 0)?.kind;
  const failed: BillPair = { ...refund, refund: { amountMinor: 500, currency: 'CNY', state: 'abnormal' } };
  const returned = (isKnown: boolean): BillPair => ({
    ...payment,
    kind: 'other',
    bounced: { refundRef: 'R', isKnown },
  });
  assert.deepEqual([kindOf(failed), kindOf(returned(false)), kindOf(returned(true))], ['ask', 'ask', undefined]);
});

test('a refund by hand is told by what is not known of it yet; one that was under way when the bill was made is asked for', () => {
  const sumOf = (changes: Partial<BillPair>) => {
    const news = newsOf({ ...refund, refund: null, ...changes }, provider, 0);
    return news?.kind === 'fact' ? news.fact.amount?.minor : news?.kind;
  };
  assert.deepEqual(
    [
      sumOf({}),
      sumOf({ namelessMinor: 200 }),
      sumOf({ namelessMinor: 500 }),
      sumOf({ refundState: 'processing' }),
      sumOf({ kind: 'other' }),
    ],
    [500, 300, undefined, 'ask', undefined],
  );
});
