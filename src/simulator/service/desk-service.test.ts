import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DeskPayment, deskPaymentsMax, newestForDesk } from './desk-service.ts';

const payment = (createdAtMs: number, state: DeskPayment['state']): DeskPayment => ({
  ref: `ORDER${createdAtMs}`,
  surface: 'H5',
  description: '92#',
  amountMinor: 1,
  currency: 'CNY',
  state,
  declined: false,
  backMinor: 0,
  createdAtMs,
});

test('the newest come first, and an open payment is not pushed out by newer ones that are over', () => {
  const old = payment(0, 'open');
  const newer = Array.from({ length: deskPaymentsMax + 20 }, (_, index) => payment(index + 1, 'paid'));
  const shown = newestForDesk([old, ...newer]);
  assert.equal(shown.length, deskPaymentsMax);
  assert.equal(shown[0]?.createdAtMs, deskPaymentsMax + 20);
  assert.equal(shown.at(-1), old);
});
