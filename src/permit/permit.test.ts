import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, Tag } from 'cbor2';
import fc from 'fast-check';
import { decodeBytes, encodeBytes } from '../base/crockford.ts';
import { systemRandom } from '../base/random.ts';
import { issuePermit, permitAfter, readShortCode } from './permit.ts';
import { decodeClaims, encodeClaims } from './permit-claims.ts';
import { makePermitKey, openPermitKey, signToken } from './permit-token.ts';
import { verifyPermit } from './verify-permit.ts';

const key = openPermitKey(makePermitKey(7));
const now = Date.UTC(2026, 10, 23, 8, 30);
const wish = {
  stationNumber: 44012,
  orderId: '000AAA000000000000000000',
  attemptRef: '000AAA00000000000000000001',
  plate: '京A12345',
  pump: 3,
};
const ask = (token: string) => ({ token, stationNumber: 44012, now, keys: [key] });

test('a permit has the 126 bytes and 206 characters of its published layout', () => {
  const permit = issuePermit(wish, key, now, systemRandom);
  const bytes = Buffer.from(decodeBytes(permit.token.slice(4)) ?? []);
  assert.equal(permit.token.length, 206);
  assert.equal(bytes.length, 126);
  const exp = Math.floor(permit.expiresAt / 1000).toString(16);
  const iat = Math.floor(now / 1000).toString(16);
  const issuer = Buffer.from('s44012').toString('hex');
  const plate = Buffer.from('京A12345').toString('hex');
  const payload = `a50166${issuer}041a${exp}061a${iat}0748${permit.permitId}3a000100008269${plate}03`;
  assert.equal(bytes.subarray(0, -66).toString('hex'), `d28446a20132044107a05830${payload}`);
  assert.equal(bytes.subarray(-66, -64).toString('hex'), '5840');
});

test('another CBOR reader sees a COSE_Sign1 with the registered claims', () => {
  const bytes = decodeBytes(issuePermit(wish, key, now, systemRandom).token.slice(4)) ?? new Uint8Array();
  const tagged = decode(bytes, { preferMap: true });
  assert.ok(tagged instanceof Tag);
  assert.equal(tagged.tag, 18);
  assert.ok(Array.isArray(tagged.contents));
  const [header, , payload] = tagged.contents;
  assert.deepEqual(
    decode(header, { preferMap: true }),
    new Map<number, unknown>([
      [1, -19],
      [4, new Uint8Array([7])],
    ]),
  );
  const claims = decode<Map<number, unknown>>(payload, { preferMap: true });
  assert.equal(claims.get(1), 's44012');
  assert.deepEqual(claims.get(-65537), ['京A12345', 3]);
});

test('the station, the clock and the key decide, each refusal by its name and in this order', () => {
  const { token } = issuePermit(wish, key, now, systemRandom);
  const stranger = openPermitKey(makePermitKey(7));
  const refusals = [
    [ask('hello'), 'malformed'],
    [ask(`${token}0`), 'malformed'],
    [ask(token.replace('FP1:', 'FP9:')), 'unknown_version'],
    [{ ...ask(token), keys: [openPermitKey(makePermitKey(8))] }, 'unknown_key'],
    [ask(forgeAlgorithm(token)), 'wrong_algorithm'],
    [{ ...ask(token), keys: [stranger] }, 'bad_signature'],
    [{ ...ask(token), stationNumber: 44013 }, 'wrong_station'],
    [{ ...ask(token), now: now - 61_000 }, 'issued_in_future'],
    [{ ...ask(token), now: now + 30 * 60_000 }, 'expired'],
    [{ ...ask(token), plate: '沪B00001' }, 'wrong_plate'],
  ] as const;
  for (const [question, refused] of refusals) assert.deepEqual(verifyPermit(question), { accepted: false, refused });
  assert.equal(verifyPermit({ ...ask(token), plate: '京a·12345' }).accepted, true);
});

/** The same token, its header naming EdDSA (-8) in place of Ed25519 (-19). */
function forgeAlgorithm(token: string): string {
  const bytes = decodeBytes(token.slice(4)) ?? new Uint8Array();
  bytes[5] = 0x27;
  return `FP1:${encodeBytes(bytes)}`;
}

/** A token whose header is these bytes, signed or not does not matter: the header is judged first. */
function withHeader(...header: number[]): string {
  const bytes = decodeBytes(issuePermit(wish, key, now, systemRandom).token.slice(4)) ?? new Uint8Array();
  const rest = bytes.subarray(3 + (bytes[2] ?? 0) - 0x40);
  return `FP1:${encodeBytes(Uint8Array.from([0xd2, 0x84, 0x40 + header.length, ...header, ...rest]))}`;
}

test('algorithm and key of a header are judged each by itself, the key first, and only in their one form', () => {
  const headers = [
    [[0xa2, 0x01, 0x32, 0x04, 0x41, 0x08], 'unknown_key'],
    [[0xa2, 0x01, 0x32, 0x04, 0x42, 0x00, 0x07], 'unknown_key'],
    [[0xa2, 0x01, 0x32, 0x04, 0x40], 'unknown_key'],
    [[0xa2, 0x01, 0x26, 0x04, 0x41, 0x08], 'unknown_key'],
    [[0xa2, 0x01, 0x27, 0x04, 0x41, 0x07], 'wrong_algorithm'],
    [[0xa2, 0x01, 0x13, 0x04, 0x41, 0x07], 'wrong_algorithm'],
    [[0xa2, 0x01, 0x39, 0x01, 0x00, 0x04, 0x41, 0x07], 'wrong_algorithm'],
    [[0xa2, 0x01, 0x38, 0x12, 0x04, 0x41, 0x07], 'wrong_algorithm'],
    [[0xa2, 0x01, 0x32, 0x04, 0x58, 0x01, 0x07], 'wrong_algorithm'],
    [[0xa2, 0x04, 0x41, 0x07, 0x01, 0x32], 'wrong_algorithm'],
    [[0xa3, 0x01, 0x32, 0x04, 0x41, 0x07, 0x03, 0x01], 'wrong_algorithm'],
    [[0xa1, 0x04, 0x41, 0x07], 'wrong_algorithm'],
    [[0xa2, 0x01, 0x3b], 'wrong_algorithm'],
    [[], 'wrong_algorithm'],
    [[0xa2, 0x01, 0x32, 0x04, 0x41, 0x07], 'bad_signature'],
  ] as const;
  for (const [header, refused] of headers) {
    const otherKey = { ...ask(withHeader(...header)), keys: [openPermitKey(makePermitKey(7))] };
    assert.deepEqual(verifyPermit(otherKey), { accepted: false, refused }, Buffer.from(header).toString('hex'));
  }
});

test('no permit survives the change of a single bit', () => {
  const { token } = issuePermit(wish, key, now, systemRandom);
  const bytes = decodeBytes(token.slice(4)) ?? new Uint8Array();
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const changed = Uint8Array.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.equal(verifyPermit(ask(`FP1:${encodeBytes(changed)}`)).accepted, false, `bit ${bit}`);
  }
});

test('claims of any plate and pump come back as they were, and only in their one form', () => {
  const claims = fc.record(
    {
      stationNumber: fc.integer({ min: 1, max: 2 ** 30 - 1 }),
      expiresAt: fc.integer({ min: 1_700_000_000, max: 4_000_000_000 }).map((seconds) => seconds * 1000),
      issuedAt: fc.integer({ min: 1_700_000_000, max: 4_000_000_000 }).map((seconds) => seconds * 1000),
      permitId: fc.uint8Array({ minLength: 8, maxLength: 8 }),
      plate: fc.option(fc.string({ maxLength: 12, unit: 'grapheme' })),
      pump: fc.option(fc.integer({ min: 1, max: 99 })),
    },
    { noNullPrototype: true },
  );
  fc.assert(fc.property(claims, (one) => assert.deepEqual(decodeClaims(encodeClaims(one)), one)));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => decodeClaims(bytes) === null));
});

test('a permit of other claims under a good signature is malformed, not accepted', () => {
  const token = signToken(Uint8Array.of(0xa0), key);
  assert.deepEqual(verifyPermit(ask(token)), { accepted: false, refused: 'malformed' });
});

test('a short code with a wrong or swapped character is not read', () => {
  const { shortCode } = issuePermit(wish, key, now, systemRandom);
  assert.equal(readShortCode(shortCode.toLowerCase().replace('-', ' ')), shortCode);
  for (let index = 0; index < shortCode.length; index += 1) {
    if (shortCode[index] === '-') continue;
    const wrong = shortCode.slice(0, index) + (shortCode[index] === '7' ? '8' : '7') + shortCode.slice(index + 1);
    assert.equal(readShortCode(wrong), null);
  }
});

test('a revoked, redeemed or expired permit never lives again', () => {
  const events = [
    'sent',
    'printed',
    'processed',
    'unconfirmed',
    'undeliverable',
    'redeemed',
    'revoked',
    'expired',
  ] as const;
  for (const state of ['revoked', 'redeemed', 'expired'] as const) {
    // An expired one may still be made void: its money goes back.
    const ends = (event: (typeof events)[number]) => (state === 'expired' && event === 'revoked' ? event : state);
    for (const event of events) assert.equal(permitAfter(state, event), ends(event));
  }
  assert.equal(permitAfter('printed', 'unconfirmed'), 'printed');
});
