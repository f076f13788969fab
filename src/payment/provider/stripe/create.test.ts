import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CreateInput, ProviderError } from '../provider.ts';
import { checkCreate, maxLifetimeMs, sessionExpiresAt, sessionLivesMsMax, sessionParameters } from './create.ts';
import { currencies } from './currencies.ts';
import { checkoutLocale } from './locale.ts';

const nowMs = Date.parse('2026-11-02T04:00:00Z');
const input: CreateInput = {
  attemptRef: '00001A0KQ3X7V9M2ABCDEFGH01',
  amount: { minor: 20_000, currency: 'EUR' },
  subject: 'Forecourt Nord E10',
  surface: 'card.hosted',
  expiresAt: nowMs + 600_000,
  notifyUrl: 'https://pay.example.com/v1/notifications/stripe',
  returnUrl: 'https://pay.example.com/o/1',
  payer: { ip: '203.0.113.7', userAgent: 'test', locale: 'de-AT' },
};

test('the same order gives the same parameters, whenever and by whichever node it is asked for', () => {
  assert.deepEqual(sessionParameters(input), sessionParameters(structuredClone(input)));
});

test('one order is one line of its own sum and currency, by card only, and comes back to the order', () => {
  const parameters = sessionParameters(input);
  assert.partialDeepStrictEqual(parameters, {
    mode: 'payment',
    client_reference_id: input.attemptRef,
    metadata: { attemptRef: input.attemptRef },
    payment_intent_data: { metadata: { attemptRef: input.attemptRef } },
    allowed_payment_method_types: ['card'],
    adaptive_pricing: { enabled: false },
    allow_promotion_codes: false,
    success_url: input.returnUrl,
    cancel_url: input.returnUrl,
    locale: 'de',
  });
  assert.deepEqual(parameters.line_items, [
    {
      quantity: 1,
      price_data: { currency: 'eur', unit_amount: 20_000, product_data: { name: 'Forecourt Nord E10' } },
    },
  ]);
});

test('nothing of the payer goes along: no address, no name, no e-mail', () => {
  assert.doesNotMatch(JSON.stringify(sessionParameters(input)), /203\.0\.113|customer|email|"test"/);
});

test('the session lives as long as Stripe wants, from the shortest order to the longest', () => {
  for (const lifetimeMs of [0, 60_000, 600_000, maxLifetimeMs]) {
    const livesMs = sessionExpiresAt(nowMs + lifetimeMs) * 1000 - nowMs;
    assert.ok(livesMs >= 30 * 60_000 && livesMs < sessionLivesMsMax, `${lifetimeMs}: ${livesMs}`);
  }
  assert.equal(Number.isInteger(sessionExpiresAt(nowMs + 1)), true);
});

test('an order that Stripe could never take is rejected, in the order of checking', () => {
  const wrong = [
    [{ surface: 'alipay.wap' }, /no surface alipay\.wap/],
    [{ attemptRef: 'a b c d e f' }, /no reference/],
    [{ amount: { minor: 100, currency: 'KWD' } }, /does not take KWD/],
    [{ amount: { minor: 100, currency: 'MGA' } }, /does not take MGA/],
    [{ amount: { minor: 100, currency: 'ABC' } }, /does not take ABC/],
    [{ amount: { minor: 0, currency: 'EUR' } }, /0 EUR cannot be paid/],
    [{ amount: { minor: 0.5, currency: 'EUR' } }, /0\.5 EUR cannot be paid/],
  ] as const;
  for (const [changes, message] of wrong) {
    assert.throws(
      () => checkCreate({ ...input, ...changes }),
      (error) => {
        assert.ok(error instanceof ProviderError);
        assert.equal(error.kind, 'rejected');
        assert.match(error.message, message);
        return true;
      },
    );
  }
  checkCreate(input);
});

test('currencies are those that Stripe and we count alike, in hundredths or in whole', () => {
  for (const currency of ['EUR', 'USD', 'GBP', 'CNY', 'HKD', 'CHF', 'HUF', 'TWD'])
    assert.ok(currencies.includes(currency));
  for (const currency of ['ISK', 'UGX', 'MGA', 'KWD', 'CUP', '']) assert.ok(!currencies.includes(currency), currency);
  assert.equal(new Set(currencies).size, currencies.length);
});

test("the page speaks the payer's language where it can", () => {
  const expected = [
    ['zh-CN', 'zh'],
    ['zh-TW', 'zh-TW'],
    ['en-GB', 'en-GB'],
    ['en-AU', 'en'],
    ['DE', 'de'],
    ['xx', 'auto'],
    ['', 'auto'],
    [undefined, 'auto'],
  ] as const;
  for (const [locale, page] of expected) assert.equal(checkoutLocale(locale), page);
});
