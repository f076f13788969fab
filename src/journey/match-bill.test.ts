import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { dayMs, hourMs } from '../base/clock.ts';
import { makeAttemptRef, makeOrderId, makeRefundRef } from '../base/ids.ts';
import { systemRandom } from '../base/random.ts';
import type { Order } from '../order/order.ts';
import { insertOrders } from '../order/order.sql.ts';
import type { Attempt } from '../payment/attempt.ts';
import { insertAttempts, updateAttempts } from '../payment/attempt.sql.ts';
import { billDay, daysBefore } from '../payment/bill-day.ts';
import { bookFee, bookPaid, bookRefundDone, bookRefundDue, type Transfer } from '../payment/ledger.ts';
import { insertTransfers } from '../payment/ledger.sql.ts';
import { formatBeijingDay } from '../payment/provider/beijing-time.ts';
import type { BillRow } from '../payment/provider/provider.ts';
import { makeRefund, type Refund } from '../payment/refund.ts';
import { saveRefunds } from '../payment/refund.sql.ts';
import { newKey } from '../testing/cloud.ts';
import { booksOf, findBroken, openTestJourney, orderAndStart, type TestJourney } from '../testing/journey.ts';
import { differencesOf, providerOf, reconcile, withBill } from '../testing/reconciliation.ts';

/** What may be wrong with one payment, and what a run must then find; `resolved` where the run itself puts it right. */
const wrongs = {
  nothing: [],
  'missing there': ['paid_here_not_there'],
  'unpaid here': ['paid_there_not_here resolved'],
  'other sum': ['amount'],
  'other currency': ['currency'],
  'twice there': ['paid_twice_there'],
  'other fee': ['fee'],
  'refund known': [],
  'refund missing there': ['refund_here_not_there'],
  'refund of other sum': ['refund_amount'],
  'refund by hand': ['refund_there_not_here resolved'],
  'both missing there': ['paid_here_not_there', 'refund_here_not_there'],
  stranger: ['foreign_payment'],
  'stranger of our form': ['foreign_payment'],
  chargeback: ['other'],
} as const satisfies Record<string, readonly string[]>;
type Wrong = keyof typeof wrongs;
const isWrong = (name: string): name is Wrong => Object.hasOwn(wrongs, name);
const wrongNames = Object.keys(wrongs).filter(isWrong);

type Case = { readonly wrong: Wrong; readonly paidMinor: number; readonly minuteOfDay: number };
const anyCase: fc.Arbitrary<Case> = fc.record({
  wrong: fc.constantFrom(...wrongNames),
  paidMinor: fc.integer({ min: 1_000, max: 100_000 }),
  // Of the last minutes before midnight the next day's run answers.
  minuteOfDay: fc.integer({ min: 0, max: 24 * 60 - 12 }),
});

const feeOf = (minor: number): number => Math.round(minor * 0.006);
const backMinor = 500;

describe('matching a bill with the rows', () => {
  let world: TestJourney;
  let order: Order;
  let attempt: Attempt;
  let day: string;

  before(async () => {
    world = await openTestJourney();
    const { key } = await orderAndStart(world);
    const books = await booksOf(world, key);
    order = books.order;
    attempt = books.attempts[0] ?? assert.fail('no attempt');
    day = formatBeijingDay(world.timeline.now());
  });
  after(() => world.stop());

  /** Writes what we hold of one payment and gives the rows that its bill has. */
  async function lay({ wrong, paidMinor, minuteOfDay }: Case): Promise<readonly BillRow[]> {
    const at = billDay(day, 8 * hourMs).startsAt + minuteOfDay * 60_000;
    const orderId = makeOrderId(order.stationNumber, at, systemRandom);
    const attemptRef = makeAttemptRef(orderId, 1);
    const paidRow = rowOf(attemptRef, paidMinor, at);
    if (wrong === 'stranger') return [{ ...paidRow, attemptRef: `SHOP${orderId.slice(-9)}` }];
    if (wrong === 'stranger of our form') return [paidRow];
    if (wrong === 'chargeback')
      return [{ ...paidRow, kind: 'other', amount: { minor: -500, currency: 'CNY' }, feeMinor: 9 }];
    const isPaid = wrong !== 'unpaid here';
    const held: Attempt = {
      ...attempt,
      orderId,
      attemptRef,
      idempotencyKey: newKey(),
      amountMinor: paidMinor,
      state: isPaid ? 'paid' : 'closed',
      paidAt: isPaid ? at : null,
      paidMinor: isPaid ? paidMinor : 0,
      refundedMinor: hasRefund(wrong) ? backMinor : 0,
      pollAt: null,
    };
    await write(held, at, wrong);
    return rowsOf(wrong, paidRow, held);
  }

  const hasRefund = (wrong: Wrong): boolean =>
    ['refund known', 'refund missing there', 'refund of other sum', 'both missing there'].includes(wrong);

  async function write(held: Attempt, at: number, wrong: Wrong): Promise<void> {
    const { stationNumber, orderId, attemptRef, provider, paidMinor } = held;
    const booking = { stationNumber, orderId, currency: 'CNY', madeAt: at };
    const wish = { reason: 'staff', amountMinor: backMinor, refundPromiseDays: 0 } as const;
    const refund: Refund = { ...makeRefund(held, wish, at), state: 'succeeded', nextTryAt: null, finishedAt: at };
    const back = { ...booking, amountMinor: backMinor };
    const transfers: readonly Transfer[] = [
      ...(held.paidAt === null ? [] : [bookPaid({ ...booking, amountMinor: paidMinor }, provider, attemptRef)]),
      ...(hasRefund(wrong)
        ? [bookRefundDue(back, refund.refundRef), bookRefundDone(back, provider, refund.refundRef)]
        : []),
      ...(wrong === 'other fee' ? [bookFee(booking, provider, attemptRef, feeOf(paidMinor) + 7)] : []),
    ].filter((transfer) => transfer !== null);
    const state = held.paidAt === null ? 'cancelled' : 'placed';
    const row: Order = {
      ...order,
      orderId,
      state,
      payableMinor: held.amountMinor,
      moneyMinor: held.amountMinor,
      discountMinor: 0,
    };
    await insertOrders(world.journey.db, [{ ...row, idempotencyKey: newKey(), requestSha256: '00'.repeat(32) }]);
    await world.journey.db.transaction(async (tx) => {
      await insertAttempts(tx, [held]);
      await updateAttempts(tx, [held]);
      await saveRefunds(tx, hasRefund(wrong) ? [refund] : []);
      await insertTransfers(tx, transfers);
    });
  }

  const rowOf = (attemptRef: string, minor: number, at: number): BillRow => ({
    kind: 'payment',
    attemptRef,
    providerPaymentId: `T${attemptRef}`,
    amount: { minor, currency: 'CNY' },
    feeMinor: feeOf(minor),
    at,
  });

  function rowsOf(wrong: Wrong, paid: BillRow, { attemptRef }: Attempt): readonly BillRow[] {
    const back: BillRow = {
      ...paid,
      kind: 'refund',
      refundRef: makeRefundRef(attemptRef, 'staff'),
      amount: { minor: backMinor, currency: 'CNY' },
      feeMinor: 0 - feeOf(backMinor),
    };
    switch (wrong) {
      case 'missing there':
      case 'both missing there':
        return [];
      case 'other sum':
        return [{ ...paid, amount: { minor: paid.amount.minor + 1, currency: 'CNY' } }];
      case 'other currency':
        return [{ ...paid, amount: { minor: paid.amount.minor, currency: 'USD' }, feeMinor: 0 }];
      case 'twice there':
        return [paid, paid];
      case 'refund known':
        return [back, paid];
      case 'refund of other sum':
        return [{ ...back, amount: { minor: backMinor + 3, currency: 'CNY' } }, paid];
      case 'refund by hand':
        return [{ ...back, refundRef: `HAND-${attemptRef}` }, paid];
      default:
        return [paid];
    }
  }

  const found = async (): Promise<readonly string[]> =>
    (await differencesOf(world, day))
      .filter(({ kind }) => !kind.includes('permit'))
      .map(({ kind, reference, resolvedAt }) => `${kind}${resolvedAt === null ? '' : ' resolved'} ${reference}`)
      .toSorted((a, b) => (a < b ? -1 : 1));

  const kinds = (lines: readonly string[]): readonly string[] =>
    lines.map((line) => line.slice(0, line.lastIndexOf(' '))).toSorted((a, b) => (a < b ? -1 : 1));

  const netOf = (rows: readonly BillRow[]): number =>
    rows
      .filter(({ amount }) => amount.currency === 'CNY')
      .reduce(
        (net, { kind, amount, feeMinor = 0 }) => net + (kind === 'refund' ? 0 - amount.minor : amount.minor) - feeMinor,
        0,
      );

  async function clearing(): Promise<number> {
    const [row] = await world.journey.db.query<{ minor: number }>(
      `select coalesce(sum(case when debit_account = 'clearing:wechat-pay' then amount_minor else 0 - amount_minor end), 0)::bigint as minor
       from ledger_transfers where currency = 'CNY' and 'clearing:wechat-pay' in (debit_account, credit_account)`,
    );
    return row?.minor ?? 0;
  }

  test('of any payments and any bill every difference is found and only those, in whatever order the rows stand, and clearing becomes what the bill nets', async () => {
    await world.timeline.advance(dayMs);
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyCase, { minLength: 1, maxLength: 12 }),
        fc.infiniteStream(fc.nat()),
        async (cases, luck) => {
          day = daysBefore(day, 2);
          const shuffle = (rows: readonly BillRow[]): readonly BillRow[] =>
            rows
              .map((row) => ({ row, place: luck.next().value ?? 0 }))
              .toSorted((a, b) => a.place - b.place)
              .map(({ row }) => row);
          const before = await clearing();
          const rows: BillRow[] = [];
          for (const one of cases) rows.push(...(await lay(one)));
          // Was booked by what is laid here before the bill is known; it belongs to this day too.
          const provider = providerOf(world.journey);
          const run = () => reconcile(world, day, { provider: withBill(provider, shuffle(rows)) });
          assert.equal((await run()).failure, null);
          const first = await found();
          assert.deepEqual(
            kinds(first),
            cases.flatMap(({ wrong }) => [...wrongs[wrong]]).toSorted((a, b) => (a < b ? -1 : 1)),
          );
          assert.equal((await clearing()) - before, netOf(rows));
          await run();
          assert.deepEqual([await found(), (await clearing()) - before], [first, netOf(rows)]);
        },
      ),
      { numRuns: 25 },
    );
  });

  test('what is captured less what is refunded is still what the ledger says, fees and suspense set aside', async () => {
    assert.deepEqual(
      (await findBroken(world)).filter((line) => line.startsWith('captured')),
      [],
    );
  });
});
