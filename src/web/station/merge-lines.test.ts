import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StaffOrderLineMessage } from '../../staff/staff.message.ts';
import { mergeLines } from './merge-lines.ts';

const line = (orderId: string, state: StaffOrderLineMessage['state'] = 'placed'): StaffOrderLineMessage => ({
  orderId,
  state,
  pump: 1,
  grade: '95',
  plate: null,
  volume: '10.00',
  unit: 'l',
  payable: '70.00',
  currency: 'CNY',
  placedAt: '2026-11-25T08:00:00.000Z',
  paidAt: null,
  method: null,
  unknown: false,
  givenBack: '0.00',
  onItsWay: '0.00',
  heldUp: '0.00',
  refundStates: [],
  permit: null,
  dispensed: null,
});
const ids = (lines: readonly StaffOrderLineMessage[]) => lines.map(({ orderId }) => orderId).join('');

void describe('a list that is read again', () => {
  it('is as it is told where the reading reaches, and stays below', () => {
    const known = ['D', 'C', 'B', 'A'].map((id) => line(id));
    const merged = mergeLines(known, [line('D', 'paid'), line('C')], false);
    assert.equal(ids(merged), 'DCBA');
    assert.equal(merged[0]?.state, 'paid');
  });

  it('loses none when new orders push others out of the newest page', () => {
    const known = ['C', 'B', 'A'].map((id) => line(id));
    assert.equal(ids(mergeLines(known, [line('E'), line('D')], false)), 'EDCBA');
  });

  it('loses those that do not fit any more', () => {
    const known = ['D', 'C', 'B', 'A'].map((id) => line(id));
    assert.equal(ids(mergeLines(known, [line('D'), line('B')], false)), 'DBA');
    assert.equal(ids(mergeLines(known, [line('C')], true)), 'C');
    assert.equal(ids(mergeLines(known, [], true)), '');
  });
});
