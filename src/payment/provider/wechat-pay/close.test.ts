import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProviderError } from '../provider.ts';
import { closeResultOf } from './close.ts';

const nowMs = 1_000_000;
const evidence = { receivedAt: nowMs, bodySha256: '' };

const meaningOf = (status: number, code: string | null): string => {
  try {
    return closeResultOf({ ok: false, refused: { status, code, message: '' }, signature: 'unsigned', evidence }, nowMs)
      .kind;
  } catch (error) {
    assert.ok(error instanceof ProviderError);
    return `${error.kind}, ${error.outcomeUnknown ? 'open' : 'definite'}`;
  }
};

test('every answer to a close means what the table says', () => {
  const table = [
    [400, 'ORDERPAID', 'paid'],
    [400, 'ORDER_CLOSED', 'closed'],
    [202, 'USERPAYING', 'unknown, open'],
    [403, 'USERPAYING', 'in_progress'],
    [429, 'FREQUENCY_LIMITED', 'in_progress'],
    [429, null, 'in_progress'],
    [404, 'ORDER_NOT_EXIST', 'not_created'],
    [400, 'INVALID_REQUEST', 'too_early'],
    [403, 'TRADE_ERROR', 'too_early'],
    [400, '268449641', 'rejected, definite'],
    [400, 'PARAM_ERROR', 'rejected, definite'],
    [401, 'SIGN_ERROR', 'auth, definite'],
    [404, null, 'unknown, open'],
    [500, 'SYSTEM_ERROR', 'unknown, open'],
    [500, 'ORDERPAID', 'unknown, open'],
    [502, null, 'unknown, open'],
  ] as const;
  for (const [status, code, meaning] of table) assert.equal(meaningOf(status, code), meaning, `${status} ${code}`);
});

test('a close is tried again five minutes after it was too early, and an order never made is safe five minutes later', () => {
  const refused = (code: string) =>
    ({ ok: false, refused: { status: 404, code, message: '' }, signature: 'unsigned', evidence }) as const;
  assert.deepEqual(closeResultOf(refused('INVALID_REQUEST'), nowMs), { kind: 'too_early', retryAt: nowMs + 300_000 });
  assert.deepEqual(closeResultOf(refused('ORDER_NOT_EXIST'), nowMs), {
    kind: 'not_created',
    mayStillBePaidUntil: nowMs + 300_000,
  });
});
