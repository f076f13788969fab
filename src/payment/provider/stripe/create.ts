import type { Stripe } from 'stripe';
import { hourMs, minuteMs, secondMs } from '../../../base/clock.ts';
import { type CreateInput, type Created, ProviderError } from '../provider.ts';
import { currencies } from './currencies.ts';
import { checkoutLocale } from './locale.ts';
import { attemptKey, type CheckoutSession } from './session.ts';

export const surfaces = ['card.hosted'] as const;
/** As `client_reference_id` and as Idempotency-Key Stripe takes much more; this is what all our services take. */
export const merchantRefPattern = /^[0-9A-Za-z_]{6,32}$/;

/** Stripe wants a session to live 30 minutes to 24 hours from its creation; a minute more, for clocks that differ. */
const outlivesMs = 31 * minuteMs;
export const sessionLivesMsMax = 24 * hourMs;
export const maxLifetimeMs = sessionLivesMsMax - outlivesMs - minuteMs;

/** Product names and descriptions are cut here; Stripe takes a little more. */
const subjectCharactersMax = 200;

const reject = (why: string): ProviderError => new ProviderError('rejected', 'create', why);

/** Throws `ProviderError` of kind `rejected`, before any byte is sent, for an input that Stripe could not take. */
export function checkCreate(input: CreateInput): void {
  if (input.surface !== 'card.hosted') throw reject(`Stripe has no surface ${input.surface}`);
  if (!merchantRefPattern.test(input.attemptRef)) throw reject(`${input.attemptRef} is no reference for Stripe`);
  if (!currencies.includes(input.amount.currency)) throw reject(`Stripe does not take ${input.amount.currency}`);
  if (!Number.isSafeInteger(input.amount.minor) || input.amount.minor < 1)
    throw reject(`${input.amount.minor} ${input.amount.currency} cannot be paid`);
}

/**
 * When the session ends by itself. An order lives for minutes, a session at least for half an hour, so it always outlives the order: the janitor closes
 * it at the order's end (`sessions.expire`), and this is only what is left if that never succeeds. It hangs on the order and not on the clock, because a
 * repeat under the same Idempotency-Key must have the same parameters.
 */
export const sessionExpiresAt = (expiresAt: number): number => Math.ceil((expiresAt + outlivesMs) / secondMs);

/** The same input gives the same parameters. */
export function sessionParameters(input: CreateInput): Stripe.Checkout.SessionCreateParams {
  const { attemptRef, amount, returnUrl } = input;
  const subject = Array.from(input.subject).slice(0, subjectCharactersMax).join('');
  const marks = { [attemptKey]: attemptRef };
  return {
    mode: 'payment',
    client_reference_id: attemptRef,
    metadata: marks,
    // Kept by the PaymentIntent and its charge, which is how refunds, disputes and the bill name the attempt.
    payment_intent_data: { metadata: marks, description: subject },
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: amount.currency.toLowerCase(),
          unit_amount: amount.minor,
          product_data: { name: subject },
        },
      },
    ],
    // Cards, and with them Apple Pay and Google Pay. A bank debit is known to be paid days later, when the fuel is long gone.
    allowed_payment_method_types: ['card'],
    // The order's own currency and sum, whatever the account's settings say.
    adaptive_pricing: { enabled: false },
    allow_promotion_codes: false,
    expires_at: sessionExpiresAt(input.expiresAt),
    success_url: returnUrl,
    cancel_url: returnUrl,
    locale: checkoutLocale(input.payer.locale),
    submit_type: 'pay',
  };
}

/** The page to send the payer to, or null where the session has none. */
export const createdOf = ({ id, url }: CheckoutSession, input: CreateInput): Created | null =>
  url == null || !URL.canParse(url)
    ? null
    : { providerRef: id, next: { kind: 'redirect', url }, nextExpiresAt: input.expiresAt };
