import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeAttemptRef, makeOrderId } from '../base/ids.ts';
import { systemRandom } from '../base/random.ts';
import { type BillLine, createLineMaker, netOf } from './bill.ts';
import { answersFor, billDay, dayAt, daysBefore, daysFrom, midnightMs } from './bill-day.ts';
import { explainNoBill } from './bill-failure.ts';
import { type BillRow, ProviderError, type ProviderErrorDetail, type ProviderErrorKind } from './provider/provider.ts';

const row: BillRow = {
  kind: 'payment',
  attemptRef: 'X',
  providerPaymentId: 'T',
  amount: { minor: 1, currency: 'CNY' },
  at: 0,
};
const linesOf = (...rows: readonly BillRow[]): readonly (BillLine | string)[] => rows.map(createLineMaker());
const refsOf = (...rows: readonly BillRow[]) =>
  linesOf(...rows).map((line) => (typeof line === 'string' ? line : line.rowRef));

test('a row that bears our reference tells its station, any other has none', () => {
  const attemptRef = makeAttemptRef(makeOrderId(1003, 0, systemRandom), 1);
  const lines = linesOf({ ...row, attemptRef }, row, { ...row, attemptRef: '' });
  assert.deepEqual(
    lines.map((line) => (typeof line === 'string' ? line : [line.stationNumber, line.attemptRef, line.lineNumber])),
    [
      [1003, attemptRef, 1],
      [0, 'X', 2],
      [0, 'T', 3],
    ],
  );
});

test('rows that are neither payment nor refund have names of their own, whatever order they stand in', () => {
  const other: BillRow = { ...row, kind: 'other', attemptRef: '', providerPaymentId: '', description: 'fee' };
  const rows = [other, other, { ...other, description: 'chargeback' }, { ...other, at: 5 }, { ...other, feeMinor: 1 }];
  const names = refsOf(...rows);
  assert.equal(new Set(names).size, rows.length);
  assert.deepEqual(new Set(refsOf(...rows.toReversed())), new Set(names));
});

test('a refund without a reference is named by its payment, time and sum', () => {
  assert.deepEqual(refsOf({ ...row, kind: 'refund', at: 7 }, { ...row, kind: 'refund', refundRef: 'R1' }), [
    'T:7:1',
    'R1',
  ]);
});

test('what cannot be money is told in a sentence, and a text is kept short and without control characters', () => {
  const wrongs: readonly BillRow['amount'][] = [
    { minor: 0.5, currency: 'CNY' },
    { minor: -1, currency: 'CNY' },
    { minor: 2 ** 53, currency: 'CNY' },
    { minor: 1, currency: 'yuan' },
  ];
  for (const amount of wrongs) assert.match(refsOf({ ...row, amount })[0] ?? '', /^row 1 of the bill moves/);
  const [line] = linesOf({
    ...row,
    kind: 'other',
    amount: { minor: -1, currency: 'CNY' },
    description: `a\u0000b${'c'.repeat(300)}`,
  });
  assert.ok(typeof line === 'object' && line.description !== null);
  assert.deepEqual([line.description.slice(0, 4), line.description.length, line.amountMinor], ['a bc', 200, -1]);
});

test('what a bill leaves on the account is what came less what went', () => {
  const counts = { currency: 'CNY', paymentCount: 1, refundCount: 1, otherCount: 1 };
  assert.equal(netOf({ ...counts, paidMinor: 1_000, refundedMinor: 200, otherMinor: -50, feesMinor: 6 }), 744);
});

test('days follow each other without a gap by any calendar, and each instant lies in one', () => {
  const hours = fc.integer({ min: -12, max: 14 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), hours, (at, ahead) => {
      const offsetMs = ahead * 3_600_000;
      const { day, startsAt, endsAt } = billDay(dayAt(at, offsetMs), offsetMs);
      assert.ok(startsAt <= at && at < endsAt);
      assert.equal(billDay(daysBefore(day, 1), offsetMs).endsAt, startsAt);
    }),
  );
  assert.throws(() => billDay('2026-13-01', 0), RangeError);
});

test('each payment is answered for by one day and one only, and never before its bill can have it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1e12, max: 2e12 }), fc.integer({ min: 0, max: 3 }), (at, daysLater) => {
      const offsetMs = 8 * 3_600_000;
      const now = at + daysLater * 86_400_000;
      const today = dayAt(at, offsetMs);
      const answering = [-1, 0, 1].filter((shift) => {
        const { from, until } = answersFor(billDay(daysBefore(today, 0 - shift), offsetMs), now);
        return from <= at && at < until;
      });
      assert.ok(answering.length <= 1 && !answering.includes(-1));
      if (now - at > 86_400_000 + midnightMs) assert.equal(answering.length, 1);
      if (now - at < midnightMs) assert.equal(answering.length, 0);
    }),
  );
});

test('a list of days ends where it is told to and forgets the oldest', () => {
  assert.deepEqual(daysFrom('2026-02-27', '2026-03-01', 7), ['2026-02-27', '2026-02-28', '2026-03-01']);
  assert.deepEqual(daysFrom('2026-02-01', '2026-03-01', 2), ['2026-02-28', '2026-03-01']);
  assert.deepEqual(daysFrom('2026-03-02', '2026-03-01', 7), []);
});

test('why there is no bill is said first, "not yet" only where the service says so, then what to do, and what the service said is not lost', () => {
  const day = billDay('2026-11-21', 8 * 3_600_000);
  const sentence = (kind: ProviderErrorKind, hoursAfter: number, detail: ProviderErrorDetail = {}): string =>
    explainNoBill(new ProviderError(kind, 'bill', 'SAID', detail), day, day.endsAt + hoursAfter * 3_600_000);
  const cases: readonly (readonly [ProviderErrorKind, number, RegExp])[] = [
    ['auth', 11, /does not take our key.*forecourt payments check/],
    ['integrity', 11, /not this account's, and nothing of it was taken/],
    ['unreachable', 11, /cannot be reached.*network/],
    ['rate_limited', 11, /too often.*some minutes/],
    ['unknown', -1, /^the bill could not be read whole, and nothing of it was taken.*run it again/],
    ['unreachable', -1, /^the service cannot be reached/],
    ['auth', -1, /^the service does not take our key/],
    ['rejected', -1, /^the service does not give this bill.*until 10:30 of the next day/],
    ['unknown', 10, /^the bill could not be read whole/],
    ['rejected', 10, /^the service does not give this bill.*until 10:30 of the next day/],
    ['unknown', 11, /could not be read whole, and nothing of it was taken.*run it again/],
    ['rejected', 11, /does not give this bill.*some months/],
    ['declined', 11, /does not give this bill/],
  ];
  for (const [kind, hoursAfter, expected] of cases) {
    assert.match(sentence(kind, hoursAfter), expected, `${kind} ${hoursAfter}`);
    assert.match(sentence(kind, hoursAfter), /SAID/);
  }
  const notYet = { billNotMadeYet: true } as const;
  assert.match(sentence('unknown', -1, notYet), /^the day is not over, .* no bill of it yet \(SAID\); .*tomorrow/);
  assert.match(
    sentence('unknown', 10, notYet),
    /^there is no whole bill of the day yet \(SAID\); .*10:30 of the next day/,
  );
  assert.match(
    sentence('unknown', 11, notYet),
    /^the service is late with the bill of the day \(SAID\); run it again later/,
  );
  // Only what the service says itself is "not yet".
  for (const [kind, hoursAfter] of cases)
    assert.doesNotMatch(sentence(kind, hoursAfter), /\byet\b|not over/, `${kind} ${hoursAfter}`);
});
