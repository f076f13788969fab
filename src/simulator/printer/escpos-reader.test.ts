import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { composeReceipt } from '../../device/printer/compose-receipt.ts';
import { sampleSlip } from '../../device/printer/sample-slip.ts';
import { type EscPosCommand, readEscPos } from './escpos-reader.ts';

function readAll(chunks: readonly Uint8Array[]): {
  readonly commands: readonly EscPosCommand[];
  readonly unread: number;
} {
  const commands: EscPosCommand[] = [];
  let unread: Uint8Array = new Uint8Array();
  for (const chunk of chunks) {
    unread = Buffer.concat([unread, chunk]);
    while (unread.length > 0) {
      const read = readEscPos(unread);
      if (read === 'incomplete') break;
      assert.ok(read.length > 0);
      commands.push(read.command);
      unread = unread.subarray(read.length);
    }
  }
  return { commands, unread: unread.length };
}

const examples: readonly [string, readonly number[], string][] = [
  ['ESC @ alone', [0x1b, 0x40], 'ESC @'],
  ['a feeding cut with its length', [0x1d, 0x56, 0x42, 0x00], 'GS V'],
  ['a plain cut without', [0x1d, 0x56, 0x30], 'GS V'],
  ['GS ( H by its own length', [0x1d, 0x28, 0x48, 6, 0, 0x30, 0x30, 1, 2, 3, 4], 'GS ( H'],
  ['a real-time question', [0x10, 0x04, 0x01], 'DLE EOT'],
  ['a barcode with a counted length', [0x1d, 0x6b, 73, 2, 0x41, 0x42], 'GS k'],
  ['a barcode that ends in NUL', [0x1d, 0x6b, 4, 0x41, 0x42, 0], 'GS k'],
];

for (const [name, bytes, expected] of examples) {
  test(`reads ${name}, and waits while a byte of it is missing`, () => {
    const { commands, unread } = readAll([Uint8Array.from(bytes)]);
    assert.deepEqual([commands.length, unread], [1, 0]);
    assert.equal(commands[0]?.kind === 'command' ? commands[0].name : '', expected);
    for (let length = 1; length < bytes.length; length += 1)
      assert.equal(readEscPos(Uint8Array.from(bytes.slice(0, length))), 'incomplete');
  });
}

test('a raster holds as many dots as it says, whatever bytes they are', () => {
  const bits = [0x1b, 0x40, 0x1d, 0x56, 0x10, 0x04];
  const { commands } = readAll([Uint8Array.from([0x1d, 0x76, 0x30, 0, 2, 0, 3, 0, ...bits, 0x0a])]);
  assert.deepEqual(commands[0], { kind: 'raster', bytesPerRow: 2, rows: 3, bits: Uint8Array.from(bits) });
  assert.equal(commands.length, 2);
});

test('a slip that arrives in pieces reads as the whole one', () => {
  const bytes = composeReceipt(sampleSlip, { columns: 32, charset: 'gb18030' });
  const whole = readAll([bytes]).commands.filter((command) => command.kind !== 'text');
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      const { commands, unread } = readAll(places.slice(1).map((end, index) => bytes.subarray(places[index], end)));
      assert.equal(unread, 0);
      assert.deepEqual(
        commands.filter((command) => command.kind !== 'text'),
        whole,
      );
    }),
    { numRuns: 20 },
  );
});

test('rubbish is read to its end without a throw', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (rubbish) => void readAll([rubbish])));
});
