import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { usualMethod } from './usual-method.ts';

const three = ['wechat-pay', 'alipay', 'stripe'];

void describe('the method that is chosen beforehand', () => {
  it('is the only one, whatever was wished', () => assert.equal(usualMethod(['alipay'], ['wechat-pay']), 'alipay'));
  it('is the first wish that can be had', () => {
    assert.equal(usualMethod(three, [null, undefined, 'cash', 'stripe', 'alipay']), 'stripe');
  });
  it('is none without a wish, or where nothing is offered', () => {
    assert.equal(usualMethod(three, []), null);
    assert.equal(usualMethod(three, ['cash']), null);
    assert.equal(usualMethod([], ['alipay']), null);
  });
});
