import type { z } from 'zod';
import { stationNumberOf } from '../base/ids.ts';
import { isRefusal, type Refusal, refuse } from '../base/problem.ts';
import { composeReceiptSvg, composeReceiptText } from '../device/printer/compose-receipt.ts';
import { type Books, findBooks } from '../journey/books.ts';
import type { Journey } from '../journey/journey.ts';
import { callOptions } from '../journey/call-provider.ts';
import { toOrderMessage, toPaymentMessage, toPermitMessage } from '../journey/order-view.ts';
import { composeSlip } from '../journey/permit-slip.ts';
import { isAccessToken, makeAccessToken } from '../order/access-token.ts';
import { orderMessage, permitMessage, placedOrderMessage, placeOrderMessage } from '../order/order.message.ts';
import { askSoon } from '../payment/attempt.sql.ts';
import { paymentMessage, startPaymentMessage } from '../payment/payment.message.ts';
import { ProviderError } from '../payment/provider/provider.ts';
import { streamOrder } from './order-stream.ts';
import { type Call, type Reply, type Route, route } from './route.ts';

/** What a driver's phone may ask of orders. One is shown, paid and cancelled only by who holds its access token. */
export function driverRoutes(journey: Journey): readonly Route[] {
  return [
    route('POST', '/v1/orders', {
      summary: 'Places an order: located, priced and stored before any money moves.',
      caller: 'anyone',
      creates: true,
      body: placeOrderMessage,
      answer: { status: 201, schema: placedOrderMessage },
      refusals: ['idempotency_key_reused', ...locateRefusals, ...placeRefusals],
      handle: (call) => placeOrder(journey, call.body, call.headers['idempotency-key'] ?? ''),
    }),
    route('GET', '/v1/orders/:id', {
      summary: 'An order as it stands.',
      caller: 'driver',
      answer: { schema: orderMessage },
      refusals: ['unauthorized', 'order_unknown'],
      handle: (call) =>
        withOrder(journey, call, async (books) => ({ status: 200, json: toOrderMessage(books, journey.services) })),
    }),
    route('GET', '/v1/orders/:id/events', {
      summary: 'The order as Server-Sent Events: `order` with the whole order, now and at each change.',
      caller: 'driver',
      answer: { type: 'text/event-stream' },
      refusals: ['unauthorized', 'order_unknown'],
      handle: (call) => withOrder(journey, call, async (books) => ({ stream: streamOrder(journey, books) })),
    }),
    route('POST', '/v1/orders/:id/payments', {
      summary: 'Calls the payment service; the answer says what the phone does next.',
      caller: 'driver',
      creates: true,
      body: startPaymentMessage,
      answer: { status: 201, schema: paymentMessage },
      refusals: ['unauthorized', ...payRefusals],
      handle: (call) => startPayment(journey, call),
    }),
    route('POST', '/v1/orders/:id/cancel', {
      summary: 'Cancels an order that is not paid; an open payment is closed first.',
      caller: 'driver',
      answer: { schema: orderMessage },
      refusals: [
        'unauthorized',
        'order_unknown',
        'order_already_paid',
        'order_refunded',
        'order_expired',
        'payment_in_progress',
      ],
      handle: (call) => cancelOrder(journey, call),
    }),
    route('POST', '/v1/orders/:id/returned', {
      summary:
        'The driver is back from the cashier, which proves nothing: the payment service is asked how the payment stands.',
      caller: 'driver',
      answer: { schema: orderMessage },
      refusals: ['unauthorized', 'order_unknown'],
      handle: (call) =>
        withOrder(journey, call, async (books) => {
          await askSoon(journey.db, books.order, journey.now());
          return { status: 200, json: toOrderMessage(books, journey.services) };
        }),
    }),
    route('GET', '/v1/orders/:id/permit', {
      summary: 'The permit of a paid order.',
      caller: 'driver',
      answer: { schema: permitMessage },
      refusals: ['unauthorized', 'order_unknown', 'permit_not_issued'],
      handle: (call) =>
        withOrder(journey, call, async ({ permit }) =>
          permit === null ? refuse('permit_not_issued') : { status: 200, json: toPermitMessage(permit) },
        ),
    }),
    route('GET', '/v1/orders/:id/receipt.svg', {
      summary: 'The slip as a picture.',
      caller: 'driver',
      answer: { type: 'image/svg+xml' },
      refusals: ['unauthorized', 'order_unknown', 'permit_not_issued'],
      handle: (call) =>
        withOrder(journey, call, (books) => showReceipt(books, 'image/svg+xml; charset=utf-8', composeReceiptSvg)),
    }),
    route('GET', '/v1/orders/:id/receipt.txt', {
      summary: 'The slip as text.',
      caller: 'driver',
      answer: { type: 'text/plain' },
      refusals: ['unauthorized', 'order_unknown', 'permit_not_issued'],
      handle: (call) =>
        withOrder(journey, call, (books) => showReceipt(books, 'text/plain; charset=utf-8', composeReceiptText)),
    }),
  ];
}

const locateRefusals = [
  'position_invalid',
  'accuracy_missing',
  'pump_code_invalid',
  'station_ambiguous',
  'station_unknown',
  'station_too_far',
  'position_missing',
  'moving_too_fast',
  'position_too_vague',
  'no_station_in_range',
] as const;
const placeRefusals = [
  'station_closed',
  'pump_ambiguous',
  'grade_unknown',
  'pump_unknown',
  'nozzle_unknown',
  'nozzle_other_grade',
  'price_missing',
  'money_invalid',
  'volume_invalid',
  'price_invalid',
  'price_changed',
  'quantity_missing',
  'money_not_positive',
  'volume_not_positive',
  'volume_step',
  'money_volume_disagree',
  'money_below_limit',
  'money_above_limit',
  'volume_above_limit',
  'name_invalid',
  'phone_invalid',
  'plate_invalid',
] as const;
const payRefusals = [
  'idempotency_key_reused',
  'order_unknown',
  'order_already_paid',
  'order_cancelled',
  'order_expired',
  'order_refunded',
  'method_unknown',
  'surface_unsupported',
  'currency_unsupported',
  'payer_missing',
  'too_many_attempts',
  'payment_in_progress',
  'payment_declined',
  'payment_not_taken',
  'payment_service_down',
] as const;

async function placeOrder(
  journey: Journey,
  message: z.infer<typeof placeOrderMessage>,
  idempotencyKey: string,
): Promise<Reply | Refusal> {
  const books = await journey.placeOrder({ message, idempotencyKey });
  if (isRefusal(books)) return books;
  return {
    status: 201,
    json: {
      order: toOrderMessage(books, journey.services),
      accessToken: makeAccessToken(journey.accessTokenSecret, books.order.orderId),
    },
  };
}

type DriverCall<Body> = Call<Readonly<Record<string, string>>, unknown, Body>;

/** The order's key, where the caller holds its access token. */
function authorize(journey: Journey, call: DriverCall<unknown>): { stationNumber: number; orderId: string } | Refusal {
  const orderId = call.params['id'] ?? '';
  const stationNumber = stationNumberOf(orderId);
  const token = /^Bearer ([\w-]{1,128})$/.exec(call.headers['authorization'] ?? '')?.[1] ?? '';
  if (stationNumber === null || !isAccessToken(journey.accessTokenSecret, orderId, token))
    return refuse('unauthorized');
  return { stationNumber, orderId };
}

async function withOrder(
  journey: Journey,
  call: DriverCall<unknown>,
  show: (books: Books) => Promise<Reply | Refusal>,
): Promise<Reply | Refusal> {
  const key = authorize(journey, call);
  if (isRefusal(key)) return key;
  const books = (await findBooks(journey.db, [key])).get(key.orderId);
  return books === undefined ? refuse('order_unknown') : show(books);
}

async function startPayment(
  journey: Journey,
  call: DriverCall<z.infer<typeof startPaymentMessage>>,
): Promise<Reply | Refusal> {
  const key = authorize(journey, call);
  if (isRefusal(key)) return key;
  const { method, surface, signInCode, insists } = call.body;
  const openId = call.body.openId ?? (await findPayer(journey, key.stationNumber, method, signInCode));
  if (isRefusal(openId)) return openId;
  const attempt = await journey.startPayment({
    ...key,
    idempotencyKey: call.headers['idempotency-key'] ?? '',
    method,
    surface: surface ?? null,
    insists,
    payer: {
      ip: call.ip,
      userAgent: (call.headers['user-agent'] ?? '').slice(0, userAgentLengthMax),
      ...(openId === undefined ? {} : { openId }),
    },
  });
  return isRefusal(attempt) ? attempt : { status: 201, json: toPaymentMessage(attempt) };
}

const userAgentLengthMax = 256;

/** Who pays, by the code with which the payment service sent him back to us; undefined where he came without one. */
async function findPayer(
  journey: Journey,
  stationNumber: number,
  method: string,
  signInCode: string | undefined,
): Promise<string | Refusal | undefined> {
  const signIn = journey.accounts.forNew(method, stationNumber)?.signIn;
  if (signInCode === undefined || signIn === undefined) return undefined;
  try {
    // A code counts once: a request that is repeated brings it again, and its attempt knows the payer already.
    return (await signIn.openIdOf(signInCode, callOptions())) ?? undefined;
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return refuse('payment_service_down');
  }
}

async function cancelOrder(journey: Journey, call: DriverCall<unknown>): Promise<Reply | Refusal> {
  const key = authorize(journey, call);
  if (isRefusal(key)) return key;
  const books = await journey.endOrder(key, 'cancelled');
  return isRefusal(books) ? books : { status: 200, json: toOrderMessage(books, journey.services) };
}

type Compose = typeof composeReceiptText;

/** The widest paper, 80 mm. */
const previewColumns = 48;

async function showReceipt(books: Books, type: string, compose: Compose): Promise<Reply | Refusal> {
  const attempt = books.attempts.find((one) => one.attemptRef === books.permit?.attemptRef);
  if (books.permit === null || attempt === undefined) return refuse('permit_not_issued');
  return {
    status: 200,
    text: compose(composeSlip(books.order, attempt, books.permit), { columns: previewColumns }),
    headers: { 'content-type': type },
  };
}
