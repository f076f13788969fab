import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { systemRandom } from '../base/random.ts';
import { signEvent } from './signature.ts';
import { formatSecret, makeSecret, oldSecretMs, signingSecrets } from './subscription.ts';

const eventId = 'evt_0000ZB01JDAVB8J00000000_0123456789ABC';

test("the published example of the specification's library is signed as there", () => {
  // standardwebhooks 1.1.1, libraries/javascript: the test of `sign`.
  const secret = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
  const headers = signEvent(
    { eventId: 'msg_p5jXN8AQM9LWM0D4loKWxJek', sentAt: 1_614_265_330_000, body: '{"test": 2432232314}' },
    [secret],
  );
  assert.deepEqual(headers, {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test("the specification's own library believes every body, and no changed one", () => {
  fc.assert(
    fc.property(fc.json(), fc.string({ unit: 'grapheme' }), (json, text) => {
      const secret = makeSecret(systemRandom);
      const body = JSON.stringify({ type: 'order.paid', data: JSON.parse(json), text: text.toWellFormed() });
      const headers = signEvent({ eventId, sentAt: Date.now(), body }, [secret]);
      const judge = new Webhook(formatSecret(secret));
      assert.deepEqual(judge.verify(body, headers), JSON.parse(body));
      assert.throws(() => judge.verify(`${body} `, headers), WebhookVerificationError);
      assert.throws(() => judge.verify(body, { ...headers, 'webhook-id': 'evt_2' }), WebhookVerificationError);
    }),
  );
});

test('with two secrets the holder of either believes it, and nobody else', () => {
  const [fresh, old, foreign] = [makeSecret(systemRandom), makeSecret(systemRandom), makeSecret(systemRandom)];
  const headers = signEvent({ eventId, sentAt: Date.now(), body: '{}' }, [fresh, old]);
  assert.match(headers['webhook-signature'] ?? '', /^v1,\S+ v1,\S+$/);
  for (const secret of [fresh, old]) assert.deepEqual(new Webhook(formatSecret(secret)).verify('{}', headers), {});
  assert.throws(() => new Webhook(formatSecret(foreign)).verify('{}', headers), WebhookVerificationError);
});

test('the old secret signs until its day is over, and an ended subscription signs nothing', () => {
  const now = Date.UTC(2026, 10, 23, 8);
  const [secret, oldSecret] = [makeSecret(systemRandom), makeSecret(systemRandom)];
  const rotated = { secret, oldSecret, oldSecretUntil: now + oldSecretMs };
  assert.deepEqual(signingSecrets(rotated, now), [secret, oldSecret]);
  assert.deepEqual(signingSecrets(rotated, now + oldSecretMs - 1), [secret, oldSecret]);
  assert.deepEqual(signingSecrets(rotated, now + oldSecretMs), [secret]);
  assert.deepEqual(signingSecrets({ secret: null, oldSecret: null, oldSecretUntil: null }, now), []);
});

test('a secret has the form that libraries of receivers take', () => {
  assert.match(formatSecret(makeSecret(systemRandom)), /^whsec_[A-Za-z0-9+/]{43}=$/);
});
