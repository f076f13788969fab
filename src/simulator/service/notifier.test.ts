import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { secondMs } from '../../base/clock.ts';
import { commonCallFaultKinds, commonNoticeFaultKinds, createFaults, type FaultWords } from './faults.ts';
import type { NewNotice } from './notice.ts';
import { type Notifier, startNotifier } from './notifier.ts';
import { forgetfulStore, openStore, type Store } from './store.sql.ts';
import { createManualTimeline, type ManualTimeline } from './timeline.ts';

const words = {
  operations: ['create'],
  callKinds: commonCallFaultKinds,
  noticeKinds: commonNoticeFaultKinds,
} as const satisfies FaultWords;

const startMs = Date.parse('2026-11-02T04:00:00Z');
const notice = (id: string): NewNotice => ({
  id,
  about: `ORDER-${id}`,
  event: 'paid',
  url: 'http://127.0.0.1:9/',
  body: '{}',
});

type Trial = {
  readonly timeline: ManualTimeline;
  readonly faults: ReturnType<typeof createFaults<typeof words>>;
  readonly notifier: Notifier;
  /** What went out: id, seconds since the start, trouble. */
  readonly sent: (readonly [string, number, string | null])[];
  /** What the merchant says to the next ones; accepted where nothing is said. */
  readonly answers: boolean[];
  readonly stop: () => void;
};

function startTrial(store: Store = forgetfulStore, atMs = startMs): Trial {
  const timeline = createManualTimeline(atMs);
  const faults = createFaults(words);
  const closing = new AbortController();
  const sent: Trial['sent'] = [];
  const answers: boolean[] = [];
  const notifier = startNotifier({
    timeline,
    store,
    faults,
    closing: closing.signal,
    retryDelaysMs: [10 * secondMs, 20 * secondMs],
    async deliver({ id }, { kind }) {
      sent.push([id, (timeline.now() - startMs) / secondMs, kind ?? null]);
      const accepted = answers.shift() ?? true;
      return { status: accepted ? 200 : 500, accepted };
    },
  });
  const stop = (): void => {
    notifier.close();
    closing.abort();
  };
  return { timeline, faults, notifier, sent, answers, stop };
}

function openTestStore(context: TestContext): Store {
  const folder = mkdtempSync(join(tmpdir(), 'forecourt-notifier-'));
  const store = openStore(folder, 'trial');
  context.after(() => {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return store;
}

test("a notification is tried on the service's own schedule and then given up", async () => {
  const { timeline, notifier, sent, answers } = startTrial();
  answers.push(false, false, false, false);
  notifier.notify(notice('A'));
  await notifier.settled();
  await timeline.advance(3600 * secondMs);
  assert.deepEqual(sent, [
    ['A', 0, null],
    ['A', 10, null],
    ['A', 30, null],
  ]);
  assert.partialDeepStrictEqual(notifier.list(), [{ id: 'A', state: 'given_up', tries: 3, lastStatus: 500 }]);
});

test('a notification that shall be held back goes after its time, whatever trouble waits for others', async () => {
  const { timeline, faults, notifier, sent } = startTrial();
  faults.add({ operation: 'notify', kind: 'drop' });
  notifier.notify(notice('A'), { kind: 'held_back', ms: 30 * secondMs });
  notifier.notify(notice('B'));
  await notifier.settled();
  await timeline.advance(60 * secondMs);
  assert.deepEqual(sent, [
    ['B', 10, null],
    ['A', 30, null],
  ]);
});

test('a notification that shall be doubled is sent twice and accepted once', async () => {
  const { timeline, notifier, sent } = startTrial();
  notifier.notify(notice('A'), { kind: 'doubled' });
  await notifier.settled();
  await timeline.advance(60 * secondMs);
  assert.deepEqual(
    sent.map(([id]) => id),
    ['A', 'A'],
  );
  assert.partialDeepStrictEqual(notifier.list(), [{ state: 'accepted', tries: 1, deliveries: 2 }]);
});

test('a notification can be sent once more after it was accepted, and ends its own waiting where it is accepted before its turn', async () => {
  const { timeline, notifier, sent, answers } = startTrial();
  answers.push(false);
  notifier.notify(notice('A'));
  await notifier.settled();
  assert.equal(notifier.resend('A'), true);
  await notifier.settled();
  await timeline.advance(60 * secondMs);
  assert.equal(notifier.resend('A'), true);
  await notifier.settled();
  assert.equal(sent.length, 3);
  assert.partialDeepStrictEqual(notifier.list(), [{ state: 'accepted', tries: 2, deliveries: 3 }]);
  assert.equal(notifier.resend('NOBODY'), false);
});

test('one that was sent again in vain keeps its place on the schedule', async () => {
  const { timeline, notifier, sent, answers } = startTrial();
  answers.push(false, false);
  notifier.notify(notice('A'));
  await notifier.settled();
  notifier.resend('A');
  await notifier.settled();
  await timeline.advance(60 * secondMs);
  assert.deepEqual(
    sent.map(([, second]) => second),
    [0, 0, 10],
  );
});

test('each trouble spoils one delivery and is then used up', async () => {
  const { timeline, faults, notifier, sent, answers } = startTrial();
  answers.push(false, false);
  faults.add({ operation: 'notify', kind: 'wrong_signature' });
  faults.add({ operation: 'notify', kind: 'clock_skew', ms: 1000 });
  notifier.notify(notice('A'));
  await notifier.settled();
  await timeline.advance(60 * secondMs);
  assert.deepEqual(
    sent.map(([, , kind]) => kind),
    ['wrong_signature', 'clock_skew', null],
  );
  assert.deepEqual(faults.list(), []);
});

test('what was held back or failed before a stop goes out after the start, at its time', async (context) => {
  const store = openTestStore(context);
  const first = startTrial(store);
  first.answers.push(false);
  first.notifier.notify(notice('FAILED'));
  first.notifier.notify(notice('HELD'), { kind: 'held_back', ms: 30 * secondMs });
  first.notifier.notify(notice('DONE'));
  await first.notifier.settled();
  first.stop();
  const second = startTrial(store, startMs + 5 * secondMs);
  await second.timeline.advance(60 * secondMs);
  assert.deepEqual(second.sent, [
    ['FAILED', 10, null],
    ['HELD', 30, null],
  ]);
});

test('after a stop nothing is sent and nothing is written down', async () => {
  const { timeline, notifier, sent, answers, stop } = startTrial();
  answers.push(false);
  notifier.notify(notice('A'));
  await notifier.settled();
  stop();
  notifier.notify(notice('B'));
  await timeline.advance(60 * secondMs);
  assert.deepEqual(
    sent.map(([id]) => id),
    ['A'],
  );
});
