import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindOfRefusal, refusedCall } from './refusal.ts';

const table = [
  // status, code, kind for a create, kind for a refund
  [400, 'ACQ.INVALID_PARAMETER', 'rejected', 'rejected'],
  [400, 'ACQ.CONTEXT_INCONSISTENT', 'rejected', 'rejected'],
  [400, 'ACQ.TRADE_HAS_CLOSE', 'rejected', 'rejected'],
  [400, 'ACQ.TRADE_NOT_EXIST', 'rejected', 'rejected'],
  [404, 'ACQ.TRADE_NOT_EXIST', 'rejected', 'rejected'],
  [400, 'ACQ.TRADE_HAS_SUCCESS', 'unknown', 'declined'],
  [400, 'ACQ.TRADE_HAS_FINISHED', 'unknown', 'declined'],
  [400, 'ACQ.SELLER_BALANCE_NOT_ENOUGH', 'declined', 'declined'],
  [400, 'ACQ.TOTAL_FEE_EXCEED', 'declined', 'declined'],
  [400, 'ACQ.REASON_TRADE_REFUND_FEE_ERR', 'rejected', 'rejected'],
  [400, 'ACQ.DISCORDANT_REPEAT_REQUEST', 'rejected', 'rejected'],
  [400, 'ACQ.SYSTEM_ERROR', 'unknown', 'unknown'],
  [200, 'ACQ.SYSTEM_ERROR', 'unknown', 'unknown'],
  [200, '20000', 'unknown', 'unknown'],
  [400, 'isp.unknow-error', 'unknown', 'unknown'],
  [400, 'aop.unknow-error', 'unknown', 'unknown'],
  [400, 'unknown-error', 'unknown', 'unknown'],
  [400, 'system-error', 'unknown', 'unknown'],
  [400, 'invalid-signature', 'auth', 'auth'],
  [400, 'isv.invalid-signature', 'auth', 'auth'],
  [400, 'isv.invalid-app-id', 'auth', 'auth'],
  [400, 'invalid-timestamp', 'auth', 'auth'],
  [400, 'app-access-denied', 'auth', 'auth'],
  [400, 'isv.insufficient-isv-permissions', 'auth', 'auth'],
  [400, 'isv.app-call-limited', 'rate_limited', 'rate_limited'],
  [400, null, 'unknown', 'unknown'],
  [401, null, 'auth', 'auth'],
  [401, 'invalid-signature', 'auth', 'auth'],
  [403, 'app-no-permission', 'auth', 'auth'],
  [429, null, 'rate_limited', 'rate_limited'],
  [202, 'ACCEPTED', 'unknown', 'unknown'],
  [302, null, 'unknown', 'unknown'],
  [408, 'WHATEVER', 'unknown', 'unknown'],
  [500, 'ACQ.TRADE_NOT_EXIST', 'unknown', 'unknown'],
  [502, null, 'unknown', 'unknown'],
] as const;

test('every refusal of Alipay means what the table says for the money', () => {
  for (const [status, code, ofCreate, ofRefund] of table) {
    const answer = { status, code, message: '' };
    assert.equal(kindOfRefusal('create', answer), ofCreate, `${status} ${code}`);
    assert.equal(kindOfRefusal('refund', answer), ofRefund, `${status} ${code}`);
  }
});

test('a product that the merchant has not signed is said apart from a wrong key', () => {
  const detailOf = (status: number, code: string) => refusedCall('create', { status, code, message: '' }).detail;
  for (const [status, code] of [
    [403, 'ACQ.ACCESS_FORBIDDEN'],
    [403, 'access-forbidden'],
    [403, 'insufficient-isv-permissions'],
    [400, 'isv.insufficient-isv-permissions'],
  ] as const)
    assert.equal(detailOf(status, code).productNotSigned, true, code);
  for (const [status, code] of [
    [401, 'invalid-signature'],
    [400, 'isv.insufficient-user-permissions'],
    [400, 'ACQ.ACCESS_FORBIDDEN'],
  ] as const)
    assert.equal(detailOf(status, code).productNotSigned, undefined, code);
});

test('a limit leaves a refund and a close open, and a create closed; the error says what was answered', () => {
  const refused = { status: 429, code: 'call-limited', message: 'slow down', retryAfterMs: 2000, requestId: 'trace-1' };
  assert.equal(refusedCall('refund', refused).outcomeUnknown, true);
  assert.equal(refusedCall('close', refused).outcomeUnknown, true);
  const error = refusedCall('create', refused);
  assert.equal(error.outcomeUnknown, false);
  assert.equal(error.message, 'Alipay answered create with 429 call-limited: slow down');
  assert.deepEqual(error.detail, {
    httpStatus: 429,
    providerCode: 'call-limited',
    requestId: 'trace-1',
    retryAfterMs: 2000,
  });
});
