import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRandom } from '../../../base/random.ts';
import { stripeService } from './service.ts';

const texts = {
  accountId: 'acct_1Forecourt',
  secretKey: 'rk_live_51Hq0abc',
  webhookSecrets: 'whsec_new\nwhsec_old\n',
  url: 'https://api.stripe.com',
};
const tools = { account: 'north', fetch, clock: () => 0, random: systemRandom };
const open = (changes: Partial<typeof texts> = {}) =>
  stripeService.open({ texts: { ...texts, ...changes }, keys: {} }, tools);

test('every setting is known by its name, and only the address may be left out', () => {
  const required = Object.entries(stripeService.settings).filter(([, { fallback }]) => fallback === undefined);
  assert.deepEqual(Object.keys(stripeService.settings), Object.keys(texts));
  assert.deepEqual(
    required.map(([name]) => name),
    ['accountId', 'secretKey', 'webhookSecrets'],
  );
});

test('the key says which mode an account is in', () => {
  assert.deepEqual(open().merchant, { merchantId: texts.accountId, appId: texts.accountId, liveMode: true });
  assert.deepEqual([open().id, open().account], ['stripe', 'north']);
  for (const secretKey of ['sk_test_51Hq0abc', 'rk_test_51Hq0abc'])
    assert.equal(open({ secretKey }).merchant.liveMode, false);
  assert.equal(open({ secretKey: 'sk_live_51Hq0abc' }).merchant.liveMode, true);
});

test('a wrong setting is refused at the start, by its name and without what it was', () => {
  const wrong = [
    [{ accountId: 'forecourt' }, /^accountId/],
    [{ secretKey: 'pk_live_51Hq0abc' }, /^secretKey/],
    [{ secretKey: 'whsec_secret' }, /^secretKey/],
    [{ secretKey: '' }, /^secretKey/],
    [{ webhookSecrets: ' \n' }, /^webhookSecrets must be 1 to 8/],
    [{ webhookSecrets: Array.from({ length: 9 }, (_, index) => `whsec_${index}`).join('\n') }, /^webhookSecrets/],
    [{ webhookSecrets: 'whsec_good sk_live_wrong' }, /^each of webhookSecrets/],
    [{ url: 'api.stripe.com' }, /^url must be where/],
    [{ url: 'https://proxy.example.com/stripe/' }, /^url must have no path/],
    [{ url: 'http://127.0.0.1:4000' }, /^url must be https for a live key/],
    [{ url: 'ftp://127.0.0.1', secretKey: 'sk_test_1' }, /^url must be https/],
  ] as const;
  for (const [changes, message] of wrong) {
    assert.throws(
      () => open(changes),
      (error) => {
        assert.ok(error instanceof Error);
        assert.match(error.message, message);
        for (const value of Object.values(changes).filter((one) => /51Hq0abc|secret$|_wrong/.test(one)))
          assert.ok(!error.message.includes(value));
        return true;
      },
    );
  }
  open({ url: 'http://127.0.0.1:4000', secretKey: 'sk_test_1' });
});
