import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stripe } from 'stripe';
import type { ProviderErrorKind, ProviderOperation } from '../provider.ts';
import { refusedCall } from './refusal.ts';

type Refused = readonly [status: number, error: object, kind: ProviderErrorKind];

/** The error that Stripe's client makes of an answer, and what we make of that. */
function judge(operation: ProviderOperation, status: number, error: object) {
  const raw = { message: 'no', ...error, headers: {}, statusCode: status, requestId: 'req_1' };
  const headers = new Headers({ 'request-id': 'req_1', 'retry-after': '2' });
  return refusedCall(operation, { status, headers, body: Buffer.alloc(0) }, Stripe.errors.generateV1Error(raw));
}

test("each refusal in Stripe's words has the kind that the money needs", () => {
  const refused: readonly Refused[] = [
    [400, { type: 'invalid_request_error', code: 'amount_too_small' }, 'rejected'],
    [400, { type: 'invalid_request_error', code: 'balance_insufficient' }, 'declined'],
    [400, { type: 'invalid_request_error', code: 'rate_limit' }, 'rate_limited'],
    [401, { type: 'invalid_request_error' }, 'auth'],
    [402, { type: 'card_error', code: 'card_declined' }, 'declined'],
    [403, { type: 'invalid_request_error' }, 'auth'],
    [404, { type: 'invalid_request_error', code: 'resource_missing' }, 'auth'],
    [409, { type: 'idempotency_error', code: 'idempotency_key_in_use' }, 'unknown'],
    [429, { type: 'invalid_request_error', code: 'lock_timeout' }, 'rate_limited'],
    [500, { type: 'api_error' }, 'unknown'],
    [503, { type: 'api_error' }, 'unknown'],
  ];
  for (const [status, error, kind] of refused)
    assert.equal(judge('create', status, error).kind, kind, `${status} ${JSON.stringify(error)}`);
});

test('a reference that was used with other parameters is a wrong create, and an open refund', () => {
  const error = { type: 'idempotency_error' };
  assert.equal(judge('create', 400, error).kind, 'rejected');
  assert.equal(judge('refund', 400, error).kind, 'unknown');
});

test("an answer in nobody's words says nothing, whatever its status", () => {
  const noJson = new Stripe.errors.StripeAPIError({ message: 'Invalid JSON received from the Stripe API' });
  for (const status of [200, 302, 400, 401, 403, 404, 502]) {
    const raw = { status, headers: new Headers(), body: Buffer.from('<html>') };
    assert.equal(refusedCall('create', raw, noJson).kind, 'unknown', String(status));
    assert.equal(refusedCall('create', raw, new TypeError('null is not an object')).kind, 'unknown');
  }
});

test('the error tells code, status, request and when to come again', () => {
  const { detail, message, outcomeUnknown } = judge('refund', 429, {
    type: 'invalid_request_error',
    code: 'rate_limit',
  });
  assert.deepEqual(detail, { httpStatus: 429, providerCode: 'rate_limit', requestId: 'req_1', retryAfterMs: 2_000 });
  assert.match(message, /^Stripe answered refund with 429 rate_limit: no$/);
  assert.equal(outcomeUnknown, true);
});
