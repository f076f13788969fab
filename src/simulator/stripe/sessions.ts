import { z } from 'zod';
import { dayMs, minuteMs } from '../../base/clock.ts';
import { formatMoneyMinor, minorDigits } from '../../base/money.ts';
import { type ApiAnswer, answer, refusal } from './api-answer.ts';
import { type Book, makeId, type Session } from './book.ts';
import { sessionObject } from './objects.ts';
import { expand, isRefused, metadata, readParameters, wholeNumber, yesOrNo } from './parameters.ts';

const livesMsMin = 30 * minuteMs;
const livesMsMax = dayMs;
const totalMinorMax = 99_999_999;
/** What Stripe wants at least in some currencies, in their minor units. */
const totalMinorMin: Readonly<Record<string, number>> = {
  usd: 50,
  eur: 50,
  chf: 50,
  gbp: 30,
  hkd: 400,
  cad: 50,
  aud: 50,
};

const locales =
  `auto bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hi-IN hr hu id it ja ko lt lv ms mt nb nl pl pt pt-BR ro ru sk sl sv th tr vi zh
  zh-HK zh-TW`.split(/\s+/);

const webAddress = z
  .string()
  .max(5000)
  .refine((text) => URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol), 'Not a valid URL');
const code = z.string().refine((text) => /^[a-z]{3}$/.test(text) && minorDigits(text.toUpperCase()) !== null);
const name = z.string().min(1).max(1500);

/** The parameters of this version of the API that the simulator knows; any other is refused as an unknown one. */
const createParameters = z.strictObject({
  mode: z.literal('payment'),
  line_items: z
    .array(
      z.strictObject({
        quantity: wholeNumber.refine((quantity) => quantity >= 1),
        price_data: z.strictObject({
          currency: code,
          unit_amount: wholeNumber.refine((minor) => minor >= 0),
          product_data: z.strictObject({ name, description: name.optional(), metadata }),
        }),
      }),
    )
    .min(1)
    .max(100),
  success_url: webAddress,
  cancel_url: webAddress.optional(),
  client_reference_id: z.string().min(1).max(200).optional(),
  metadata,
  payment_intent_data: z.strictObject({ metadata, description: name.optional() }).default({ metadata: {} }),
  allowed_payment_method_types: z.array(z.string()).optional(),
  adaptive_pricing: z.strictObject({ enabled: yesOrNo }).optional(),
  allow_promotion_codes: yesOrNo.optional(),
  billing_address_collection: z.enum(['auto', 'required']).optional(),
  expires_at: wholeNumber.optional(),
  locale: z
    .string()
    .refine((text) => locales.includes(text))
    .optional(),
  submit_type: z.enum(['auto', 'pay', 'book', 'donate']).optional(),
  expand,
});

type CreateParameters = z.infer<typeof createParameters>;

export type Placed = { readonly answer: ApiAnswer; readonly session?: Session; readonly expand?: readonly string[] };

/** Makes a session. Refusals in the order of checking: the parameters one by one, methods, currencies, sum, expiry. */
export function placeSession(book: Book, pageUrl: string, parameters: unknown): Placed {
  const wish = readParameters(createParameters, parameters);
  if (isRefused(wish)) return { answer: wish };
  const nowMs = book.secondNow();
  const expiresAtMs = wish.expires_at === undefined ? nowMs + livesMsMax : wish.expires_at * 1000;
  const currency = wish.line_items[0]?.price_data.currency ?? '';
  const amountMinor = wish.line_items.reduce((sum, item) => sum + item.quantity * item.price_data.unit_amount, 0);
  const refused = refuseMethods(wish) ?? refuseSum(wish, currency, amountMinor) ?? refuseExpiry(expiresAtMs, nowMs);
  if (refused !== null) return { answer: refused };
  const session = book.sessions.put({
    id: makeId(book.random, 'cs_test_', 58),
    reference: wish.client_reference_id ?? null,
    metadata: wish.metadata,
    intentMetadata: wish.payment_intent_data.metadata,
    description: wish.payment_intent_data.description ?? wish.line_items[0]?.price_data.product_data.name ?? '',
    amountMinor,
    currency,
    successUrl: wish.success_url,
    cancelUrl: wish.cancel_url ?? null,
    locale: wish.locale ?? null,
    createdAtMs: nowMs,
    expiresAtMs,
    status: 'open',
    paymentStatus: 'unpaid',
    intentId: null,
    email: null,
    declinedAtMs: null,
  });
  return { answer: answer(sessionObject(session, pageUrl)), session, expand: wish.expand };
}

/** Of all methods that the account has switched on, this simulated one has only cards. */
const refuseMethods = ({ allowed_payment_method_types: types }: CreateParameters): ApiAnswer | null =>
  types === undefined || types.includes('card')
    ? null
    : refusal(400, {
        param: 'allowed_payment_method_types',
        message: 'No valid payment method types for this Checkout Session.',
      });

function refuseSum(wish: CreateParameters, currency: string, amountMinor: number): ApiAnswer | null {
  if (wish.line_items.some((item) => item.price_data.currency !== currency))
    return refusal(400, { param: 'line_items', message: 'All line items must have the same currency.' });
  const leastMinor = totalMinorMin[currency] ?? 1;
  const show = (minor: number): string => `${formatMoneyMinor(minor, currency.toUpperCase())} ${currency}`;
  if (amountMinor < leastMinor)
    return refusal(400, {
      code: 'amount_too_small',
      message: `The Checkout Session's total amount due must add up to at least ${show(leastMinor)}`,
    });
  if (amountMinor > totalMinorMax)
    return refusal(400, {
      code: 'amount_too_large',
      message: `The Checkout Session's total amount due must be no more than ${show(totalMinorMax)}`,
    });
  return null;
}

const refuseExpiry = (expiresAtMs: number, nowMs: number): ApiAnswer | null =>
  expiresAtMs >= nowMs + livesMsMin && expiresAtMs <= nowMs + livesMsMax
    ? null
    : refusal(400, {
        param: 'expires_at',
        message: 'The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.',
      });

export const notOpen = (session: Session): ApiAnswer =>
  refusal(400, {
    message: `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${session.status}\`.`,
  });
