import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Stripe } from 'stripe';
import { startStripeSimulator } from '../simulator/stripe/simulator.ts';
import { startWechatPaySimulator, type WechatPaySimulator } from '../simulator/wechat-pay/simulator.ts';
import { writeWechatPayAccount } from '../testing/account-files.ts';
import { runForecourt } from '../testing/command.ts';

let folder: string;
let wechatPay: WechatPaySimulator;
let account: Record<string, string>;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forecourt-accounts-'));
  wechatPay = await startWechatPaySimulator();
  account = await writeWechatPayAccount(folder, wechatPay);
});
after(async () => {
  await wechatPay.close();
  await rm(folder, { recursive: true });
});

const check = (changes: Readonly<Record<string, string>> = {}, ...words: string[]) =>
  runForecourt(['payments', 'check', ...words], { ...account, ...changes });

const put = async (name: string, text: string): Promise<string> => {
  await writeFile(join(folder, name), text);
  return join(folder, name);
};

test('an account whose keys parse, whose clocks agree and whose service answers is good, and no money has moved', async () => {
  const { exitCode, stdout } = await check({}, '--public-url', 'https://pay.example');
  assert.equal(exitCode, 0, stdout);
  assert.match(stdout, /GOOD +wechat-pay \/ main +merchant \d+/);
  assert.match(stdout, /notifications: https:\/\/pay\.example\/v1\/notifications\/wechat-pay\n/);
  assert.match(stdout, /clocks: \d\.\d s apart/);
  assert.match(
    stdout,
    /not checked before the first payment: [^\n]*the APIv3 key; whether the products in surfaces are signed\n/,
  );
  assert.deepEqual(wechatPay.control.payments(), []);
});

test('as JSON it is one object with each account', async () => {
  const { stdout } = await check({}, '--json');
  const { ok, mistakes, accounts } = JSON.parse(stdout);
  assert.deepEqual([ok, mistakes], [true, []]);
  assert.deepEqual(
    [accounts[0].service, accounts[0].account, accounts[0].merchantId, accounts[0].ok],
    ['wechat-pay', 'main', wechatPay.credentials.merchantId, true],
  );
});

test("another merchant's key is told with the account's name and what the service says", async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const file = await put('other.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  const { exitCode, stdout } = await check({ WECHAT_PAY_MERCHANT_KEY_FILE: file });
  assert.equal(exitCode, 1);
  assert.match(
    stdout,
    /WRONG +wechat-pay \/ main[^]*does not take us: auth: .*401 SIGN_ERROR.*\n.*! do merchantId, merchantSerial, merchantKey belong together.*clock right/,
  );
});

test("another key in the place of WeChat Pay's own is told, and so is a private one", async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { preferredSerial } = wechatPay.credentials;
  const other = await put('other-public.pem', publicKey.export({ type: 'spki', format: 'pem' }).toString());
  const wrong = await check({ WECHAT_PAY_PLATFORM_KEYS: `${preferredSerial}=${other}` });
  assert.equal(wrong.exitCode, 1);
  assert.match(
    wrong.stdout,
    /WRONG +wechat-pay \/ main[^]*does not take us: auth: the signature .* does not hold .*: give/,
  );
  const secret = await put('other-private.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  for (const file of [secret, account['WECHAT_PAY_MERCHANT_KEY_FILE'] ?? '']) {
    const { exitCode, stdout } = await check({ WECHAT_PAY_PLATFORM_KEYS: `${preferredSerial}=${file}` });
    assert.equal(exitCode, 1);
    assert.match(stdout, /account main at wechat-pay: the platform key for .* is a private key: give WeChat Pay's own/);
  }
});

test('a wrong serial of the merchant certificate is told', async () => {
  const { exitCode, stdout } = await check({ WECHAT_PAY_MERCHANT_SERIAL: 'ABCDEF' });
  assert.equal(exitCode, 1);
  assert.match(stdout, /auth: .*SIGN_ERROR.*序列号/);
});

test('a key that is none, an APIv3 key of the wrong length, a platform key that is none: each by its account, before anything is asked', async () => {
  const before = wechatPay.control.traffic().length;
  const wrongs: readonly (readonly [string, string, RegExp])[] = [
    [
      'WECHAT_PAY_MERCHANT_KEY_FILE',
      await put('no-key.pem', 'no key'),
      /account main at wechat-pay: .*apiclient_key\.pem/,
    ],
    ['WECHAT_PAY_API_V3_KEY_FILE', await put('short', 'too short'), /account main at wechat-pay.*32/],
    ['WECHAT_PAY_PLATFORM_KEYS', `PUB_KEY_ID_01=${await put('none.pem', '')}`, /PUB_KEY_ID_01/],
    ['WECHAT_PAY_PLATFORM_KEYS', 'PUB_KEY_ID_01', /WECHAT_PAY_PLATFORM_KEYS: "PUB_KEY_ID_01" is not NAME=FILE/],
    ['WECHAT_PAY_MERCHANT_ID', '', /WECHAT_PAY_MERCHANT_ID is missing \(mchid/],
    [
      'WECHAT_PAY_MERCHANT_KEY_FILE',
      '/nowhere/key.pem',
      /WECHAT_PAY_MERCHANT_KEY_FILE: \/nowhere\/key\.pem cannot be read/,
    ],
  ];
  for (const [name, value, says] of wrongs) {
    const { exitCode, stdout } = await check({ [name]: value });
    assert.equal(exitCode, 1);
    assert.match(stdout, says);
    assert.ok(!stdout.includes(wechatPay.credentials.apiV3Key), 'a secret is never printed');
  }
  assert.equal(wechatPay.control.traffic().length, before);
});

test('clocks ten minutes apart are told, with what to do', async () => {
  const early = await startWechatPaySimulator({ clock: () => Date.now() - 600_000 });
  const { exitCode, stdout } = await check(await writeWechatPayAccount(folder, early));
  await early.close();
  await writeWechatPayAccount(folder, wechatPay);
  assert.equal(exitCode, 1);
  assert.match(stdout, /our clock is 60[01] s ahead of the service's: set it/);
});

test('a service that cannot be reached is told', async () => {
  const { exitCode, stdout } = await check({ WECHAT_PAY_URL: 'http://127.0.0.1:2' });
  assert.equal(exitCode, 1);
  assert.match(
    stdout,
    /http:\/\/127\.0\.0\.1:2 does not take us: unreachable.*\n.*! nothing was sent: .*network up.*proxy.*is url right/,
  );
});

test('no account at all is wrong use, and says where to read', async () => {
  const { exitCode, stderr } = await runForecourt(['payments', 'check']);
  assert.equal(exitCode, 2);
  assert.match(stderr, /no account is configured; docs\/payments\.md/);
});

test('a file of accounts adds those of single stations, with keys from files and from the environment', async () => {
  const { credentials, url } = wechatPay;
  const settings = {
    merchantId: credentials.merchantId,
    appId: 'wx0000000000000007',
    merchantSerial: credentials.merchantSerial,
    merchantKey: { file: join(folder, 'merchant.pem') },
    apiV3Key: { env: 'FRANCHISE_KEY' },
    platformKeys: { [credentials.preferredSerial]: { file: join(folder, 'platform-0.pem') } },
    url,
  };
  const accounts = [{ service: 'wechat-pay', account: 'franchise-7', stations: [1003, 1004], settings }];
  const file = await put('accounts.json', JSON.stringify(accounts));
  const names = { FORECOURT_PAYMENT_ACCOUNTS: file, FRANCHISE_KEY: credentials.apiV3Key };
  const { exitCode, stdout } = await check(names, '--public-url', 'https://pay.example');
  assert.equal(exitCode, 0, stdout);
  assert.match(
    stdout,
    /wechat-pay \/ franchise-7[^]*stations: 1003, 1004\n[^]*\/v1\/notifications\/wechat-pay\/franchise-7/,
  );
});

test('an app that was replaced stays as an account of no station beside the one that follows it, and both are checked', async () => {
  const { credentials, url } = wechatPay;
  const settings = {
    merchantId: credentials.merchantId,
    merchantSerial: credentials.merchantSerial,
    merchantKey: { file: join(folder, 'merchant.pem') },
    apiV3Key: { env: 'API_V3_KEY' },
    platformKeys: { [credentials.preferredSerial]: { file: join(folder, 'platform-0.pem') } },
    url,
  };
  const accounts = [
    { service: 'wechat-pay', account: 'main', stations: [], settings: { ...settings, appId: credentials.appId } },
    { service: 'wechat-pay', account: 'app-2', settings: { ...settings, appId: 'wx0000000000000002' } },
  ];
  const file = await put('two-apps.json', JSON.stringify(accounts));
  const names = { FORECOURT_PAYMENT_ACCOUNTS: file, API_V3_KEY: credentials.apiV3Key };
  const { exitCode, stdout } = await runForecourt(['payments', 'check'], names);
  assert.equal(exitCode, 0, stdout);
  assert.match(stdout, /GOOD +wechat-pay \/ main[^]*stations: none: kept for what was paid through it before\n/);
  assert.match(stdout, /GOOD +wechat-pay \/ app-2[^]*stations: all others\n/);
});

test('mistakes in the file are told by the place where they stand', async () => {
  const wrongs: readonly (readonly [unknown, RegExp])[] = [
    ['no JSON at all', /FORECOURT_PAYMENT_ACCOUNTS/],
    [
      [{ service: 'pay-later', account: 'a', settings: {} }],
      /account a at pay-later: there is no such payment service; there are wechat-pay/,
    ],
    [[{ service: 'wechat-pay', account: 'A B', settings: {} }], /0\.account: must be small letters/],
    [
      [{ service: 'wechat-pay', account: 'a', settings: { colour: 'red' } }],
      /account a at wechat-pay: it has no setting colour/,
    ],
    [[{ service: 'wechat-pay', account: 'a', settings: {} }], /account a at wechat-pay: merchantId is missing/],
    [
      [{ service: 'wechat-pay', account: 'a', settings: { merchantId: { env: 'NOT_THERE' } } }],
      /account a at wechat-pay: merchantId: there is no NOT_THERE in the environment/,
    ],
  ];
  for (const [content, says] of wrongs) {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    const { exitCode, stdout } = await check({ FORECOURT_PAYMENT_ACCOUNTS: await put('wrong.json', text) });
    assert.equal(exitCode, 1);
    assert.match(stdout, says);
  }
});

test('an answer that nobody can believe asks who answers there', async (context) => {
  const server = createServer((_request, response) => response.end('<html>welcome</html>'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  context.after(() => server.close().closeAllConnections());
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no address');
  const { exitCode, stdout } = await check({ WECHAT_PAY_URL: `http://127.0.0.1:${address.port}` });
  assert.equal(exitCode, 1);
  assert.match(stdout, /does not take us: unknown.*\n.*! no answer to believe came: who answers at http:\/\/127/);
});

test("a merchant's key of another kind is told by its kind", async () => {
  const pem = { format: 'pem', type: 'pkcs8' } as const;
  const file = await put('ed25519.pem', generateKeyPairSync('ed25519').privateKey.export(pem).toString());
  const { exitCode, stdout } = await check({ WECHAT_PAY_MERCHANT_KEY_FILE: file });
  assert.equal(exitCode, 1);
  assert.match(stdout, /merchantKey must be a private RSA key .*, not a private key of kind ed25519/);
});

test("the sign-in's secret is not checked either, where there is one", async () => {
  const { stdout } = await check({ WECHAT_PAY_APP_SECRET: 'secret-of-the-official-account' });
  assert.match(stdout, /not checked before the first payment: .*; the sign-in's secret \(appSecret\)\n/);
});

test('an address that payment services could not call is wrong, and no notification address is made of it', async () => {
  for (const publicUrl of ['notaurl', 'https://pay.example/', 'https://pay.example/shop', 'ftp://pay.example']) {
    const { exitCode, stdout } = await check({}, '--public-url', publicUrl);
    assert.equal(exitCode, 1, publicUrl);
    assert.match(stdout, /WRONG +FORECOURT_PUBLIC_URL \(--public-url\) must be http\(s\):\/\/host/);
    assert.doesNotMatch(stdout, /notifications:/);
  }
});

test("Stripe's API version is told, with which the webhook endpoint has to be registered", async (context) => {
  const stripe = await startStripeSimulator();
  context.after(() => stripe.close());
  const names = {
    STRIPE_ACCOUNT_ID: stripe.credentials.accountId,
    STRIPE_SECRET_KEY: stripe.credentials.secretKey,
    STRIPE_WEBHOOK_SECRETS: stripe.credentials.webhookSecrets.join('\n'),
    STRIPE_URL: stripe.url,
  };
  const text = await runForecourt(['payments', 'check'], names);
  assert.equal(text.exitCode, 0, text.stdout);
  assert.ok(text.stdout.includes(`API version: ${Stripe.API_VERSION}\n`), text.stdout);
  assert.match(text.stdout, /not checked before the first payment: .*the webhook secret\n/);
  const { accounts } = JSON.parse((await runForecourt(['payments', 'check', '--json'], names)).stdout);
  assert.deepEqual(
    [accounts[0].apiVersion, accounts[0].notChecked.includes('the webhook secret')],
    [Stripe.API_VERSION, true],
  );
});

test('a real service wants an https address, and test money has to be wanted', async () => {
  const names = {
    STRIPE_ACCOUNT_ID: 'acct_1',
    STRIPE_SECRET_KEY: 'sk_test_1',
    STRIPE_WEBHOOK_SECRETS: 'whsec_1',
    // Nobody listens there, and it is not the address at which simulators are.
    STRIPE_URL: 'https://127.0.0.2:2',
  };
  const mistakesAt = async (publicUrl: string, more: Record<string, string> = {}) =>
    JSON.parse(
      (await runForecourt(['payments', 'check', '--json', '--public-url', publicUrl], { ...names, ...more })).stdout,
    ).mistakes;
  const notHttps = 'FORECOURT_PUBLIC_URL (--public-url) must be an https address that payment services can reach';
  const testMoney = 'account main at stripe pays with test money: FORECOURT_TEST_MONEY=yes takes it';
  assert.deepEqual(await mistakesAt('http://pay.example'), [notHttps, testMoney]);
  assert.deepEqual(await mistakesAt('https://pay.example', { FORECOURT_TEST_MONEY: 'yes' }), []);
});
