import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Answer } from './cloud.ts';
import { keyFor, readKeyed } from './idempotency.ts';
import { memoryStore } from './phone-store.ts';
import { type KeyShelf, sendOnce } from './send-once.ts';

function countingShelf(): KeyShelf {
  let count = 0;
  return { store: memoryStore(), random: (byteCount) => new Uint8Array(byteCount).fill((count += 1)) };
}

const refused = (status: number, code = 'x'): Answer<never> => ({
  kind: 'refused',
  problem: { code, status, text: { 'zh-CN': '', en: '' } },
});

/** Sends bodies one after the other, each answered as given, and tells the keys they were sent under. */
async function keysOf(
  shelf: KeyShelf,
  sendings: readonly (readonly [body: string, answer: Answer<string>])[],
): Promise<readonly string[]> {
  const keys: string[] = [];
  for (const [body, answer] of sendings) {
    const send = async (_: string, key: string) => {
      keys.push(key);
      return answer;
    };
    await sendOnce(shelf, { name: 'order', body, send });
  }
  return keys;
}

void describe('an Idempotency-Key', () => {
  it('fits the rule of the cloud: 16 to 64 letters, digits, hyphens or underscores', () => {
    const { key } = keyFor('{}', null, (byteCount) => new Uint8Array(byteCount));
    assert.match(key, /^[0-9A-Za-z_-]{16,64}$/);
  });

  it('stays with its body as long as no answer came', async () => {
    const [first, second, third] = await keysOf(countingShelf(), [
      ['a', { kind: 'unanswered' }],
      ['a', refused(503)],
      ['a', { kind: 'answered', body: 'done' }],
    ]);
    assert.ok(first !== undefined && first === second && second === third);
  });

  it('changes with the body', async () => {
    const [first, second] = await keysOf(countingShelf(), [
      ['a', { kind: 'unanswered' }],
      ['b', { kind: 'unanswered' }],
    ]);
    assert.notEqual(first, second);
  });

  it('is not used again after an answer or a refusal, though the same is ordered again', async () => {
    const keys = await keysOf(countingShelf(), [
      ['a', { kind: 'answered', body: 'done' }],
      ['a', refused(409)],
      ['a', refused(503, 'payment_service_down')],
      ['a', { kind: 'answered', body: 'done' }],
    ]);
    assert.equal(new Set(keys).size, 4);
  });

  it('outlives a reload of the page while the answer is owed', async () => {
    const shelf = countingShelf();
    const [key] = await keysOf(shelf, [['{"a":"x\\ny"}\n', { kind: 'unanswered' }]]);
    assert.deepEqual(readKeyed(shelf.store, 'order'), { key, body: '{"a":"x\\ny"}\n' });
  });
});
