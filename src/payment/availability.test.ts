import assert from 'node:assert/strict';
import { test } from 'node:test';
import { availabilityAfter, freshAvailability, isDown } from './availability.ts';
import type { ProviderErrorDetail, ProviderErrorKind } from './provider/provider.ts';

const after = (...failures: readonly ({ kind: ProviderErrorKind; detail: ProviderErrorDetail } | null)[]) =>
  failures.reduce(availabilityAfter, freshAvailability);
const miss = { kind: 'unknown', detail: {} } as const;

for (const kind of ['unreachable', 'unknown', 'auth'] as const) {
  test(`three calls in a row that end ${kind} are a service that is down, two are not`, () => {
    const failure = { kind, detail: {} };
    assert.equal(isDown(after(failure, failure)), false);
    assert.equal(isDown(after(failure, failure, failure)), true);
    assert.equal(isDown(after(failure, failure, failure, failure)), true);
  });
}

test('one answer brings it back, and misses count from zero again', () => {
  assert.equal(isDown(after(miss, miss, miss, null)), false);
  assert.equal(isDown(after(miss, miss, null, miss, miss)), false);
});

for (const kind of ['declined', 'rejected', 'rate_limited', 'integrity'] as const) {
  test(`a call that is ${kind} is an answer`, () => {
    assert.equal(isDown(after(miss, miss, { kind, detail: {} }, miss, miss)), false);
  });
}

test('a product that the merchant has not signed is refused by a service that lives; a key that is refused is not', () => {
  const notSigned = {
    kind: 'auth',
    detail: { providerCode: 'NO_AUTH', httpStatus: 403, productNotSigned: true },
  } as const;
  const wrongKey = { kind: 'auth', detail: { providerCode: 'SIGN_ERROR', httpStatus: 401 } } as const;
  assert.equal(isDown(after(notSigned, notSigned, notSigned)), false);
  assert.equal(isDown(after(miss, miss, notSigned, miss, miss)), false);
  assert.equal(isDown(after(wrongKey, wrongKey, wrongKey)), true);
});

test('"already paid" leaves a call unknown and is an answer; a 5xx with a code is none', () => {
  const alreadyPaid = { kind: 'unknown', detail: { providerCode: 'ORDERPAID', httpStatus: 403 } } as const;
  const broken = { kind: 'unknown', detail: { providerCode: 'SYSTEM_ERROR', httpStatus: 500 } } as const;
  assert.equal(isDown(after(miss, miss, alreadyPaid)), false);
  assert.equal(isDown(after(miss, miss, broken)), true);
});
