import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BatchQueueFull, createBatcher } from './batcher.ts';

/** A store whose batches stay open until the test lets them go. */
function openStore() {
  const batches: { requests: readonly number[]; finish: () => void }[] = [];
  const store = (requests: readonly number[]): Promise<number[]> =>
    new Promise((resolve) => {
      batches.push({ requests, finish: () => resolve(requests.map((request) => request * 10)) });
    });
  return { batches, store };
}

/** Lets everything run that waits for nothing outside. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a lone request is stored at once', async () => {
  const { batches, store } = openStore();
  const ask = createBatcher({ store, batchMax: 10 });
  const answer = ask(1);
  await settle();
  assert.deepEqual(
    batches.map((batch) => batch.requests),
    [[1]],
  );
  batches[0]?.finish();
  assert.equal(await answer, 10);
});

test('requests that come while two batches are being stored go together in the next, no more than its maximum', async () => {
  const { batches, store } = openStore();
  const ask = createBatcher({ store, batchMax: 3, inFlightMax: 2 });
  const answers = [ask(1)];
  await settle();
  answers.push(ask(2));
  await settle();
  answers.push(ask(3), ask(4), ask(5), ask(6));
  await settle();
  assert.deepEqual(
    batches.map((batch) => batch.requests),
    [[1], [2]],
  );
  batches[0]?.finish();
  await settle();
  batches[1]?.finish();
  await settle();
  assert.deepEqual(
    batches.map((batch) => batch.requests),
    [[1], [2], [3, 4, 5], [6]],
  );
  for (const batch of batches) batch.finish();
  assert.deepEqual(await Promise.all(answers), [10, 20, 30, 40, 50, 60]);
});

test('one bad request never fails its neighbours', async () => {
  const ask = createBatcher<number, string>({
    batchMax: 10,
    async store(requests) {
      if (requests.includes(2)) throw new Error('two is bad');
      return requests.map((request) => `stored ${request}`);
    },
  });
  const outcomes = await Promise.allSettled([ask(1), ask(2), ask(3)]);
  assert.deepEqual(
    outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : String(outcome.reason))),
    ['stored 1', 'Error: two is bad', 'stored 3'],
  );
});

test('a store that gives too few answers fails its callers instead of leaving them waiting', async () => {
  const ask = createBatcher<number, number>({ batchMax: 10, store: async () => [] });
  await assert.rejects(ask(1), /1 requests was given 0 answers/);
});

test('a request beyond the waiting room is refused at once, and the others are not', async () => {
  const { batches, store } = openStore();
  const ask = createBatcher({ store, batchMax: 1, inFlightMax: 1, waitingMax: 1 });
  const first = ask(1);
  await settle();
  const second = ask(2);
  await assert.rejects(ask(3), BatchQueueFull);
  batches[0]?.finish();
  await settle();
  batches[1]?.finish();
  assert.deepEqual(await Promise.all([first, second]), [10, 20]);
});
