import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readAddress, writeAddress } from './address.ts';

const orderId = '0000ZB1M89TMGBBCJDWED9CS';

void describe("the address of the staff's page", () => {
  it('bears the token, the open order, both or neither', () => {
    assert.deepEqual(readAddress(''), { token: null, orderId: null });
    assert.deepEqual(readAddress('#token=fcs_abc-_1'), { token: 'fcs_abc-_1', orderId: null });
    assert.deepEqual(readAddress(`#token=fcs_x&order=${orderId}`), { token: 'fcs_x', orderId });
  });

  it('names an order that is one, or none', () => {
    for (const hash of [
      '#order=',
      '#order=1',
      `#order=${orderId}0`,
      '#order=../../v1',
      `#order=${orderId.toLowerCase()}`,
    ])
      assert.equal(readAddress(hash).orderId, null, hash);
    assert.equal(readAddress(writeAddress('/staff', orderId).slice('/staff'.length)).orderId, orderId);
    assert.equal(writeAddress('/staff', null), '/staff');
  });
});
