import { createBatcher } from '../base/batcher.ts';
import { makeAttemptRef } from '../base/ids.ts';
import { isRefusal, type Refusal, refuse } from '../base/problem.ts';
import type { Order, OrderKey } from '../order/order.ts';
import type { WantsEvent } from '../outgoing/subscription.ts';
import {
  type Attempt,
  attemptLifetimeMsMin,
  attemptsMax,
  isCurrent,
  isOpen,
  nextPollAt,
  nothingKnown,
} from '../payment/attempt.ts';
import type { CreateInput, PaymentProvider, PaymentSurface } from '../payment/provider/provider.ts';
import { chooseSurface } from '../payment/surface.ts';
import { type Books, lockBooks, replaceAttempt, storeChanges } from './books.ts';
import { type CloseWorld, closeAttempt } from './close-attempt.ts';
import { type CreateWorld, createCallCreate, orderUrl } from './call-create.ts';
import type { ServiceWatch } from './watch-services.ts';

/**
 * Step 4 of the journey: the payment service of the method that the driver chose is called. The attempt, with its own reference, is stored
 * before the call; what the call gave is stored after it. An answer that nobody can read leaves the attempt open and unknown.
 */
export type StartPayment = (wish: PaymentWish) => Promise<Attempt | Refusal>;

export type PaymentWish = OrderKey & {
  readonly idempotencyKey: string;
  readonly method: string;
  /** Null: the surface that fits the driver's browser. */
  readonly surface: string | null;
  readonly payer: CreateInput['payer'];
  /**
   * The driver was told that an earlier attempt may yet turn out to be paid, and that a double payment goes back by itself: he wants to pay
   * in another way all the same.
   */
  readonly insists?: boolean;
};

export type StartPaymentWorld = CloseWorld &
  CreateWorld & { readonly services: Pick<ServiceWatch, 'isDown' | 'offered'>; readonly wantsEvent: WantsEvent };

const attemptsBatchMax = 200;
/** How often one request closes an older attempt, or finds its own moved on, before it gives up. */
const triesMax = 3;

export function createStartPayment(world: StartPaymentWorld): StartPayment {
  const open = createBatcher<PaymentWish, Opening>({
    batchMax: attemptsBatchMax,
    store: (wishes) => openAttempts(world, wishes),
  });
  const callCreate = createCallCreate(world);
  return async (wish) => {
    for (let tries = 0; tries < triesMax; tries += 1) {
      const opening = await open(wish);
      if (isRefusal(opening)) return opening;
      if (opening.kind === 'same') return opening.attempt;
      if (opening.kind === 'close-first') {
        // What is on its way to the service cannot be closed there.
        await callCreate.underway(opening.attempt.attemptRef);
        // A closed or paid attempt is seen as such on the next round.
        if ((await closeAttempt(world, opening.attempt)) !== 'open') continue;
        if (wish.insists !== true) return refuse('payment_in_progress');
        await abandonAttempt(world, opening.attempt);
        continue;
      }
      const outcome = await callCreate.call(opening);
      if (outcome !== 'moved_on') return outcome;
    }
    return refuse('payment_in_progress');
  };
}

export type Opening =
  | Refusal
  /** `call-again`: an earlier call left no answer; the same reference and parameters give one without a second payment. */
  | { readonly kind: 'call' | 'call-again'; readonly order: Order; readonly attempt: Attempt }
  | { readonly kind: 'same'; readonly attempt: Attempt }
  | { readonly kind: 'close-first'; readonly attempt: Attempt };

async function openAttempts(world: StartPaymentWorld, wishes: readonly PaymentWish[]): Promise<readonly Opening[]> {
  const now = world.now();
  return world.db.transaction(async (tx) => {
    const before = await lockBooks(tx, wishes);
    const after = new Map(before);
    const openings = wishes.map((wish) => {
      const books = after.get(wish.orderId);
      if (books === undefined) return refuse('order_unknown');
      const opening = decideAttempt(books, wish, whereToPay(world, books.order, wish.method), now);
      if (!isRefusal(opening) && opening.kind === 'call')
        after.set(wish.orderId, replaceAttempt(books, opening.attempt));
      return opening;
    });
    await storeChanges(tx, { before, after, transfers: [], events: [], facts: [] }, now, world.wantsEvent);
    return openings;
  });
}

/** It is still asked after, and closed as soon as that can be; it only stands in nobody's way any more. */
async function abandonAttempt(
  world: StartPaymentWorld,
  { stationNumber, orderId, attemptRef }: Attempt,
): Promise<void> {
  const now = world.now();
  await world.db.transaction(async (tx) => {
    const before = await lockBooks(tx, [{ stationNumber, orderId }]);
    const after = new Map(before);
    const books = before.get(orderId);
    if (books === undefined) return;
    after.set(orderId, decideAbandon(books, attemptRef));
    await storeChanges(tx, { before, after, transfers: [], events: [], facts: [] }, now, world.wantsEvent);
  });
}

/** The same books where the attempt is over by now. */
export function decideAbandon(books: Books, attemptRef: string): Books {
  const open = books.attempts.find((one) => one.attemptRef === attemptRef && isCurrent(one));
  return open === undefined ? books : replaceAttempt(books, { ...open, abandoned: true });
}

/** The account that a method leads to at the order's station, and how it is. */
export type WhereToPay = {
  readonly provider: AccountToPay | undefined;
  readonly isDown: boolean;
  /** The methods that can be paid by just now. */
  readonly offered: readonly string[];
  /** The order's page, to which the payment service sends the driver back. */
  readonly returnUrl: string;
};

type AccountToPay = Pick<PaymentProvider, 'merchant' | 'capabilities' | 'signIn'>;

function whereToPay(world: StartPaymentWorld, order: Order, method: string): WhereToPay {
  const provider = world.accounts.forNew(method, order.stationNumber);
  return {
    provider,
    isDown: provider !== undefined && world.services.isDown(provider),
    offered: world.services.offered(order.station),
    returnUrl: orderUrl(world.publicUrl(), order.orderId),
  };
}

/**
 * Which attempt this wish leads to. Refuses, in this order: idempotency_key_reused, order_already_paid, order_cancelled, order_expired, order_refunded,
 * method_unknown, surface_unsupported, currency_unsupported, payment_service_down, payer_missing, too_many_attempts.
 */
export function decideAttempt(books: Books, wish: PaymentWish, at: WhereToPay, now: number): Opening {
  const { order, attempts } = books;
  const { provider } = at;
  const ended = whyNotPayable(order, now);
  const repeated = attempts.find((one) => one.idempotencyKey === wish.idempotencyKey);
  if (repeated !== undefined) return answerRepeated(order, repeated, wish, ended);
  if (ended !== null) return ended;
  if (provider === undefined || !order.station.methods.includes(wish.method))
    return refuse('method_unknown', { methods: at.offered });
  const { surfaces } = provider.capabilities;
  const surface =
    wish.surface === null ? surfaceThatFits(wish, provider) : surfaces.find((one) => one === wish.surface);
  if (surface === undefined) return refuse('surface_unsupported', { surfaces });
  if (!provider.capabilities.currencies.includes(order.currency)) return refuse('currency_unsupported');
  if (at.isDown) return refuse('payment_service_down', { methods: at.offered });
  if (surface === 'wechat.jsapi' && wish.payer.openId === undefined) return askWhoPays(order, provider, at.returnUrl);
  const open = attempts.find(isCurrent);
  if (open !== undefined) return continueOpen(order, open, { ...wish, surface }, now);
  if (attempts.length >= attemptsMax) return refuse('too_many_attempts');
  return { kind: 'call', order, attempt: makeAttempt(order, wish, provider, surface, attempts.length + 1, now) };
}

const surfaceThatFits = ({ payer }: PaymentWish, provider: AccountToPay): PaymentSurface | undefined =>
  chooseSurface({
    surfaces: provider.capabilities.surfaces,
    userAgent: payer.userAgent,
    payerIsKnown: payer.openId !== undefined || provider.signIn !== undefined,
  });

/** The hint says where the payment service tells us who pays, if it does. */
const askWhoPays = ({ orderId }: Order, { signIn }: AccountToPay, returnUrl: string): Refusal =>
  refuse('payer_missing', { signInUrl: signIn?.url(returnUrl, orderId) ?? null });

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

/** The same request again: the same attempt. Where its call left no answer it is made again. */
function answerRepeated(order: Order, attempt: Attempt, wish: PaymentWish, ended: Refusal | null): Opening {
  const sameSurface = wish.surface === null || attempt.surface === wish.surface;
  const samePayer = wish.payer.openId === undefined || attempt.payer.openId === wish.payer.openId;
  if (attempt.provider !== wish.method || !sameSurface || !samePayer) return refuse('idempotency_key_reused');
  return lacksAnswer(attempt) && ended === null ? { kind: 'call-again', order, attempt } : { kind: 'same', attempt };
}

/** Another request while an attempt is open: one that pays in the same way goes on with it, any other closes it first. */
function continueOpen(order: Order, open: Attempt, wish: PaymentWish, now: number): Opening {
  const sameWay =
    open.provider === wish.method && open.surface === wish.surface && open.payer.openId === wish.payer.openId;
  if (sameWay && lacksAnswer(open)) return { kind: 'call-again', order, attempt: open };
  return sameWay && (open.nextExpiresAt ?? 0) > now
    ? { kind: 'same', attempt: open }
    : { kind: 'close-first', attempt: open };
}

const lacksAnswer = (attempt: Attempt): boolean => isOpen(attempt) && attempt.nextAction === null;

const makeAttempt = (
  order: Order,
  wish: PaymentWish,
  provider: AccountToPay,
  surface: PaymentSurface,
  attemptNumber: number,
  now: number,
): Attempt => ({
  ...nothingKnown,
  stationNumber: order.stationNumber,
  orderId: order.orderId,
  attemptRef: makeAttemptRef(order.orderId, attemptNumber),
  idempotencyKey: wish.idempotencyKey,
  provider: wish.method,
  surface,
  merchantId: provider.merchant.merchantId,
  appId: provider.merchant.appId,
  state: 'created',
  amountMinor: order.payableMinor,
  currency: order.currency,
  payer: wish.payer,
  createdAt: now,
  expiresAt: order.expiresAt,
  pollAt: nextPollAt(0, now, order.expiresAt),
});
