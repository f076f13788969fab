import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProviderError } from '../provider.ts';
import { closeResultOf } from './close.ts';

const nowMs = 1_000_000_000;
const evidence = { receivedAt: nowMs, bodySha256: '' };
const attemptRef = 'ORDER01';
const refused = (status: number, code: string | null) =>
  ({ ok: false, refused: { status, code, message: '' }, signature: 'unsigned', evidence }) as const;

const meaningOf = (status: number, code: string | null): string => {
  try {
    return closeResultOf(refused(status, code), { attemptRef }, nowMs).kind;
  } catch (error) {
    assert.ok(error instanceof ProviderError);
    return `${error.kind}, ${error.outcomeUnknown ? 'open' : 'definite'}`;
  }
};

test('every answer to a close means what the table says; what has ended otherwise is asked for', () => {
  const table = [
    [400, 'ACQ.TRADE_NOT_EXIST', 'not_created'],
    [404, 'ACQ.TRADE_NOT_EXIST', 'not_created'],
    [400, 'ACQ.TRADE_STATUS_ERROR', 'paid'],
    [400, 'ACQ.REASON_TRADE_STATUS_INVALID', 'paid'],
    [400, 'ACQ.TRADE_HAS_SUCCESS', 'paid'],
    [400, 'ACQ.TRADE_HAS_FINISHED', 'paid'],
    [400, 'ACQ.TRADE_HAS_CLOSE', 'paid'],
    [400, 'ACQ.INVALID_PARAMETER', 'rejected, definite'],
    [400, 'ACQ.SYSTEM_ERROR', 'unknown, open'],
    [400, '20000', 'unknown, open'],
    [401, 'invalid-signature', 'auth, definite'],
    [403, 'ACQ.TRADE_NOT_EXIST', 'auth, definite'],
    [429, null, 'rate_limited, open'],
    [500, 'ACQ.TRADE_NOT_EXIST', 'unknown, open'],
    [502, null, 'unknown, open'],
  ] as const;
  for (const [status, code, meaning] of table) assert.equal(meaningOf(status, code), meaning, `${status} ${code}`);
  assert.deepEqual(closeResultOf({ ok: true, body: {}, evidence }, { attemptRef }, nowMs), { kind: 'closed' });
});

test('a trade that does not exist may still be paid until the attempt expires, or for the two hours that a code lives', () => {
  const until = (expiresAt?: number) => {
    const attempt = expiresAt === undefined ? { attemptRef } : { attemptRef, expiresAt };
    const result = closeResultOf(refused(400, 'ACQ.TRADE_NOT_EXIST'), attempt, nowMs);
    return result.kind === 'not_created' ? result.mayStillBePaidUntil : null;
  };
  assert.equal(until(nowMs + 600_000), nowMs + 600_000);
  assert.equal(until(), nowMs + 7_200_000);
  assert.equal(until(nowMs - 1), nowMs);
});
