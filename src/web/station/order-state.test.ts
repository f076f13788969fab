import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Standing, stateOf } from './order-state.ts';

const refunded: Standing = { state: 'refunded', unknown: false, refundStates: [], givenBack: '0.00' };
const fulfilled: Standing = { ...refunded, state: 'fulfilled' };

void describe('how an order stands at the desk', () => {
  for (const [refundStates, text, tone] of [
    [['due'], 'order_refunding', 'wait'],
    [['requested'], 'order_refunding', 'wait'],
    [['succeeded', 'requested'], 'order_refunding', 'wait'],
    [['abnormal'], 'order_held_up', 'warn'],
    [['requested', 'succeeded', 'abnormal'], 'order_held_up', 'warn'],
    [['succeeded'], 'order_refunded', 'stop'],
  ] as const)
    it(`is ${text} where all of its money goes back and is ${refundStates.join(', ')}`, () => {
      const shown = stateOf({ ...refunded, refundStates });
      assert.deepEqual([shown.text, shown.tone, shown.more], [text, tone, null]);
    });

  it('stays what it is where a part goes back, and says beside it how that stands', () => {
    const more = (refundStates: Standing['refundStates'], givenBack = '0.00') => {
      const shown = stateOf({ ...fulfilled, refundStates, givenBack });
      assert.equal(shown.text, 'order_fulfilled');
      return [shown.more, shown.tone];
    };
    assert.deepEqual(more([]), [null, 'good']);
    assert.deepEqual(more(['due']), ['refund_under_way', 'good']);
    assert.deepEqual(more(['succeeded'], '20.61'), ['partly_given_back', 'good']);
    assert.deepEqual(more(['succeeded', 'abnormal'], '20.61'), ['refund_held_up', 'warn']);
  });

  it('is no part given back where only a second payment went back', () => {
    assert.equal(stateOf({ ...fulfilled, refundStates: ['succeeded'] }).more, null);
  });
});
