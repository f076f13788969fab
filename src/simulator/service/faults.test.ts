import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { createFaults, faultsMax, type FaultWords } from './faults.ts';

const words = {
  operations: ['create', 'query'],
  callKinds: ['hang', 'reset', 'own_trouble'],
  noticeKinds: ['drop', 'delay'],
} as const satisfies FaultWords;

test('a trouble meets the next so many calls of its operation, in the order in which troubles were ordered', () => {
  const faults = createFaults(words);
  faults.add({ operation: 'create', kind: 'hang', times: 2 });
  faults.add({ operation: 'create', kind: 'own_trouble', ms: 5 });
  faults.add({ operation: 'notify', kind: 'drop' });
  assert.equal(faults.takeForCall('query'), null);
  const kinds = [1, 2, 3, 4].map(() => faults.takeForCall('create')?.kind ?? null);
  assert.deepEqual(kinds, ['hang', 'hang', 'own_trouble', null]);
  assert.equal(faults.takeForNotification()?.kind, 'drop');
  assert.equal(faults.takeForNotification(), null);
});

test('what waits can be read and cleared', () => {
  const faults = createFaults(words);
  faults.add({ operation: 'query', kind: 'reset' });
  faults.add({ operation: 'notify', kind: 'delay', ms: 10 });
  assert.deepEqual(faults.list(), [
    { operation: 'query', kind: 'reset', times: 1, ms: 0 },
    { operation: 'notify', kind: 'delay', times: 1, ms: 10 },
  ]);
  faults.clear();
  assert.deepEqual(faults.list(), []);
});

test("only the service's own words are understood, and a notification's troubles are not a call's", () => {
  const faults = createFaults(words);
  const wishes = [
    { operation: 'refund', kind: 'hang' },
    { operation: 'create', kind: 'drop' },
    { operation: 'notify', kind: 'hang' },
    { operation: 'create', kind: 'hang', times: 0 },
    { operation: 'create', kind: 'hang', ms: 0.5 },
    'hang',
    null,
  ];
  for (const wish of wishes) assert.throws(() => faults.add(wish), z.ZodError);
  assert.deepEqual(faults.list(), []);
});

test('there is an end to how many troubles can wait', () => {
  const faults = createFaults(words);
  for (let count = 0; count < faultsMax; count += 1) faults.add({ operation: 'create', kind: 'hang' });
  assert.throws(() => faults.add({ operation: 'create', kind: 'hang' }), /100 faults are already waiting/);
});
