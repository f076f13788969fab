import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatMoneyMinor } from '../../base/money.ts';
import { emptyDraft, planRefund, type RefundDraft } from './refund-draft.ts';

const plan = (draft: Partial<RefundDraft>, left = '194.42', currency = 'CNY') =>
  planRefund({ left, currency }, { ...emptyDraft, reason: 'wrong pump', ...draft }, (minor) =>
    formatMoneyMinor(minor, currency),
  );

void describe('a refund as it is typed', () => {
  it('is all that is left, or a part and what is kept', () => {
    assert.deepEqual(plan({}), {
      wish: { amount: 'all', reason: 'wrong pump', evenIfRedeemed: false },
      amount: '194.42',
      kept: '0.00',
      isAll: true,
    });
    assert.deepEqual(plan({ howMuch: 'part', part: ' 50 ' }), {
      wish: { amount: '50.00', reason: 'wrong pump', evenIfRedeemed: false },
      amount: '50.00',
      kept: '144.42',
      isAll: false,
    });
  });

  it('takes a comma for a point, as many keyboards have it, and money without parts', () => {
    const planned = [plan({ howMuch: 'part', part: '12,5' }), plan({ howMuch: 'part', part: '300' }, '3000', 'JPY')];
    assert.deepEqual(
      planned.map((one) => 'wish' in one && one.wish.amount),
      ['12.50', '300'],
    );
  });

  it('is all of it where the part is all that is left', () => {
    const planned = plan({ howMuch: 'part', part: '194.42' });
    assert.deepEqual('wish' in planned ? [planned.wish.amount, planned.isAll] : planned, ['all', true]);
  });

  it('asks for an override only with all of it', () => {
    const overrides = [plan({ override: true }), plan({ override: true, howMuch: 'part', part: '1' })];
    assert.deepEqual(
      overrides.map((planned) => 'wish' in planned && planned.wish.evenIfRedeemed),
      [true, false],
    );
  });

  it('names every fault in its place', () => {
    for (const part of ['', '0', '-1', '1.001', '194.43', 'much', '1e1'])
      assert.deepEqual(plan({ howMuch: 'part', part }), ['amount_wrong'], part);
    assert.deepEqual(plan({ reason: '  ' }), ['reason_wrong']);
    assert.deepEqual(plan({ reason: 'x'.repeat(201) }), ['reason_wrong']);
    assert.deepEqual(plan({ howMuch: 'part', part: '', reason: '' }), ['amount_wrong', 'reason_wrong']);
    assert.deepEqual(plan({}, '0.00'), ['amount_wrong']);
  });
});
