import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { z } from 'zod';
import { systemRandom } from '../../base/random.ts';
import { openStore } from '../service/store.sql.ts';
import { makeCredentials } from './credentials.ts';
import { startWechatPaySimulator } from './simulator.ts';
import { startTrial, type TrialMerchant } from './testing/trial-merchant.ts';

const returnUrl = 'http://127.0.0.1:9/orders/1?a=1';

const authorizeUrl = (trial: TrialMerchant, changes: Readonly<Record<string, string>> = {}): string => {
  const wish = {
    appid: trial.simulator.credentials.appId,
    redirect_uri: returnUrl,
    response_type: 'code',
    scope: 'snsapi_base',
    state: 'ORDER1',
    ...changes,
  };
  return `${trial.simulator.url}/connect/oauth2/authorize?${new URLSearchParams(wish).toString()}#wechat_redirect`;
};

/** A browser with a jar of cookies goes there and is sent back with a code. */
function createBrowser() {
  let cookie = '';
  return async (url: string): Promise<URL> => {
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
    assert.equal(response.status, 302);
    cookie = (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    return new URL(response.headers.get('location') ?? '');
  };
}

const answerBody = z.object({
  openid: z.string().optional(),
  errcode: z.int().optional(),
  errmsg: z.string().optional(),
  expires_in: z.int().optional(),
  scope: z.string().optional(),
});

async function exchange(trial: TrialMerchant, code: string, changes: Readonly<Record<string, string>> = {}) {
  const { appId, appSecret } = trial.simulator.credentials;
  const wish = { appid: appId, secret: appSecret, code, grant_type: 'authorization_code', ...changes };
  const query = new URLSearchParams(wish).toString();
  const response = await fetch(`${trial.simulator.url}/sns/oauth2/access_token?${query}`);
  assert.equal(response.status, 200);
  return answerBody.parse(JSON.parse(await response.text()));
}

const codeOf = (url: URL): string => url.searchParams.get('code') ?? '';

async function startWithCode(context: TestContext): Promise<{ readonly trial: TrialMerchant; readonly code: string }> {
  const trial = await startTrial(context);
  return { trial, code: codeOf(await createBrowser()(authorizeUrl(trial))) };
}

test('a payer is sent back at once with a code and the state, and what the address had is kept', async (context) => {
  const trial = await startTrial(context);
  const back = await createBrowser()(authorizeUrl(trial));
  assert.equal(`${back.origin}${back.pathname}`, 'http://127.0.0.1:9/orders/1');
  assert.deepEqual([back.searchParams.get('a'), back.searchParams.get('state')], ['1', 'ORDER1']);
  assert.match(codeOf(back), /^[0-9a-f]{32}$/);
});

test('a code tells the openid once, within five minutes', async (context) => {
  const { trial, code } = await startWithCode(context);
  const first = await exchange(trial, code);
  assert.match(first.openid ?? '', /^o[\w-]{27}$/);
  assert.deepEqual([first.expires_in, first.scope], [7200, 'snsapi_base']);
  const second = await exchange(trial, code);
  assert.equal(second.errcode, 40163);
  assert.match(second.errmsg ?? '', /^code been used/);

  const late = codeOf(await createBrowser()(authorizeUrl(trial)));
  await trial.timeline.advance(300_001);
  assert.equal((await exchange(trial, late)).errcode, 40029);
});

test('one browser is one payer, another browser is another', async (context) => {
  const trial = await startTrial(context);
  const openIdIn = async (go: (url: string) => Promise<URL>): Promise<string | undefined> =>
    (await exchange(trial, codeOf(await go(authorizeUrl(trial))))).openid;
  const his = createBrowser();
  const first = await openIdIn(his);
  assert.equal(await openIdIn(his), first);
  assert.notEqual(await openIdIn(createBrowser()), first);
});

test('who asks for the openid is refused in the order appid, secret, kind, code, and a refusal does not use the code up', async (context) => {
  const { trial, code } = await startWithCode(context);
  const wrong = { appid: 'wx0000000000000000', secret: 'x', grant_type: 'x', code: '' };
  const codes: (number | undefined)[] = [];
  for (const names of [
    ['appid', 'secret', 'grant_type', 'code'],
    ['secret', 'grant_type', 'code'],
    ['grant_type', 'code'],
    ['code'],
  ]) {
    const changes = Object.fromEntries(Object.entries(wrong).filter(([name]) => names.includes(name)));
    codes.push((await exchange(trial, code, changes)).errcode);
  }
  assert.deepEqual(codes, [40013, 40125, 40002, 41008]);
  assert.equal((await exchange(trial, 'nobody')).errcode, 40029);
  assert.ok((await exchange(trial, code)).openid);
});

test('an address that the real page refuses gets a page that says what is wrong, and no code', async (context) => {
  const trial = await startTrial(context);
  const { appId } = trial.simulator.credentials;
  const swapped = `${trial.simulator.url}/connect/oauth2/authorize?redirect_uri=${encodeURIComponent(returnUrl)}&appid=${appId}&response_type=code&scope=snsapi_base`;
  const refused = [
    [authorizeUrl(trial, { appid: 'wx0000000000000000' }), /not the account of this simulator/],
    [authorizeUrl(trial, { redirect_uri: 'javascript:alert(1)' }), /redirect_uri/],
    [authorizeUrl(trial, { response_type: 'token' }), /response_type/],
    [authorizeUrl(trial, { scope: 'everything' }), /scope/],
    [authorizeUrl(trial, { state: 'a b' }), /state/],
    [swapped, /order/],
  ] as const;
  for (const [url, text] of refused) {
    const response = await fetch(url, { redirect: 'manual', headers: { 'accept-language': 'en' } });
    assert.equal(response.status, 400);
    assert.equal(response.headers.get('location'), null);
    assert.match(await response.text(), text);
  }
});

test('the sign-in can fail on demand, in its own words', async (context) => {
  const { trial, code } = await startWithCode(context);
  trial.simulator.control.addFault({ operation: 'signIn', kind: 'server_error' });
  assert.equal((await exchange(trial, code)).errcode, -1);
  trial.simulator.control.addFault({ operation: 'signIn', kind: 'rate_limited' });
  assert.equal((await exchange(trial, code)).errcode, 45011);
  assert.ok((await exchange(trial, code)).openid);
});

test("our own client finds out who pays by the simulator's sign-in", async (context) => {
  const trial = await startTrial(context);
  const { url, credentials } = trial.simulator;
  const { signIn } = trial.provideWith({ signIn: { appSecret: credentials.appSecret, pageUrl: url, apiUrl: url } });
  assert.ok(signIn);
  const options = { signal: new AbortController().signal, timeoutMs: 4000 };
  const code = codeOf(await createBrowser()(signIn.url(returnUrl, 'ORDER1')));
  assert.match((await signIn.openIdOf(code, options)) ?? '', /^o/);
  assert.equal(await signIn.openIdOf(code, options), null);
});

test('a folder of an earlier version, whose account had no secret yet, gets one and keeps it', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'forecourt-sign-in-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const store = openStore(folder, 'wechat-pay');
  const { appSecret: _, ...earlier } = await makeCredentials(systemRandom);
  store.put('credentials', 'merchant', earlier);
  store.close();
  const secrets: string[] = [];
  for (let start = 0; start < 2; start += 1) {
    const simulator = await startWechatPaySimulator({ folder });
    assert.equal(simulator.credentials.appId, earlier.appId);
    secrets.push(simulator.credentials.appSecret);
    await simulator.close();
  }
  assert.match(secrets[0] ?? '', /^[0-9a-f]{32}$/);
  assert.equal(secrets[1], secrets[0]);
});
