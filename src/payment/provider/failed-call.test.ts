import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failedCall } from './failed-call.ts';

const failure = (extra: object): Error =>
  new TypeError('fetch failed', { cause: Object.assign(new Error('no'), extra) });

test('only a failure before any byte was sent is called unreachable', () => {
  const untouched = [
    { syscall: 'connect', code: 'ECONNREFUSED' },
    { syscall: 'getaddrinfo', code: 'ENOTFOUND' },
    { code: 'UND_ERR_CONNECT_TIMEOUT' },
    { code: 'CERT_HAS_EXPIRED' },
  ];
  for (const extra of untouched)
    assert.equal(failedCall('Some Pay', 'create', failure(extra)).kind, 'unreachable', extra.code);
  const open = [
    { syscall: 'read', code: 'ECONNRESET' },
    { code: 'UND_ERR_SOCKET' },
    { syscall: 'write', code: 'EPIPE' },
    {},
  ];
  for (const extra of open) assert.equal(failedCall('Some Pay', 'create', failure(extra)).kind, 'unknown');
  assert.equal(failedCall('Some Pay', 'create', new DOMException('late', 'TimeoutError')).kind, 'unknown');
});

test('several addresses tried are unreachable only if each of them was', () => {
  const refused = Object.assign(new Error('no'), { syscall: 'connect' });
  const reset = Object.assign(new Error('no'), { syscall: 'read' });
  const fail = (errors: Error[]) =>
    failedCall('Some Pay', 'query', new TypeError('fetch failed', { cause: new AggregateError(errors) })).kind;
  assert.equal(fail([refused, refused]), 'unreachable');
  assert.equal(fail([refused, reset]), 'unknown');
  assert.equal(fail([]), 'unknown');
});
