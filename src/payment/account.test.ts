import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAccounts, notificationPath, type PaymentAccount } from './account.ts';
import type { PaymentProvider } from './provider/provider.ts';
import { cautiousTerms } from './refund.ts';

const never = (): never => {
  throw new Error('nothing here calls a payment service');
};

const providerAt = (id: string, account: string, merchantId: string, appId = 'wx01'): PaymentProvider => ({
  id,
  account,
  origin: 'https://pay.example',
  merchant: { merchantId, appId, liveMode: true },
  capabilities: {
    surfaces: ['wechat.native'],
    currencies: ['CNY'],
    close: 'reliable',
    notifications: 'signed',
    signedResponses: true,
    bills: true,
    merchantRefPattern: /^\w+$/,
    minCloseAgeMs: 0,
    maxLifetimeMs: 1,
    ...cautiousTerms,
  },
  create: never,
  query: never,
  close: never,
  refund: never,
  queryRefund: never,
  parseNotification: never,
  reply: never,
  health: never,
});

const account = (
  provider: PaymentProvider,
  stations: readonly number[] | null = null,
  confirm: PaymentAccount['confirm'] = 'never',
): PaymentAccount => ({ provider, stations, confirm });

const chain = providerAt('wechat-pay', 'main', '1900000001');
const franchise = providerAt('wechat-pay', 'franchise-7', '1900000007');
const alipay = providerAt('alipay', 'main', '2088000000000001');
const accounts = createAccounts([account(chain), account(franchise, [1003, 1004], 'always'), account(alipay)]);

test('a new payment goes to the account of its station, else to that of the chain', () => {
  assert.equal(accounts.forNew('wechat-pay', 1003), franchise);
  assert.equal(accounts.forNew('wechat-pay', 1001), chain);
  assert.equal(accounts.forNew('alipay', 1003), alipay);
  assert.equal(accounts.forNew('stripe', 1003), undefined);
});

test('an attempt is asked for where it was made, whatever its station is paid through now', () => {
  assert.equal(accounts.of({ provider: 'wechat-pay', merchantId: '1900000007', appId: 'wx01' }), franchise);
  assert.equal(accounts.of({ provider: 'wechat-pay', merchantId: '1900000001', appId: 'an older app' }), chain);
  assert.equal(accounts.of({ provider: 'wechat-pay', merchantId: '1900000009', appId: 'wx01' }), undefined);
  assert.equal(accounts.of({ provider: 'alipay', merchantId: '1900000001', appId: 'wx01' }), undefined);
});

test('each account has an address of its own for notifications, the one account of a chain the short one', () => {
  assert.equal(notificationPath(chain), '/v1/notifications/wechat-pay');
  assert.equal(notificationPath(franchise), '/v1/notifications/wechat-pay/franchise-7');
  assert.equal(accounts.named('wechat-pay', 'franchise-7'), franchise);
  assert.equal(accounts.named('wechat-pay', 'franchise-8'), undefined);
});

test('whether a notification is confirmed first is said for each account', () => {
  assert.deepEqual([accounts.mustConfirm(chain), accounts.mustConfirm(franchise)], [false, true]);
});

test('two accounts of one name, or for one station at one service, are a mistake that names both', () => {
  assert.throws(() => createAccounts([account(chain), account(chain)]), /wechat-pay\/main: main and main/);
  const other = providerAt('wechat-pay', 'other', '1900000008');
  assert.throws(() => createAccounts([account(chain), account(other)]), /all other stations: main and other/);
  assert.throws(
    () => createAccounts([account(franchise, [1003]), account(other, [1003])]),
    /wechat-pay at 1003: franchise-7 and other/,
  );
});

test('two accounts of one app of one merchant are a mistake: an attempt could not tell which of them it was made at', () => {
  const twin = providerAt('wechat-pay', 'trial', '1900000001');
  assert.throws(
    () => createAccounts([account(chain), account(twin, [1003])]),
    /app wx01 of merchant 1900000001 at wechat-pay: main and trial/,
  );
  const otherApp = providerAt('wechat-pay', 'mini', '1900000001', 'wx02');
  assert.equal(createAccounts([account(chain), account(otherApp, [1003])]).all.length, 2);
});
