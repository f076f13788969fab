import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  bookFee,
  bookPaid,
  bookRefundDone,
  bookRefundDue,
  bookSale,
  runBalances,
  salesAccount,
  sumsOf,
  type Transfer,
} from './ledger.ts';

const booking = { stationNumber: 1003, orderId: 'ORDER', amountMinor: 20_000, currency: 'CNY', madeAt: 1 };

const balances = (transfers: readonly Transfer[]): Readonly<Record<string, number>> => {
  const sums: Record<string, number> = {};
  for (const { debitAccount, creditAccount, amountMinor } of transfers) {
    sums[debitAccount] = (sums[debitAccount] ?? 0) + amountMinor;
    sums[creditAccount] = (sums[creditAccount] ?? 0) - amountMinor;
  }
  return sums;
};

test('a sale turns what we owe the driver into sales', () => {
  assert.deepEqual(balances([bookPaid(booking, 'alipay', 'A1'), bookSale(booking)]), {
    'clearing:alipay': 20_000,
    'customer-liability': 0,
    'fuel-sales': -20_000,
  });
});

test('a refund after the sale is taken from sales, one before it from what we owe', () => {
  const refund = { ...booking, amountMinor: 5_000 };
  const sold = [bookPaid(booking, 'alipay', 'A1'), bookSale(booking), bookRefundDue(refund, 'R1', salesAccount)];
  assert.deepEqual(balances([...sold, bookRefundDone(refund, 'alipay', 'R1')]), {
    'clearing:alipay': 15_000,
    'customer-liability': 0,
    'fuel-sales': -15_000,
    'refunds-payable': 0,
  });
  assert.equal(bookRefundDue(refund, 'R2').debitAccount, 'customer-liability');
});

test('a fee is taken from what the service holds for us, and comes back where it is given back', () => {
  const fee = bookFee(booking, 'stripe', 'A1', 120);
  const back = bookFee(booking, 'stripe', 'R1', -20);
  assert.ok(fee !== null && back !== null);
  assert.deepEqual(balances([fee, back]), { 'clearing:stripe': -100, 'fees:stripe': 100 });
  assert.notEqual(fee.transferId, back.transferId);
  assert.equal(bookFee(booking, 'stripe', 'A2', 0), null);
});

test('whatever is booked, a transfer moves a positive sum between two accounts', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1_000_000, max: 1_000_000 }), (feeMinor) => {
      const transfer = bookFee(booking, 'stripe', 'A1', feeMinor);
      if (transfer === null) return feeMinor === 0;
      return transfer.amountMinor > 0 && transfer.debitAccount !== transfer.creditAccount;
    }),
  );
});

test('a debit without its credit is told with its currency, and a book that is right sums to zero', () => {
  const right = [
    { currency: 'CNY', debitMinor: 500, creditMinor: 0 },
    { currency: 'CNY', debitMinor: 0, creditMinor: 500 },
  ];
  assert.deepEqual([...sumsOf(right)], [['CNY', 0]]);
  assert.deepEqual(
    [...sumsOf([...right, { currency: 'JPY', debitMinor: 7, creditMinor: 0 }])],
    [
      ['CNY', 0],
      ['JPY', 7],
    ],
  );
});

test('the running balances of an account end at what all its transfers sum to, each currency by itself', () => {
  const transfers = [
    bookPaid(booking, 'alipay', 'A1'),
    bookPaid({ ...booking, amountMinor: 300, currency: 'JPY' }, 'alipay', 'A2'),
    bookSale(booking),
  ];
  assert.deepEqual(
    runBalances(transfers).map((one) => [one.debitAfterMinor, one.creditAfterMinor]),
    [
      [20_000, -20_000],
      [300, -300],
      [0, -20_000],
    ],
  );
});
