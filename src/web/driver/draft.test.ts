import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { placeOrderMessage } from '../../order/order.message.ts';
import { beginDraft, chooseKind, choosePump, type Draft, gradesAt, missingIn, pumpsOf } from './draft.ts';
import { quoteOrder } from './quote.ts';
import { toPlaceOrder } from './send-order.ts';
import { sampleStation as station } from './testing/samples.ts';

const filled: Draft = { pump: 1, grade: '92', by: 'money', quantity: '200', plate: ' 京Ａ12345 ', method: 'alipay' };

function messageOf(draft: Draft) {
  const [grade] = gradesAt(station, draft.pump);
  assert.ok(grade !== undefined);
  const quote = quoteOrder(station, grade, { by: draft.by, typed: draft.quantity });
  assert.ok('payableMinor' in quote, JSON.stringify(quote));
  return toPlaceOrder({ station, draft, quote, language: 'zh-CN', position: null });
}

void describe('a draft', () => {
  it('begins without a grade and without a quantity, lest anyone pay for what he did not choose', () => {
    const draft = beginDraft(station, 3, null);
    assert.equal(draft.grade, null);
    assert.equal(draft.quantity, '');
    assert.equal(draft.pump, 3);
    assert.deepEqual(missingIn(station, draft), ['grade', 'quantity', 'method']);
  });

  it("names the method itself only where there is no choice, or inside that method's own app", () => {
    assert.equal(beginDraft(station, null, null).method, null);
    assert.equal(beginDraft(station, null, 'wechat-pay').method, 'wechat-pay');
    assert.equal(beginDraft(station, null, 'alipay').method, 'alipay');
    assert.equal(beginDraft({ ...station, methods: ['stripe'] }, null, 'wechat-pay').method, 'stripe');
    assert.equal(beginDraft({ ...station, methods: ['stripe', 'alipay'] }, null, 'wechat-pay').method, null);
    assert.equal(beginDraft({ ...station, methods: [] }, null, 'wechat-pay').method, null);
  });

  it('offers the pumps in order, and at a pump only the grades that it gives', () => {
    assert.deepEqual(pumpsOf(station), [1, 3]);
    assert.deepEqual(
      gradesAt(station, 3).map(({ grade }) => grade),
      ['92'],
    );
    assert.equal(gradesAt({ ...station, nozzles: [] }, 3).length, 2);
  });

  it('loses the grade at a pump that does not give it, and keeps it at one that does', () => {
    assert.equal(choosePump(station, { ...filled, grade: '95' }, 3).grade, null);
    assert.equal(choosePump(station, filled, 3).grade, '92');
  });

  it('loses the quantity when its kind changes: 200 yuan never become 200 litres', () => {
    assert.equal(chooseKind(filled, 'volume').quantity, '');
    assert.equal(chooseKind(filled, 'money').quantity, '200');
  });

  it('lacks a pump that the station does not have, and any of 1 to 99 is one where the layout is unknown', () => {
    assert.deepEqual(missingIn(station, filled), []);
    assert.ok(missingIn(station, { ...filled, pump: 2 }).includes('pump'));
    const unknown = { ...station, nozzles: [] };
    assert.deepEqual(missingIn(unknown, { ...filled, pump: 99 }), []);
    assert.deepEqual(missingIn(unknown, { ...filled, pump: 0 }), ['pump']);
    assert.deepEqual(missingIn(unknown, { ...filled, pump: 100 }), ['pump']);
  });

  it('by money becomes an order that names money alone, the price seen and the plate as meant', () => {
    const message = messageOf(filled);
    assert.deepEqual(message, {
      stationNumber: 44012,
      grade: '92',
      pump: 1,
      money: '200.00',
      priceSeen: { pump: '7.39', member: '7.19' },
      user: { plate: '京A12345' },
      locale: 'zh-CN',
    });
    assert.deepEqual(placeOrderMessage.parse(message), message);
  });

  it('by volume becomes an order that names volume alone, without a user where no plate is given', () => {
    const message = messageOf({ ...filled, by: 'volume', quantity: '27,5', plate: ' ' });
    assert.equal(message.volume, '27.50');
    assert.equal('money' in message, false);
    assert.equal('user' in message, false);
  });
});
