import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publishedSeal } from './published-vectors.ts';
import { openResource, readApiV3Key } from './sealed-resource.ts';

const key = readApiV3Key(publishedSeal.key);
const sealed = { ciphertext: publishedSeal.ciphertext, nonce: publishedSeal.nonce, associatedData: publishedSeal.aad };

test('the seal that WeChat Pay published opens', () => {
  assert.equal(openResource([key], sealed)?.toString(), publishedSeal.plaintext);
});

test('not one bit of text or tag can change, nor nonce, associated data or key', () => {
  const bytes = Buffer.from(publishedSeal.ciphertext, 'base64');
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const copy = Buffer.from(bytes);
    copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.equal(openResource([key], { ...sealed, ciphertext: copy.toString('base64') }), null, `bit ${bit}`);
  }
  assert.equal(openResource([key], { ...sealed, nonce: 'uluk4a9R25RX' }), null);
  assert.equal(openResource([key], { ...sealed, associatedData: '' }), null);
  assert.equal(openResource([readApiV3Key('b'.repeat(32))], sealed), null);
});

test('a ciphertext shorter than its tag is refused and does not throw', () => {
  for (const ciphertext of ['', 'AAAA', '%%%']) assert.equal(openResource([key], { ...sealed, ciphertext }), null);
});

test('an APIv3 key of another length than 32 bytes is refused at once', () => {
  assert.throws(() => readApiV3Key('short'), /32 bytes, this one 5/);
});

test('while the APIv3 key is being changed, what was sealed with the old or the new one opens', () => {
  const other = readApiV3Key('b'.repeat(32));
  assert.equal(openResource([other, key], sealed)?.toString(), publishedSeal.plaintext);
  assert.equal(openResource([key, other], sealed)?.toString(), publishedSeal.plaintext);
  assert.equal(openResource([], sealed), null);
});
