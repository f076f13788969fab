import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import * as fc from 'fast-check';
import { minuteMs } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import type { DeviceResult } from '../device/device.ts';
import { readFeedEvent, type FeedEvent } from './feed-event.ts';
import { type Journal, openJournal, stateAfter } from './journal.ts';
import { sampleSlip } from './testing/sample-slip.ts';

const now = 1_800_000_000_000;
let folder = '';
let journal: Journal;

const open = () => openJournal({ path: join(folder, 'journal.sqlite'), deviceId: 'printer-1', random: systemRandom });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'forecourt-journal-'));
  journal = open();
});
afterEach(() => {
  journal.close();
  rmSync(folder, { recursive: true });
});

function eventOf(sequence: number, data: object): FeedEvent {
  const event = readFeedEvent({ id: String(sequence), event: 'message', data: JSON.stringify({ sequence, ...data }) });
  assert.ok(event);
  return event;
}
const issued = (sequence: number, number = sequence, validMs = 30 * minuteMs) =>
  eventOf(sequence, { kind: 'permit.issued', slip: sampleSlip(number, now, validMs) });
const revoked = (sequence: number, number: number) =>
  eventOf(sequence, { kind: 'permit.revoked', permitId: idOf(number) });
const idOf = (number: number) => number.toString(16).padStart(16, '0');
const said = (state: DeviceResult['state'], reason: string | null = null): DeviceResult => ({
  state,
  reason,
  deviceRef: 'job',
  at: now,
});
const reported = () =>
  journal.waitingReports(100).map(({ permitId, state, reason }) => [Number(`0x${permitId}`), state, reason]);

test('an event that comes twice changes nothing', () => {
  journal.recordEvents([issued(1), issued(2)], now);
  const reports = journal.waitingReports(10);
  assert.deepEqual(journal.recordEvents([issued(1), issued(2)], now), { recorded: [], gap: null });
  assert.deepEqual(journal.waitingReports(10), reports);
  assert.equal(journal.counts().waiting, 2);
});

test('a permit that is announced under a second number is printed once', () => {
  journal.recordEvents([issued(1, 7), issued(2, 7)], now);
  assert.equal(journal.counts().waiting, 1);
  assert.equal(journal.lastSequence(), 2);
});

test('behind a gap nothing is kept, before it everything', () => {
  const { recorded, gap } = journal.recordEvents([issued(1), issued(2), issued(4), issued(3)], now);
  assert.deepEqual(
    recorded.map((event) => event.sequence),
    [1, 2],
  );
  assert.deepEqual(gap, { expected: 3, got: 4 });
  assert.equal(journal.lastSequence(), 2);
});

test('in whatever pieces and repetitions the feed arrives, each event is kept once and in order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 })), { maxLength: 12 }),
      (pieces) => {
        const before = journal.lastSequence();
        for (const [from, count] of pieces) {
          const cursor = journal.lastSequence();
          const first = Math.max(1, cursor - 4 + from);
          const { recorded, gap } = journal.recordEvents(
            Array.from({ length: count }, (_, index) => issued(first + index)),
            now,
          );
          assert.deepEqual(
            recorded.map((event) => event.sequence),
            recorded.map((_, index) => cursor + 1 + index),
          );
          assert.equal(gap === null, first <= cursor + 1);
        }
        assert.ok(journal.lastSequence() >= before);
      },
    ),
    { numRuns: 30 },
  );
});

test('cursor, waiting permits and reports are there after a restart', () => {
  journal.recordEvents([issued(1), issued(2)], now);
  const reports = journal.waitingReports(10);
  journal.close();
  journal = open();
  assert.equal(journal.lastSequence(), 2);
  assert.deepEqual(journal.waitingReports(10), reports);
  assert.equal(journal.takePermit(now)?.permitId, idOf(1));
});

test('permits are taken in order, each once', () => {
  journal.recordEvents([issued(1), issued(2)], now);
  assert.equal(journal.takePermit(now)?.permitId, idOf(1));
  assert.equal(journal.takePermit(now)?.permitId, idOf(2));
  assert.equal(journal.takePermit(now), null);
});

test('a permit that was being printed when the terminal ended is unconfirmed and never taken again', () => {
  journal.recordEvents([issued(1)], now);
  journal.takePermit(now);
  journal.close();
  journal = open();
  assert.deepEqual(journal.giveUpPrinting(now), [idOf(1)]);
  assert.equal(journal.takePermit(now), null);
  assert.deepEqual(reported(), [
    [1, 'sent', null],
    [1, 'unconfirmed', 'terminal-stopped'],
  ]);
});

test('each outcome of the device is kept and told', () => {
  const outcomes = [
    [said('printed'), 'printed', [['printed', null]]],
    [said('processed'), 'processed', [['processed', null]]],
    [said('unconfirmed', 'timeout'), 'unconfirmed', [['unconfirmed', 'timeout']]],
    [said('failed', 'paper-empty-mid'), 'unconfirmed', [['unconfirmed', 'paper-empty-mid']]],
    [said('failed', 'slip-unprintable'), 'unprintable', [['undeliverable', 'slip-unprintable']]],
    [said('failed', 'paper-empty'), 'waiting', [['sent', 'paper-empty']]],
  ] as const;
  for (const [index, [result, state, told]] of outcomes.entries()) {
    const number = index + 1;
    journal.recordEvents([issued(number)], now);
    assert.equal(journal.takePermit(now)?.permitId, idOf(number));
    assert.equal(journal.finishPermit(idOf(number), result), state);
    const after = reported()
      .filter(([permit]) => permit === number)
      .slice(1);
    assert.deepEqual(
      after,
      told.map(([reportState, reason]) => [number, reportState, reason]),
    );
  }
});

test('a failure is told once a reason, not once a try', () => {
  journal.recordEvents([issued(1)], now);
  for (const reason of ['paper-empty', 'paper-empty', 'cover-open', 'cover-open']) {
    journal.takePermit(now);
    journal.finishPermit(idOf(1), said('failed', reason));
  }
  assert.deepEqual(reported(), [
    [1, 'sent', null],
    [1, 'sent', 'paper-empty'],
    [1, 'sent', 'cover-open'],
  ]);
});

test('a slip that cannot be printed does not hold up the ones behind it', () => {
  journal.recordEvents([issued(1), issued(2)], now);
  const order: string[] = [];
  for (let turn = 0; turn < 5; turn += 1) {
    const permitId = journal.takePermit(now)?.permitId ?? '';
    order.push(permitId);
    journal.finishPermit(permitId, permitId === idOf(1) ? said('failed', 'error') : said('printed'));
  }
  assert.deepEqual(order, [1, 1, 1, 2, 1].map(idOf));
});

test('an expired permit is refused durably, at its arrival or when its turn comes, and its duplicate too', () => {
  journal.recordEvents([issued(1, 1, 0), issued(2, 2, minuteMs), issued(3, 3, minuteMs)], now);
  journal.takePermit(now);
  journal.finishPermit(idOf(2), said('failed', 'cover-open'));
  assert.equal(journal.takePermit(now + minuteMs), null);
  journal.close();
  journal = open();
  journal.recordEvents([issued(1, 1, 0), issued(2, 2, minuteMs), issued(4, 3, 60 * minuteMs)], now);
  assert.equal(journal.takePermit(now), null);
  assert.deepEqual(
    reported().filter(([, state]) => state === 'undeliverable'),
    [
      [1, 'undeliverable', 'expired'],
      [2, 'undeliverable', 'expired: cover-open'],
      [3, 'undeliverable', 'expired'],
    ],
  );
});

test('a revoked permit is refused before its turn, and its late duplicate is not printed', () => {
  journal.recordEvents([issued(1), revoked(2, 1)], now);
  journal.close();
  journal = open();
  journal.recordEvents([issued(3, 1)], now);
  assert.equal(journal.takePermit(now), null);
  assert.deepEqual(reported(), [
    [1, 'sent', null],
    [1, 'undeliverable', 'revoked'],
  ]);
});

const issuedAs = (sequence: number, state: string, number = sequence, validMs = 30 * minuteMs) =>
  eventOf(sequence, { kind: 'permit.issued', state, slip: sampleSlip(number, now, validMs) });

test('a permit that is over in the cloud is never taken by an empty journal, and nothing is told of it', () => {
  const over = ['printed', 'processed', 'unconfirmed', 'undeliverable', 'redeemed', 'revoked', 'expired'];
  journal.recordEvents(
    over.map((state, index) => issuedAs(index + 1, state)),
    now,
  );
  journal.recordEvents([revoked(8, 6), revoked(9, 1), issuedAs(10, 'issued')], now);
  assert.equal(journal.takePermit(now)?.permitId, idOf(10));
  assert.equal(journal.takePermit(now), null);
  assert.deepEqual(reported(), [[10, 'sent', null]]);
});

test('a permit that another box had is never taken, whether or not its time is over, and is told as unconfirmed', () => {
  journal.recordEvents([issuedAs(1, 'sent'), issuedAs(2, 'sent', 2, 0)], now);
  assert.equal(journal.takePermit(now), null);
  assert.equal(journal.counts().unconfirmed, 2);
  assert.deepEqual(reported(), [
    [1, 'unconfirmed', 'sent-to-another-terminal'],
    [2, 'unconfirmed', 'sent-to-another-terminal'],
  ]);
});

test('an event of a state that this terminal does not know is not printed', () => {
  journal.recordEvents([issuedAs(1, 'eaten')], now);
  assert.equal(journal.takePermit(now), null);
  assert.deepEqual(reported(), [[1, 'undeliverable', 'unreadable']]);
});

test('a log read anew from its beginning prints nothing twice, prints what is new, and tells again what the cloud forgot', () => {
  journal.recordEvents([issued(1), issued(2), issued(3)], now);
  for (const number of [1, 2]) {
    journal.takePermit(now);
    journal.finishPermit(
      idOf(number),
      said(number === 1 ? 'printed' : 'unconfirmed', number === 1 ? null : 'no-answer'),
    );
  }
  assert.equal(journal.lastPermitId(), idOf(3));
  const before = reported().length;
  journal.restartFeed();
  journal.close();
  journal = open();
  assert.deepEqual([journal.lastSequence(), journal.lastPermitId()], [0, null]);
  const { gap } = journal.recordEvents(
    [issuedAs(1, 'issued', 1), issuedAs(2, 'sent', 2), issuedAs(3, 'issued', 4), issuedAs(4, 'issued', 3)],
    now,
  );
  assert.equal(gap, null);
  assert.deepEqual([journal.takePermit(now)?.permitId, journal.takePermit(now)?.permitId], [3, 4].map(idOf));
  assert.equal(journal.takePermit(now), null);
  assert.deepEqual(reported().slice(before), [
    [1, 'printed', null],
    [2, 'unconfirmed', 'no-answer'],
    [4, 'sent', null],
  ]);
});

test('a permit revoked while the device fails is not tried again; one that came out is reported as it is', () => {
  journal.recordEvents([issued(1), issued(2)], now);
  journal.takePermit(now);
  journal.takePermit(now);
  journal.recordEvents([revoked(3, 1), revoked(4, 2), revoked(5, 2), revoked(6, 99)], now);
  assert.equal(journal.finishPermit(idOf(1), said('failed', 'paper-empty')), 'revoked');
  assert.equal(journal.finishPermit(idOf(2), said('printed')), 'printed');
  assert.equal(journal.takePermit(now), null);
  assert.deepEqual(reported().slice(2), [
    [1, 'undeliverable', 'revoked'],
    [2, 'printed', null],
  ]);
});

test('an event that cannot be read keeps its place, and its permit is reported where it can be told', () => {
  const half = { ...sampleSlip(2, now), receipt: {} };
  journal.recordEvents(
    [eventOf(1, { kind: 'permit.reprinted' }), eventOf(2, { kind: 'permit.issued', slip: half }), issued(3)],
    now,
  );
  assert.equal(journal.lastSequence(), 3);
  assert.equal(journal.takePermit(now)?.permitId, idOf(3));
  assert.deepEqual(reported(), [
    [2, 'undeliverable', 'unreadable'],
    [3, 'sent', null],
  ]);
});

test('a result for a permit that nobody took is a broken assumption', () => {
  journal.recordEvents([issued(1)], now);
  assert.throws(() => journal.finishPermit(idOf(1), said('printed')), /was not being printed/);
});

test('a settled report is not given again, and the first answer stands', () => {
  journal.recordEvents([issued(1), issued(2)], now);
  const [first] = journal.waitingReports(1);
  assert.ok(first);
  journal.settleReports([{ reportId: first.reportId, outcome: 'report_permit_unknown' }], now);
  assert.deepEqual(reported(), [[2, 'sent', null]]);
});

test('forgetting takes what is settled and old, never the cursor, a waiting permit or a waiting report', () => {
  journal.recordEvents([issued(1), issued(2), issued(3, 3, 60 * minuteMs), revoked(4, 99)], now);
  journal.takePermit(now);
  journal.finishPermit(idOf(1), said('printed'));
  const reports = journal.waitingReports(10);
  journal.forgetBefore(now + minuteMs);
  assert.equal(journal.lastSequence(), 4);
  assert.deepEqual(journal.waitingReports(10), reports);
  journal.close();
  journal = open();
  assert.equal(journal.lastSequence(), 4);
  assert.equal(journal.takePermit(now)?.permitId, idOf(2));
  assert.equal(journal.takePermit(now)?.permitId, idOf(3));
});

test('a journal belongs to one terminal at a time', () => {
  assert.throws(open, /in use by another terminal/);
});

test('only what is certainly not on paper goes back in line', () => {
  assert.equal(stateAfter({ state: 'failed', reason: 'disconnect' }, false), 'waiting');
  assert.equal(stateAfter({ state: 'failed', reason: null }, false), 'waiting');
  assert.equal(stateAfter({ state: 'failed', reason: 'disconnect' }, true), 'revoked');
  assert.equal(stateAfter({ state: 'failed', reason: 'cover-open-mid' }, false), 'unconfirmed');
  assert.equal(stateAfter({ state: 'failed', reason: 'cover-open-mid' }, true), 'unconfirmed');
});
