import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PaymentMessage } from '../../payment/payment.message.ts';
import type { Answer } from './cloud.ts';
import { judgeAnswer, type PayWish, signInEveryMs, withPayment } from './pay-answer.ts';
import { sampleOrder, samplePayment } from './testing/samples.ts';

const signInUrl = 'https://open.weixin.qq.com/connect/oauth2/authorize';
const now = 1_800_000_000_000;
const wechat: PayWish = { method: 'wechat-pay' };
const withCode: PayWish = { ...wechat, signInCode: 'c0de' };

const refused = (code: string, hint?: Readonly<Record<string, unknown>>): Answer<PaymentMessage> => ({
  kind: 'refused',
  problem: { code, status: 422, text: { 'zh-CN': '', en: '' }, ...(hint === undefined ? {} : { hint }) },
});

const judge = (answer: Answer<PaymentMessage>, wish: PayWish = wechat, signedInAt: number | null = null) =>
  judgeAnswer({ answer, wish, signedInAt, now });

void describe('after the answer to a wish to pay, the page', () => {
  it('shows the payment that was started', () =>
    assert.deepEqual(judge({ kind: 'answered', body: samplePayment }), { kind: 'started', payment: samplePayment }));

  it('goes to WeChat, which says who pays, however soon the driver taps again', () => {
    const goes = { kind: 'sign_in', url: signInUrl };
    assert.deepEqual(judge(refused('payer_missing', { signInUrl })), goes);
    assert.deepEqual(judge(refused('payer_missing', { signInUrl }), wechat, now - 1), goes);
  });

  it('asks for a code to scan where WeChat does not sign payers in', () =>
    assert.deepEqual(judge(refused('payer_missing', { signInUrl: null })), {
      kind: 'instead',
      wish: { method: 'wechat-pay', surface: 'wechat.native' },
    }));

  it('fetches another code for one that was used up, at most once a minute', () => {
    const again = { kind: 'instead', wish: wechat };
    assert.deepEqual(judge(refused('payer_missing'), withCode, null), again);
    assert.deepEqual(judge(refused('payer_missing'), withCode, now - signInEveryMs), again);
    const tooSoon = judge(refused('payer_missing'), withCode, now - signInEveryMs + 1);
    assert.ok(tooSoon.kind === 'failed' && tooSoon.offersCode);
  });

  it('does not ask a third time when even the code to scan is refused', () => {
    const outcome = judge(refused('payer_missing', { signInUrl }), { ...wechat, surface: 'wechat.native' });
    assert.equal(outcome.kind, 'failed');
  });

  it('offers the code to scan when WeChat gave one to sign in with, but could not be asked about it', () => {
    const down = judge(refused('payment_service_down'), withCode);
    assert.ok(down.kind === 'failed' && down.offersCode);
    const plain = judge(refused('payment_service_down'));
    assert.ok(plain.kind === 'failed' && !plain.offersCode);
  });

  it('waits while an earlier payment is in doubt', () =>
    assert.equal(judge(refused('payment_in_progress')).kind, 'in_doubt'));

  it('offers the methods that the cloud names with its refusal, and keeps the old ones where it names none', () => {
    const named = judge(refused('payment_service_down', { methods: ['alipay', 7] }));
    assert.deepEqual(named.kind === 'failed' ? named.methods : undefined, ['alipay']);
    const unknown = judge(refused('method_unknown', { methods: ['alipay'] }));
    assert.equal(unknown.kind === 'failed' ? unknown.methods : undefined, null, 'those may be down themselves');
    for (const hint of [undefined, {}, { methods: 'alipay' }]) {
      const silent = judge(refused('payment_service_down', hint));
      assert.equal(silent.kind === 'failed' ? silent.methods : undefined, null);
    }
    assert.equal(judge({ kind: 'unanswered' }).kind, 'failed');
  });
});

void describe('a payment that a call has started', () => {
  const second: PaymentMessage = { ...samplePayment, attemptRef: `${sampleOrder.orderId}02` };

  it('is shown in place of the one before', () => {
    assert.equal(withPayment(sampleOrder, samplePayment).payment, samplePayment);
    assert.equal(withPayment({ ...sampleOrder, payment: samplePayment }, second).payment, second);
    const fresh = { ...second, next: { kind: 'qr', payload: 'x' } } as const;
    assert.equal(withPayment({ ...sampleOrder, payment: second }, fresh).payment, fresh);
  });

  it('never hides what the stream has told since', () => {
    for (const state of ['paid', 'closed', 'failed'] as const) {
      const told = { ...sampleOrder, payment: { ...second, state } };
      assert.equal(withPayment(told, second), told, state);
    }
    const newer = { ...sampleOrder, payment: second };
    assert.equal(withPayment(newer, samplePayment), newer);
    const paid = { ...sampleOrder, state: 'paid' } as const;
    assert.equal(withPayment(paid, samplePayment), paid);
  });
});
