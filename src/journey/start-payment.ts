import { createBatcher } from '../base/batcher.ts';
import type { Clock } from '../base/clock.ts';
import { makeAttemptRef } from '../base/ids.ts';
import { isRefusal, type Refusal, refuse } from '../base/problem.ts';
import type { Database } from '../database/database.ts';
import type { Order, OrderKey } from '../order/order.ts';
import { type Attempt, attemptLifetimeMsMin, attemptsMax, isOpen, nextPollAt } from '../payment/attempt.ts';
import { type CreateOutcome, recordCreateOutcomes } from '../payment/attempt.sql.ts';
import {
  type CreateInput,
  type PaymentProvider,
  type PaymentSurface,
  ProviderError,
} from '../payment/provider/provider.ts';
import { type Books, lockBooks, replaceAttempt, storeChanges } from './books.ts';
import { callOptions, closeAttempt } from './close-attempt.ts';
import type { SettlePayment } from './settle-payment.ts';

/**
 * Step 4 of the journey: the payment service of the method that the driver chose is called. The attempt, with its own reference, is stored
 * before the call; what the call gave is stored after it. An answer that nobody can read leaves the attempt open and unknown.
 */
export type StartPayment = (wish: PaymentWish) => Promise<Attempt | Refusal>;

export type PaymentWish = OrderKey & {
  readonly idempotencyKey: string;
  readonly method: string;
  /** Null: the provider's first surface. */
  readonly surface: string | null;
  readonly payer: CreateInput['payer'];
};

export type StartPaymentWorld = {
  readonly db: Database;
  readonly now: Clock;
  readonly providers: ReadonlyMap<string, PaymentProvider>;
  readonly settle: SettlePayment;
  /** Where payment services and drivers reach us: `https://pay.example`. */
  readonly publicUrl: () => string;
};

const attemptsBatchMax = 200;
/** How often one request closes an older attempt before it gives up. */
const closeTriesMax = 2;

export function createStartPayment(world: StartPaymentWorld): StartPayment {
  const open = createBatcher<PaymentWish, Opening>({
    batchMax: attemptsBatchMax,
    store: (wishes) => openAttempts(world, wishes),
  });
  const record = createBatcher<CreateOutcome, undefined>({
    batchMax: attemptsBatchMax,
    async store(outcomes) {
      await recordCreateOutcomes(world.db, outcomes);
      return outcomes.map(() => undefined);
    },
  });
  return async (wish) => {
    for (let tries = 0; tries <= closeTriesMax; tries += 1) {
      const opening = await open(wish);
      if (isRefusal(opening)) return opening;
      if (opening.kind === 'call') return callProvider(world, record, opening.order, opening.attempt);
      if (opening.kind === 'same') return opening.attempt;
      // A closed or paid attempt is seen as such on the next round.
      if ((await closeAttempt(world, opening.attempt)) === 'open') return refuse('payment_in_progress');
    }
    return refuse('payment_in_progress');
  };
}

type Opening =
  | Refusal
  | { readonly kind: 'call'; readonly order: Order; readonly attempt: Attempt }
  | { readonly kind: 'same' | 'close-first'; readonly attempt: Attempt };

async function openAttempts(world: StartPaymentWorld, wishes: readonly PaymentWish[]): Promise<readonly Opening[]> {
  const now = world.now();
  return world.db.transaction(async (tx) => {
    const before = await lockBooks(tx, wishes);
    const after = new Map(before);
    const openings = wishes.map((wish) => {
      const books = after.get(wish.orderId);
      if (books === undefined) return refuse('order_unknown');
      const opening = decideAttempt(books, wish, world.providers.get(wish.method), now);
      if (!isRefusal(opening) && opening.kind === 'call')
        after.set(wish.orderId, replaceAttempt(books, opening.attempt));
      return opening;
    });
    // An attempt that is called once more stands already, as it is: only new ones are written.
    await storeChanges(tx, { before, after, transfers: [], events: [], facts: [] }, now);
    return openings;
  });
}

/**
 * Which attempt this wish leads to. Refuses, in this order: order_already_paid, order_cancelled, order_expired, order_refunded,
 * method_unknown, surface_unsupported, currency_unsupported, payer_missing, too_many_attempts.
 */
export function decideAttempt(
  books: Books,
  wish: PaymentWish,
  provider: PaymentProvider | undefined,
  now: number,
): Opening {
  const { order, attempts } = books;
  const ended = whyNotPayable(order, now);
  const repeated = attempts.find((one) => one.idempotencyKey === wish.idempotencyKey);
  if (repeated !== undefined) return answerRepeated(order, repeated, ended);
  if (ended !== null) return ended;
  if (provider === undefined || !order.station.methods.includes(wish.method))
    return refuse('method_unknown', { methods: order.station.methods });
  const surface = provider.capabilities.surfaces.find(
    (one) => one === (wish.surface ?? provider.capabilities.surfaces[0]),
  );
  if (surface === undefined) return refuse('surface_unsupported', { surfaces: provider.capabilities.surfaces });
  if (!provider.capabilities.currencies.includes(order.currency)) return refuse('currency_unsupported');
  if (surface === 'wechat.jsapi' && wish.payer.openId === undefined) return refuse('payer_missing');
  const open = attempts.find(isOpen);
  if (open !== undefined)
    return isStillGood(open, wish.method, surface, now)
      ? { kind: 'same', attempt: open }
      : { kind: 'close-first', attempt: open };
  if (attempts.length >= attemptsMax) return refuse('too_many_attempts');
  return { kind: 'call', order, attempt: makeAttempt(order, wish, surface, attempts.length + 1, now) };
}

function whyNotPayable(order: Order, now: number): Refusal | null {
  switch (order.state) {
    case 'paid':
    case 'fulfilled':
      return refuse('order_already_paid');
    case 'cancelled':
      return refuse('order_cancelled');
    case 'expired':
      return refuse('order_expired');
    case 'refunded':
      return refuse('order_refunded');
    case 'placed':
      // A payment service wants some time between order and expiry.
      return now + attemptLifetimeMsMin > order.expiresAt ? refuse('order_expired') : null;
  }
}

/** The same request again: the same attempt. Where its call left no answer it is made again, with the same reference and parameters. */
function answerRepeated(order: Order, attempt: Attempt, ended: Refusal | null): Opening {
  if (attempt.state !== 'created' || attempt.nextAction !== null || ended !== null) return { kind: 'same', attempt };
  return { kind: 'call', order, attempt };
}

const isStillGood = (open: Attempt, method: string, surface: PaymentSurface, now: number): boolean =>
  open.provider === method &&
  open.surface === surface &&
  open.nextAction !== null &&
  open.nextExpiresAt !== null &&
  open.nextExpiresAt > now;

const makeAttempt = (
  order: Order,
  wish: PaymentWish,
  surface: PaymentSurface,
  attemptNumber: number,
  now: number,
): Attempt => ({
  stationNumber: order.stationNumber,
  orderId: order.orderId,
  attemptRef: makeAttemptRef(order.orderId, attemptNumber),
  idempotencyKey: wish.idempotencyKey,
  provider: wish.method,
  surface,
  state: 'created',
  unknown: false,
  amountMinor: order.payableMinor,
  currency: order.currency,
  payer: wish.payer,
  providerRef: null,
  nextAction: null,
  nextExpiresAt: null,
  createdAt: now,
  expiresAt: order.expiresAt,
  providerPaymentId: null,
  paidAt: null,
  paidMinor: 0,
  refundedMinor: 0,
  integrity: null,
  pollAt: nextPollAt(0, now, order.expiresAt),
  polls: 0,
});

type Record = (outcome: CreateOutcome) => Promise<undefined>;

async function callProvider(
  world: StartPaymentWorld,
  record: Record,
  order: Order,
  attempt: Attempt,
): Promise<Attempt | Refusal> {
  const provider = world.providers.get(attempt.provider);
  if (provider === undefined) return refuse('method_unknown');
  try {
    const created = await provider.create(createInput(world, order, attempt), callOptions());
    const pending: Attempt = {
      ...attempt,
      state: 'pending',
      unknown: false,
      providerRef: created.providerRef,
      nextAction: created.next,
      nextExpiresAt: created.nextExpiresAt,
    };
    await record(pending);
    return pending;
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return recordFailure(world, record, attempt, error);
  }
}

/** A definite no ends the attempt and another method may be tried at once; anything else leaves it open and unknown. */
async function recordFailure(
  world: StartPaymentWorld,
  record: Record,
  attempt: Attempt,
  error: ProviderError,
): Promise<Attempt | Refusal> {
  if (error.outcomeUnknown) {
    const unknown: Attempt = { ...attempt, unknown: true, pollAt: nextPollAt(0, world.now(), attempt.expiresAt) };
    await record(unknown);
    return unknown;
  }
  await record({ ...attempt, state: 'failed', pollAt: null });
  return refuse(error.kind === 'declined' ? 'payment_declined' : 'payment_service_down', {
    providerCode: error.detail.providerCode ?? null,
  });
}

/** The same for every call of one attempt, since a payment service refuses its reference with other parameters. */
const createInput = (world: StartPaymentWorld, order: Order, attempt: Attempt): CreateInput => ({
  attemptRef: attempt.attemptRef,
  amount: { minor: attempt.amountMinor, currency: attempt.currency },
  subject: `${order.station.name} ${order.grade}`.slice(0, subjectLengthMax),
  surface: attempt.surface,
  expiresAt: attempt.expiresAt,
  notifyUrl: `${world.publicUrl()}/v1/notifications/${attempt.provider}`,
  returnUrl: `${world.publicUrl()}/o/${order.orderId}`,
  payer: attempt.payer,
});

/** WeChat Pay takes 127 bytes; Hanzi have three. */
const subjectLengthMax = 40;
