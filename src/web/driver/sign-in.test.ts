import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { comesBack, leaveForCashier } from './cashier-trip.ts';
import { memoryStore } from './phone-store.ts';
import { lastSignIn, noteSignIn, readSignInCode } from './sign-in.ts';
import { sampleOrder } from './testing/samples.ts';

const { orderId } = sampleOrder;

void describe('coming back to the order', () => {
  it("brings WeChat's code, where it was meant for this order", () => {
    assert.equal(readSignInCode(`?code=a1-B_2&state=${orderId}`, orderId), 'a1-B_2');
    assert.equal(readSignInCode(`?code=a1&state=${orderId}X`, orderId), null);
    assert.equal(readSignInCode('?code=a1', orderId), null);
  });

  it('brings no code that the cloud would not read', () => {
    for (const search of ['', '?out_trade_no=1&sign=a%2Bb', `?state=${orderId}`, `?state=${orderId}&code=a%20b`])
      assert.equal(readSignInCode(search, orderId), null, search);
    assert.equal(readSignInCode(`?state=${orderId}&code=${'a'.repeat(129)}`, orderId), null);
  });

  it('from a cashier counts once', () => {
    const store = memoryStore();
    assert.equal(comesBack(store), false);
    leaveForCashier(store);
    assert.equal(comesBack(store), true);
    assert.equal(comesBack(store), false);
  });
});

void describe('the last sign-in', () => {
  it('is remembered by its time', () => {
    const store = memoryStore();
    assert.equal(lastSignIn(store), null);
    noteSignIn(store, 1_800_000_000_000);
    assert.equal(lastSignIn(store), 1_800_000_000_000);
  });

  it('is none where something else was kept under its name', () => {
    const store = memoryStore();
    store.setItem('forecourt.signed-in', 'yesterday');
    assert.equal(lastSignIn(store), null);
  });
});
