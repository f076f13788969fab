import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemRandom } from '../base/random.ts';
import { digestToken, makeStaffToken, readStaffToken } from './staff-token.ts';

void describe('a token of staff', () => {
  it('is read back from the header that bears it', () => {
    const token = makeStaffToken(systemRandom);
    assert.match(token, /^fcs_[\w-]{43}$/);
    assert.equal(readStaffToken(`Bearer ${token}`), token);
  });

  it('is none where a character is missing, added or foreign', () => {
    const token = makeStaffToken(systemRandom);
    const headers = [
      undefined,
      '',
      token,
      `Basic ${token}`,
      `Bearer ${token}x`,
      `Bearer ${token.slice(0, -1)}`,
      `Bearer ${token} ${token}`,
      `Bearer ${'x'.repeat(47)}`,
      `Bearer ${token.slice(0, -1)}\u00e9`,
    ];
    for (const header of headers) assert.equal(readStaffToken(header), null);
  });

  it('is known by its digest alone, and another has another', () => {
    const token = makeStaffToken(systemRandom);
    assert.equal(digestToken(token).length, 32);
    assert.deepEqual(digestToken(token), digestToken(token));
    assert.notDeepEqual(digestToken(token), digestToken(makeStaffToken(systemRandom)));
    assert.equal(
      Buffer.from(digestToken('fcs_')).toString('hex'),
      // echo -n fcs_ | sha256sum
      '760dca8cb49729d5d1101cf00201522f7183c06fcb71b1bbefbfdbeb66062875',
    );
  });
});
