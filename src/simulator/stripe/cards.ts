import type { Card } from './book.ts';

/** Why a bank says no, in the API's words and in those that the payer reads. */
export type Decline = { readonly code: string; readonly declineCode: string | null; readonly message: string };

/** What a card does when it is asked for money. */
export type CardAnswer =
  | { readonly kind: 'pays' }
  /** The bank wants to hear from the payer first (3-D Secure). */
  | { readonly kind: 'asks_payer' }
  | { readonly kind: 'declines'; readonly decline: Decline };

const declines = (code: string, declineCode: string | null, message: string): CardAnswer => ({
  kind: 'declines',
  decline: { code, declineCode, message },
});

export const genericDecline: Decline = {
  code: 'card_declined',
  declineCode: 'generic_decline',
  message: 'Your card was declined.',
};
export const notAuthenticated: Decline = {
  code: 'payment_intent_authentication_failure',
  declineCode: null,
  message: 'We are unable to authenticate your payment method. Please choose a different payment method and try again.',
};

/** Stripe's test cards (docs.stripe.com/testing). */
const answers: Readonly<Record<string, CardAnswer>> = {
  '4242424242424242': { kind: 'pays' },
  '4000056655665556': { kind: 'pays' },
  '5555555555554444': { kind: 'pays' },
  '378282246310005': { kind: 'pays' },
  '6200000000000005': { kind: 'pays' },
  '4000000000000002': { kind: 'declines', decline: genericDecline },
  '4000000000009995': declines('card_declined', 'insufficient_funds', 'Your card has insufficient funds.'),
  '4000000000000069': declines('expired_card', null, 'Your card has expired.'),
  '4000000000000127': declines('incorrect_cvc', null, "Your card's security code is incorrect."),
  '4000000000000119': declines(
    'processing_error',
    null,
    'An error occurred while processing your card. Try again in a little bit.',
  ),
  '4000002500003155': { kind: 'asks_payer' },
  '4000002760003184': { kind: 'asks_payer' },
};

const noTestCard = declines(
  'card_declined',
  'test_mode_live_card',
  'Your card was declined. Your request was in test mode, but used a non test card. For a list of valid test cards, visit: https://stripe.com/docs/testing.',
);

export const answerOfCard = (number: string): CardAnswer => answers[number] ?? noTestCard;

export const cardOf = (number: string): Card => ({ brand: brandOf(number), last4: number.slice(-4), wallet: null });

function brandOf(number: string): string {
  if (number.startsWith('4')) return 'visa';
  if (/^5[1-5]/.test(number)) return 'mastercard';
  if (/^3[47]/.test(number)) return 'amex';
  return number.startsWith('62') ? 'unionpay' : 'unknown';
}

/** What the payer wrote into the form. */
export type CardForm = {
  readonly number: string;
  readonly expiry: string;
  readonly cvc: string;
  readonly email: string;
};

export type FormFault = 'number' | 'expiry' | 'cvc' | 'email';

/** The first field that no bank need be asked about, in the order of the form, or null. */
export function faultOfForm({ number, expiry, cvc, email }: CardForm, nowMs: number): FormFault | null {
  if (!/^[^\s@]+@[^\s@]+$/.test(email) || email.length > 255) return 'email';
  if (!isCardNumber(digitsOf(number))) return 'number';
  if (!isInFuture(expiry, nowMs)) return 'expiry';
  return /^\d{3,4}$/.test(cvc.trim()) ? null : 'cvc';
}

export const digitsOf = (text: string): string => text.replace(/[\s-]/g, '');

/** Twelve to nineteen digits whose check digit is right (ISO/IEC 7812, Luhn). */
function isCardNumber(digits: string): boolean {
  if (!/^\d{12,19}$/.test(digits)) return false;
  const sum = Array.from(digits)
    .toReversed()
    .map((digit, place) => Number(digit) * (place % 2 === 0 ? 1 : 2))
    .reduce((total, value) => total + (value > 9 ? value - 9 : value), 0);
  return sum % 10 === 0;
}

/** `12 / 34`: a card is good to the end of its month. */
function isInFuture(expiry: string, nowMs: number): boolean {
  const match = /^(0?[1-9]|1[0-2])\s*\/\s*(\d{2})$/.exec(expiry.trim());
  return match !== null && Date.UTC(2000 + Number(match[2]), Number(match[1])) > nowMs;
}
