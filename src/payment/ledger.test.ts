import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bookFee, bookPaid, bookRefundDone, bookRefundDue, bookSale, salesAccount, type Transfer } from './ledger.ts';

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
