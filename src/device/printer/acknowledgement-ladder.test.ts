import assert from 'node:assert/strict';
import { test } from 'node:test';
import { climb, fallSilent, type Ladder, ladderStart } from './acknowledgement-ladder.ts';
import type { PrinterAnswer } from './printer-answers.ts';

const ready: readonly PrinterAnswer[] = Array.from({ length: 4 }, () => ({ kind: 'real-time', status: 0x12 }));
const good: PrinterAnswer = { kind: 'automatic', fault: null };
const paperEmpty: PrinterAnswer = { kind: 'automatic', fault: 'paper-empty' };
const processed: PrinterAnswer = { kind: 'processed' };
const printed: PrinterAnswer = { kind: 'printed', processId: 'JOB1' };

const after = (...packets: readonly (readonly PrinterAnswer[])[]): Ladder =>
  packets.reduce<Ladder>((ladder, answers) => climb(ladder, answers, 'JOB1'), ladderStart);

const outcomeOf = (ladder: Ladder) => fallSilent(ladder, 'timeout');

test('the job is sent only after four good answers', () => {
  assert.equal(after(ready.slice(0, 3)).rung, 'checking');
  assert.equal(after(ready).rung, 'printing');
});

test('an answer to another job does not count', () => {
  const ladder = after(ready, [{ kind: 'printed', processId: 'JOB0' }]);
  assert.deepEqual(outcomeOf(ladder), { state: 'unconfirmed', reason: 'no-answer' });
});

test('an answer that comes before the job was sent does not count', () => {
  assert.equal(outcomeOf(after([printed])).state, 'failed');
});

test('paper that ends right after the slip does not take the slip back', () => {
  assert.deepEqual(outcomeOf(after(ready, [good, paperEmpty, printed])), { state: 'printed', reason: null });
});

test('a fault before the first good status means that the job never began', () => {
  assert.deepEqual(outcomeOf(after(ready, [paperEmpty])), { state: 'failed', reason: 'paper-empty' });
  assert.deepEqual(outcomeOf(after(ready, [good], [paperEmpty])), { state: 'failed', reason: 'paper-empty-mid' });
});

test('silence and a lost connection mean different things on each rung', () => {
  const rungs = [ladderStart, after(ready), after(ready, [good, processed])];
  assert.deepEqual(
    rungs.map((ladder) => fallSilent(ladder, 'timeout').state),
    ['failed', 'unconfirmed', 'processed'],
  );
  assert.deepEqual(
    rungs.map((ladder) => fallSilent(ladder, 'disconnect').reason),
    ['disconnect', 'disconnect', null],
  );
  assert.equal(fallSilent(ladderStart, 'timeout').reason, 'no-status');
});
