import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultWords as alipay } from '../alipay/faults.ts';
import { faultWords as stripe } from '../stripe/faults.ts';
import { faultWords as wechatPay } from '../wechat-pay/faults.ts';
import { sayKind, sayOperation, sayOutcome, sayRefundState } from './desk-words.ts';

test('every fault of every service can be read in both languages', () => {
  for (const { operations, callKinds, noticeKinds } of [wechatPay, alipay, stripe]) {
    for (const kind of [...callKinds, ...noticeKinds]) {
      assert.notEqual(sayKind(kind, 'en'), kind);
      assert.match(sayKind(kind, 'zh'), /[\u4e00-\u9fff]/, kind);
    }
    // In English many operations are called what they are.
    for (const operation of operations) assert.match(sayOperation(operation, 'zh'), /[\u4e00-\u9fff]/, operation);
  }
});

test('a refund of every service stands in words of both languages, and one state in the same words', () => {
  const states = ['PROCESSING', 'SUCCESS', 'ABNORMAL', 'CLOSED', 'PENDING', 'FAILED'];
  for (const state of [...states, 'pending', 'succeeded', 'failed', 'canceled']) {
    assert.notEqual(sayRefundState(state, 'en'), state);
    assert.match(sayRefundState(state, 'zh'), /[\u4e00-\u9fff]/, state);
  }
  assert.equal(sayRefundState('SUCCESS', 'zh'), sayRefundState('succeeded', 'zh'));
});

test('what a service refuses by a name of its own is shown by that name', () => {
  assert.equal(sayOutcome('already_paid', 'en'), 'This is already paid.');
  assert.equal(sayOutcome('a_name_of_its_own', 'zh'), 'a_name_of_its_own');
});
