import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { maskAddress, maskName, maskPhone } from './masked.ts';

void describe('what staff see of a driver', () => {
  it('is the ends of what the payment service calls him', () => {
    assert.equal(maskName('oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'), 'oUp…S6o');
    assert.equal(maskName('12345678'), '…');
  });

  it('is the last four digits of his phone', () => {
    assert.equal(maskPhone('+86 138-0013-8000'), '…8000');
  });

  it('is the network that he came from', () => {
    assert.equal(maskAddress('203.0.113.7'), '203.0.113.…');
    assert.equal(maskAddress('2001:db8:1:2::7'), '2001:db8:…');
    assert.equal(maskAddress('::1'), '::…');
  });
});
