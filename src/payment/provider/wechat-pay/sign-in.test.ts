import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProviderError } from '../provider.ts';
import { createSignIn } from './sign-in.ts';

const options = { signal: new AbortController().signal, timeoutMs: 1000 };

const openIdIn = (body: string): Promise<string | null> =>
  createSignIn({
    appId: 'wx8888888888888888',
    appSecret: 'the secret of the app',
    pageUrl: 'https://open.weixin.qq.com',
    apiUrl: 'https://api.weixin.qq.com',
    fetch: async () => new Response(body),
  }).openIdOf('code', options);

test("WeChat's word on who pays is read up to a limit: a page of noise ends the sign-in as unknown, and not the memory", async () => {
  assert.equal(await openIdIn('{"openid":"oPayer"}'), 'oPayer');
  await assert.rejects(openIdIn(`{"openid":"oPayer","more":"${'x'.repeat(64 * 1024)}"}`), (error) => {
    assert.ok(error instanceof ProviderError);
    assert.deepEqual([error.kind, error.operation], ['unknown', 'signIn']);
    assert.match(error.message, /the answer has more than 65536 bytes/);
    assert.ok(!error.message.includes('the secret'));
    return true;
  });
});
