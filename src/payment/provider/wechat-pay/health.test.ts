import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayMs } from '../../../base/clock.ts';
import type { Answer } from './call.ts';
import { healthOf, type OurKeys } from './health.ts';
import { readPlatformKeys, type SignatureVerdict } from './platform-signature.ts';
import { publishedNotification as published } from './published-vectors.ts';

const evidence = { receivedAt: 0, bodySha256: '', clockSkewMs: 600_000 };
const notKnown = (signature: SignatureVerdict): Answer => ({
  ok: false,
  refused: { status: 404, code: 'ORDER_NOT_EXIST', message: '' },
  signature,
  evidence,
});

const certificate = readPlatformKeys({ [published.serial]: published.certificate });
const { key, validUntil } = certificate.get(published.serial) ?? assert.fail('there is no key');
const endsAt = validUntil ?? assert.fail('it never ends');
const keysAt = (now: number): OurKeys => ({
  platformKeys: certificate,
  preferredSerial: published.serial,
  now,
});
const healthWith = (signature: SignatureVerdict) => healthOf(notKnown(signature), keysAt(endsAt - 90 * dayMs));

test('a number that is not known is healthy where its signature holds, is not there, or is a probe', () => {
  for (const signature of ['verified', 'unsigned', 'probe'] as const)
    assert.deepEqual(healthWith(signature), { ok: true, warnings: [], clockSkewMs: 600_000 }, signature);
});

test('a signature that does not hold, of a key that we do not have, or of another time is said, with what to do', () => {
  const said = [
    [
      'bad_signature',
      /^auth: .* does not hold under the key that platformKeys has for it: give WeChat Pay's public key/,
    ],
    ['unknown_key', /^auth: .* a key that is not among platformKeys, or has ended: give WeChat Pay's public key/],
    ['stale', /^auth: .* 600 s ahead of ours.*: set the clock$/],
  ] as const;
  for (const [signature, detail] of said) {
    const health = healthWith(signature);
    assert.deepEqual([health.ok, health.clockSkewMs], [false, 600_000]);
    assert.match(health.detail ?? '', detail);
  }
});

test('a certificate that has ended is a warning, unless it is the one that is asked for: then no answer would be believed', () => {
  const soon = healthOf(notKnown('verified'), keysAt(endsAt - dayMs));
  assert.equal(soon.ok, true);
  assert.match(soon.warnings?.[0] ?? '', /ends on 2031-04-25: add the next one/);
  const later = keysAt(endsAt + 1);
  for (const signature of ['verified', 'unsigned', 'unknown_key'] as const) {
    const { ok, detail } = healthOf(notKnown(signature), later);
    assert.equal(ok, false);
    assert.match(
      detail ?? '',
      /^auth: platform certificate D7CE59D1F522D701, the first of platformKeys, ended on 2031/,
    );
  }
  const platformKeys = new Map([...certificate, ['PUB_KEY_ID_01', { key, validUntil: null }]]);
  const replaced = healthOf(notKnown('verified'), { ...later, platformKeys, preferredSerial: 'PUB_KEY_ID_01' });
  assert.equal(replaced.ok, true);
  assert.match(replaced.warnings?.[0] ?? '', /ended on 2031-04-25 and is not believed any more: remove it/);
});
