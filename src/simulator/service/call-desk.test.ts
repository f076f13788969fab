import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { jsonAnswer, serveCall } from './call-desk.ts';
import { commonCallFaultKinds, createFaults, type FaultWords } from './faults.ts';
import { openDoor } from './simulation.ts';
import { createManualTimeline } from './timeline.ts';
import { createTraffic } from './traffic.ts';

const words = {
  operations: ['create'],
  callKinds: [...commonCallFaultKinds, 'own_trouble'],
  noticeKinds: [],
} as const satisfies FaultWords;

/** A service of one address, `/things`, which notes each time that its work was done. */
async function startTrial(context: TestContext) {
  const faults = createFaults(words);
  const traffic = createTraffic();
  const timeline = createManualTimeline(0);
  const door = await openDoor(0);
  const seen: (string | null)[] = [];
  const calls = new EventEmitter();
  const work = {
    operation: 'create' as const,
    answer(fault: { readonly kind: string } | null) {
      seen.push(fault?.kind ?? null);
      return jsonAnswer(200, { made: seen.length });
    },
  };
  const desk = {
    faults,
    traffic,
    timeline,
    origin: door.url,
    find({ url }: { readonly url: URL }) {
      calls.emit('found');
      return url.pathname === '/things' ? work : null;
    },
    notFound: jsonAnswer(404, { code: 'no_such_address' }),
    rateLimited: jsonAnswer(429, { code: 'too_many' }, { 'retry-after': '1' }),
    serverError: jsonAnswer(500, { code: 'broken' }),
  };
  door.answerWith((request, response) => serveCall(desk, request, response));
  context.after(() => door.close());
  const call = (signal?: AbortSignal, body = '{}'): Promise<Response> =>
    fetch(`${door.url}/things?a=1`, { method: 'POST', body, ...(signal === undefined ? {} : { signal }) });
  return { faults, traffic, timeline, calls, seen, door, call };
}

test('without trouble a call is answered and written into the traffic', async (context) => {
  const { call, traffic, door } = await startTrial(context);
  assert.deepEqual(await (await call()).json(), { made: 1 });
  assert.partialDeepStrictEqual(traffic.list(), [
    { operation: 'create', url: '/things?a=1', status: 200, request: '{}', answer: '{"made":1}', note: null },
  ]);
  assert.equal((await fetch(`${door.url}/elsewhere`)).status, 404);
});

test('troubles that come before the work leave it undone, those that come after it lose only the answer', async (context) => {
  const { call, faults, seen, traffic } = await startTrial(context);
  const cases = [
    ['rate_limited', 429, 'too_many', 0],
    ['server_error', 500, 'broken', 0],
    ['html_502', 502, '<html>', 0],
    ['commit_then_server_error', 500, 'broken', 1],
    ['commit_then_html_502', 502, '<html>', 1],
  ] as const;
  for (const [kind, status, text, workDone] of cases) {
    const before = seen.length;
    faults.add({ operation: 'create', kind });
    const response = await call();
    assert.equal(response.status, status, kind);
    assert.ok((await response.text()).includes(text), kind);
    assert.equal(seen.length - before, workDone, kind);
    assert.equal(traffic.list().at(-1)?.note, kind);
  }
});

test('a line can be cut or left silent, before the work and after it', async (context) => {
  const { call, faults, seen } = await startTrial(context);
  const cases = [
    ['reset', 0],
    ['commit_then_reset', 1],
    ['hang', 0],
    ['commit_then_hang', 1],
  ] as const;
  for (const [kind, workDone] of cases) {
    const before = seen.length;
    faults.add({ operation: 'create', kind });
    await assert.rejects(call(AbortSignal.timeout(300)), kind.endsWith('hang') ? { name: 'TimeoutError' } : TypeError);
    assert.equal(seen.length - before, workDone, kind);
  }
});

test('an answer can be larger than anybody should read, or late', async (context) => {
  const { call, calls, faults, timeline, seen } = await startTrial(context);
  faults.add({ operation: 'create', kind: 'oversize' });
  assert.equal((await (await call()).arrayBuffer()).byteLength, 8 * 1024 * 1024);
  faults.add({ operation: 'create', kind: 'delay', ms: 5000 });
  const found = once(calls, 'found');
  const late = call();
  await found;
  assert.deepEqual(seen, []);
  await timeline.advance(5000);
  assert.equal((await late).status, 200);
});

test('troubles of signatures and of the service itself are handed to the service', async (context) => {
  const { call, faults, seen } = await startTrial(context);
  const kinds = ['unsigned', 'wrong_signature', 'clock_skew', 'own_trouble'] as const;
  for (const kind of kinds) faults.add({ operation: 'create', kind });
  for (const _ of kinds) await call();
  assert.deepEqual(seen, kinds);
});

test('a body larger than the limit is refused before anything is done with it', async (context) => {
  const { call, seen } = await startTrial(context);
  assert.equal((await call(undefined, 'x'.repeat(65 * 1024))).status, 413);
  assert.deepEqual(seen, []);
});
