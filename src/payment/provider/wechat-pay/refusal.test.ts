import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindOfRefusal, refusedCall } from './refusal.ts';

const table = [
  // status, code, kind
  [202, null, 'unknown'],
  [202, 'ACCEPTED', 'unknown'],
  [302, null, 'unknown'],
  [400, 'PARAM_ERROR', 'rejected'],
  [400, 'INVALID_REQUEST', 'rejected'],
  [400, 'APPID_MCHID_NOT_MATCH', 'rejected'],
  [400, 'ORDER_CLOSED', 'rejected'],
  [400, null, 'unknown'],
  [401, 'SIGN_ERROR', 'auth'],
  [401, null, 'auth'],
  [403, 'NO_AUTH', 'auth'],
  [403, 'OUT_TRADE_NO_USED', 'rejected'],
  [403, '268498688', 'rejected'],
  [403, 'ORDERPAID', 'unknown'],
  [403, 'RULE_LIMIT', 'declined'],
  [403, 'ACCOUNT_ERROR', 'declined'],
  [403, 'TRADE_ERROR', 'declined'],
  [403, 'NOT_ENOUGH', 'declined'],
  [403, 'USER_ACCOUNT_ABNORMAL', 'declined'],
  [403, null, 'unknown'],
  [404, 'RESOURCE_NOT_EXISTS', 'rejected'],
  [408, 'WHATEVER', 'unknown'],
  [429, 'FREQUENCY_LIMITED', 'rate_limited'],
  [429, null, 'rate_limited'],
  [500, 'SYSTEM_ERROR', 'unknown'],
  [500, 'OPENID_MISMATCH', 'unknown'],
  [502, null, 'unknown'],
] as const;

test('every refusal of WeChat Pay means what the table says for the money', () => {
  for (const [status, code, kind] of table) {
    assert.equal(kindOfRefusal({ status, code, message: '' }), kind, `${status} ${code}`);
  }
});

test('a product that the merchant has not signed is said apart from a wrong key', () => {
  const detailOf = (status: number, code: string) => refusedCall('create', { status, code, message: '' }).detail;
  assert.equal(detailOf(403, 'NO_AUTH').productNotSigned, true);
  for (const [status, code] of [
    [401, 'SIGN_ERROR'],
    [401, 'NO_AUTH'],
    [403, 'RULE_LIMIT'],
  ] as const)
    assert.equal(detailOf(status, code).productNotSigned, undefined, `${status} ${code}`);
});

test('a frequency limit leaves a refund open and a create closed', () => {
  const refused = { status: 429, code: 'FREQUENCY_LIMITED', message: '', retryAfterMs: 2000 };
  assert.equal(refusedCall('refund', refused).outcomeUnknown, true);
  assert.equal(refusedCall('create', refused).outcomeUnknown, false);
  assert.equal(refusedCall('create', refused).detail.retryAfterMs, 2000);
});
