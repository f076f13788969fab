import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { readTerminalPublicKey, terminalIdOf } from './terminal-key.ts';
import {
  clockToleranceMs,
  contentDigest,
  readSignature,
  type SignedRequest,
  signatureBase,
  signRequest,
  verifyRequest,
} from './terminal-signature.ts';

const now = 1_800_000_000_500;

function makeTerminal() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const terminalId = terminalIdOf(publicKey.export({ format: 'jwk' }).x ?? '');
  return { terminalId, privateKey, publicKey };
}

const terminal = makeTerminal();
const find = (terminalId: string) => (terminalId === terminal.terminalId ? terminal : null);

function signed(method: string, target: string, text = ''): SignedRequest {
  const body = Buffer.from(text);
  return {
    method,
    target,
    body,
    headers: { host: 'pay.example.com', ...signRequest(terminal, { method, target, body }, now) },
  };
}

const post = signed('POST', '/v1/terminal/reports', '{"reports":[]}');
const get = signed('GET', '/v1/terminal/feed?since=4');

async function refusalOf(request: SignedRequest, at = now, findTerminal: typeof find = find): Promise<string | null> {
  const answer = await verifyRequest(request, findTerminal, at);
  return 'refusal' in answer ? answer.refusal : null;
}

test('the published example of RFC 9421 B.2.6 verifies with its published key', () => {
  const request: SignedRequest = {
    method: 'POST',
    target: '/foo?param=Value&Pet=dog',
    headers: {
      host: 'example.com',
      date: 'Tue, 20 Apr 2021 02:07:55 GMT',
      'content-type': 'application/json',
      'content-length': '18',
      'signature-input':
        'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
      signature: 'sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:',
    },
    body: Buffer.from('{"hello": "world"}'),
  };
  const input = readSignature(request.headers);
  assert.ok(input);
  assert.equal(input.keyId, 'test-key-ed25519');
  assert.equal(input.createdMs, 1_618_884_473_000);
  const key = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: 'JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs' },
    format: 'jwk',
  });
  const base = signatureBase(request, input.covered, input.params);
  assert.ok(base);
  assert.ok(verify(null, Buffer.from(base), key, input.signature));
});

test('the digest of RFC 9530 is the SHA-256 of the body', () => {
  assert.equal(
    contentDigest(Buffer.from('{"hello": "world"}')),
    'sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:',
  );
});

test('a signed request is verified as the terminal that signed it', async () => {
  assert.equal(await verifyRequest(post, find, now), terminal);
  assert.equal(await verifyRequest(get, find, now), terminal);
});

test('the public key that an operator enrols is the one that verifies', async () => {
  const publicKey = readTerminalPublicKey(terminal.publicKey.export({ format: 'jwk' }).x ?? '');
  assert.ok(publicKey);
  assert.equal(await refusalOf(post, now, () => ({ ...terminal, publicKey })), null);
  assert.equal(readTerminalPublicKey('too short'), null);
});

test('refusals come in their order: form, terminal, signature, clock', async () => {
  const other = makeTerminal();
  const wrongAll: SignedRequest = { ...post, headers: { ...post.headers, 'content-digest': 'sha-256=:AAAA:' } };
  const tooLate = now + clockToleranceMs + 1_000;
  assert.equal(await refusalOf(wrongAll, tooLate, () => null), 'terminal_signature_invalid');
  assert.equal(await refusalOf(post, tooLate, () => null), 'terminal_unknown');
  assert.equal(await refusalOf(post, tooLate, () => other), 'terminal_signature_invalid');
  assert.equal(await refusalOf(post, tooLate), 'terminal_clock_wrong');
});

test('a clock is good within 300 s to either side', async () => {
  assert.equal(await refusalOf(get, now + clockToleranceMs - 1_000), null);
  assert.equal(await refusalOf(get, now - clockToleranceMs + 1_000), null);
  assert.equal(await refusalOf(get, now - clockToleranceMs - 1_000), 'terminal_clock_wrong');
});

test('method, path, query and body cannot be exchanged under a signature', async () => {
  for (const changed of [
    { ...post, method: 'PUT' },
    { ...post, target: '/v1/terminal/report' },
    { ...post, target: `${post.target}?all` },
    { ...post, body: Buffer.from('{"reports":[1]}') },
    { ...post, body: Buffer.from('') },
    { ...get, target: '/v1/terminal/feed?since=5' },
    { ...get, body: Buffer.from('body where none was signed') },
  ]) {
    assert.equal(await refusalOf(changed), 'terminal_signature_invalid', JSON.stringify(changed));
  }
});

test('a signature that covers less, of another algorithm, or that stands beside another one is refused', async () => {
  const input = String(post.headers['signature-input']);
  const signature = String(post.headers['signature']);
  for (const headers of [
    {},
    { 'signature-input': input },
    { signature },
    { 'signature-input': input.replace(' "content-digest"', ''), signature },
    { 'signature-input': input.replace('"@query" ', '"@query" "@query" '), signature },
    { 'signature-input': input.replace('ed25519', 'rsa-v1_5-sha256'), signature },
    { 'signature-input': input.replace('terminal=', 'other='), signature },
    { 'signature-input': `${input}, more=("@method");created=1;keyid="x"`, signature },
    { 'signature-input': [input, input], signature },
    { 'signature-input': input, signature: signature.replace('=:', '=:A') },
  ]) {
    const request = { ...post, headers: { 'content-digest': post.headers['content-digest'], ...headers } };
    assert.equal(await refusalOf(request), 'terminal_signature_invalid', JSON.stringify(headers));
  }
});

test('no single changed character of the signature headers passes', async () => {
  const names = fc.constantFrom('signature-input', 'signature', 'content-digest');
  await fc.assert(
    fc.asyncProperty(names, fc.nat(), fc.integer({ min: 0x20, max: 0x7e }), async (name, position, code) => {
      const text = String(post.headers[name]);
      const at = position % text.length;
      const changed = text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
      fc.pre(changed !== text);
      const answer = await refusalOf({ ...post, headers: { ...post.headers, [name]: changed } });
      // The label is the sender's own word and stands in no base; both headers must agree on it.
      assert.notEqual(answer, null, changed);
    }),
    { numRuns: 300 },
  );
});
