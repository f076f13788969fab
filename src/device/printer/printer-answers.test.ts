import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type PrinterAnswer, type PrinterFault, readAnswers, realTimeFault } from './printer-answers.ts';

const answersOf = (...bytes: readonly number[]) => readAnswers(Uint8Array.from(bytes)).answers;
const printed = [0x37, 0x22, 0x41, 0x42, 0x43, 0x44, 0x00] as const;

test('each kind of answer is told by its fixed bits', () => {
  assert.deepEqual(answersOf(0x12), [{ kind: 'real-time', status: 0x12 }]);
  assert.deepEqual(answersOf(0x10, 0, 0, 0), [{ kind: 'automatic', fault: null }]);
  assert.deepEqual(answersOf(...printed), [{ kind: 'printed', processId: 'ABCD' }]);
  assert.deepEqual(answersOf(0x00), [{ kind: 'processed' }]);
});

const automaticBits: readonly [string, readonly number[], PrinterFault | null][] = [
  ['nothing wrong', [0x10, 0, 0, 0], null],
  ['drawer pin high', [0x14, 0, 0, 0], null],
  ['offline', [0x18, 0, 0, 0], 'offline'],
  ['cover open', [0x38, 0, 0, 0], 'cover-open'],
  ['recoverable error', [0x18, 0x04, 0, 0], 'error'],
  ['cutter error', [0x18, 0x08, 0, 0], 'error'],
  ['unrecoverable error', [0x18, 0x20, 0, 0], 'error'],
  ['head too hot', [0x18, 0x40, 0, 0], 'error'],
  ['paper near its end', [0x10, 0, 0x03, 0], null],
  ['paper end, first bit', [0x18, 0, 0x04, 0], 'paper-empty'],
  ['paper end, second bit', [0x18, 0, 0x08, 0], 'paper-empty'],
  ['cover open and paper end', [0x38, 0, 0x0c, 0], 'cover-open'],
];

for (const [name, bytes, fault] of automaticBits) {
  test(`automatic status with ${name} means ${fault ?? 'ready'}`, () =>
    assert.deepEqual(answersOf(...bytes), [{ kind: 'automatic', fault }]));
}

const realTimeBits: readonly [string, readonly number[], PrinterFault | null][] = [
  ['nothing wrong', [0x12, 0x12, 0x12, 0x12], null],
  ['drawer pin high', [0x16, 0x12, 0x12, 0x12], null],
  ['offline', [0x1a, 0x12, 0x12, 0x12], 'offline'],
  ['feed button held', [0x12, 0x1a, 0x12, 0x12], null],
  ['cover open', [0x1a, 0x16, 0x12, 0x12], 'cover-open'],
  ['stopped at paper end', [0x1a, 0x32, 0x12, 0x12], 'paper-empty'],
  ['stopped at an error', [0x1a, 0x52, 0x12, 0x12], 'error'],
  ['cutter error', [0x1a, 0x12, 0x1a, 0x12], 'error'],
  ['unrecoverable error', [0x1a, 0x12, 0x32, 0x12], 'error'],
  ['recoverable error', [0x1a, 0x12, 0x52, 0x12], 'error'],
  ['paper near its end', [0x12, 0x12, 0x12, 0x1e], null],
  ['paper end, first bit', [0x1a, 0x12, 0x12, 0x32], 'paper-empty'],
  ['paper end, second bit', [0x1a, 0x12, 0x12, 0x52], 'paper-empty'],
];

for (const [name, statuses, fault] of realTimeBits) {
  test(`real-time status with ${name} means ${fault ?? 'ready'}`, () => assert.equal(realTimeFault(statuses), fault));
}

const frames = fc.constantFrom<readonly number[]>(
  [0x12],
  [0x32],
  [0x10, 0, 0, 0],
  [0x38, 0, 0x0c, 0],
  printed,
  [0x00],
  [0x0c],
);

test('answers read the same however the network splits and joins them', () => {
  fc.assert(
    fc.property(fc.array(frames, { maxLength: 20 }), fc.array(fc.nat(140), { maxLength: 30 }), (sent, cuts) => {
      const bytes = Uint8Array.from(sent.flat());
      const places = [0, ...cuts.filter((place) => place < bytes.length).sort((a, b) => a - b), bytes.length];
      const heard: PrinterAnswer[] = [];
      let rest: Uint8Array = new Uint8Array();
      for (const [index, end] of places.slice(1).entries()) {
        const read = readAnswers(Buffer.concat([rest, bytes.subarray(places[index], end)]));
        heard.push(...read.answers);
        rest = read.rest;
      }
      assert.deepEqual(heard, readAnswers(bytes).answers);
      assert.equal(heard.length, sent.length);
      assert.equal(rest.length, 0);
    }),
  );
});

test('rubbish never throws, never keeps more than six bytes, and hides no answer behind it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (rubbish) => {
      assert.ok(readAnswers(rubbish).rest.length <= 6);
      const { answers } = readAnswers(
        Uint8Array.from([...rubbish, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, ...printed]),
      );
      assert.deepEqual(answers.at(-1), { kind: 'printed', processId: 'ABCD' });
    }),
  );
});
