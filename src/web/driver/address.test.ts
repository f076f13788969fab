import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Address, readAddress, readTypedCode, writeAddress } from './address.ts';

void describe('an address', () => {
  for (const [path, address] of [
    ['/', { at: 'find' }],
    ['/p/001AZC03E', { at: 'pump', pumpCode: '001AZC03E' }],
    ['/s/44012', { at: 'station', stationNumber: 44012 }],
    ['/o/001AZC01KQ2Z7P4M8N6T5R3W', { at: 'order', orderId: '001AZC01KQ2Z7P4M8N6T5R3W' }],
  ] as const satisfies readonly (readonly [string, Address])[]) {
    it(`${path} is read and written alike`, () => {
      assert.deepEqual(readAddress(path), address);
      assert.equal(writeAddress(address), path);
    });
  }

  for (const path of ['/x', '/s/abc', '/s/', '/p/', '/o/../../v1', '/p/<script>', '/o/a/b', `/p/${'A'.repeat(65)}`]) {
    it(`${path.slice(0, 20)} is none`, () => assert.deepEqual(readAddress(path), { at: 'unknown' }));
  }
});

void describe('a typed pump code', () => {
  for (const [typed, code] of [
    ['001azc03e', '001AZC03E'],
    [' 001 AZC-03E ', '001AZC03E'],
    ['００1AZC03E', '001AZC03E'],
    ['https://pay.example/p/001AZC03E', '001AZC03E'],
    ['HTTPS://PAY.EXAMPLE/P/001AZC03E/', '001AZC03E'],
    ['', null],
    ['https://pay.example/', null],
  ] as const) {
    it(`${JSON.stringify(typed)} is ${code ?? 'none'}`, () => assert.equal(readTypedCode(typed), code));
  }
});
