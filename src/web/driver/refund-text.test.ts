import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RefundReason } from '../../base/ids.ts';
import type { OrderMessage } from '../../order/order.message.ts';
import { languages } from '../words.ts';
import { refundText } from './refund-text.ts';
import { sampleOrder, sampleRefund } from './testing/samples.ts';

const reasons = {
  second_payment: /second payment goes back/,
  late_payment: /after the order had ended/,
  overpayment: /the rest goes back/,
  integrity: /does not match/,
  staff: /staff ordered/,
  undelivered: /not be handed out in time/,
  less_dispensed: /difference goes back/,
  elsewhere: /at the payment service/,
} as const satisfies Record<RefundReason, RegExp>;

const textOf = (refund: Partial<typeof sampleRefund>, order: OrderMessage = sampleOrder) =>
  refundText('en', order, { ...sampleRefund, ...refund });

void describe('money that goes back', () => {
  it('is explained by its reason, each in words of its own, in both languages', () => {
    for (const [reason, words] of Object.entries(reasons)) assert.match(textOf({ reason }).why ?? '', words);
    for (const language of languages) {
      const texts = Object.keys(reasons).map(
        (reason) => refundText(language, sampleOrder, { ...sampleRefund, reason }).why,
      );
      assert.equal(new Set(texts).size, texts.length);
    }
  });

  it('has no made-up reason where the cloud names one that the page does not know', () => {
    assert.equal(textOf({ reason: 'goodwill' }).why, null);
    assert.equal(textOf({ reason: 'toString' }).why, null);
  });

  it('tells how much was dispensed of what was paid for', () => {
    const order = { ...sampleOrder, dispensed: { volume: '20.00', payable: '143.80' } };
    assert.equal(
      textOf({ reason: 'less_dispensed' }, order).why,
      'You got 20.00 L of 27.06 L; the difference goes back.',
    );
  });

  it("comes with the latest day on the station's calendar, and what to do after it", () => {
    const lateInTheDay = { promisedBy: '2026-01-04T16:30:00.000Z' };
    const { how, otherwise } = textOf(lateInTheDay);
    assert.equal(how, 'It goes back the way it was paid, and is there on January 5, 2026 at the latest.');
    assert.match(otherwise, /Not there by then\?/);
    assert.match(refundText('zh-CN', sampleOrder, { ...sampleRefund, ...lateInTheDay }).how, /最迟 2026年1月5日到账/);
    assert.match(textOf({ state: 'succeeded' }).how, /went back .* until January 4, 2026/);
  });

  it('promises no day while a person has to look after it, nor for what others gave back', () => {
    const heldUp = textOf({ state: 'abnormal' });
    assert.match(heldUp.how, /A person is looking after it/);
    for (const { how, otherwise } of [heldUp, textOf({ reason: 'elsewhere', state: 'succeeded' })]) {
      assert.doesNotMatch(how, /2026/);
      assert.match(otherwise, /Questions\?/);
    }
  });
});
