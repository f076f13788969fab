import { createBatcher } from '../base/batcher.ts';
import { type Refusal, refuse } from '../base/problem.ts';
import type { Order } from '../order/order.ts';
import { notificationPath } from '../payment/account.ts';
import { type Attempt, type AttemptState, isOpen, nextPollAt } from '../payment/attempt.ts';
import { type CreateOutcome, recordCreateOutcomes } from '../payment/attempt.sql.ts';
import { type Created, type CreateInput, type PaymentProvider, ProviderError } from '../payment/provider/provider.ts';
import { callOptions, raiseCallAlarm } from './call-provider.ts';
import { type CloseWorld, closeAttempt } from './close-attempt.ts';

/**
 * Calls the payment service for an attempt that stands in the rows, and stores what the call gave. Of several wishes for one attempt at once
 * only one call is made on this node: a second one would make the link of the first void.
 */
export type CallCreate = {
  /** `moved_on`: the attempt changed while the service was called; look at the order again. */
  call(wish: CreateWish): Promise<Attempt | Refusal | 'moved_on'>;
  /** Resolves when no call for this attempt is under way on this node. */
  underway(attemptRef: string): Promise<void>;
};

export type CreateWish = {
  readonly kind: 'call' | 'call-again';
  readonly order: Order;
  readonly attempt: Attempt;
};

export type CreateWorld = CloseWorld & {
  /** Where payment services and drivers reach us: `https://pay.example`. */
  readonly publicUrl: () => string;
};

const outcomesBatchMax = 200;

type RecordOutcome = (outcome: CreateOutcome) => Promise<AttemptState>;
type Calling = ReturnType<CallCreate['call']>;

export function createCallCreate(world: CreateWorld): CallCreate {
  const record = createBatcher<CreateOutcome, AttemptState>({
    batchMax: outcomesBatchMax,
    async store(outcomes) {
      const states = await recordCreateOutcomes(world.db, outcomes);
      return outcomes.map(({ attemptRef }) => states.get(attemptRef) ?? attemptIsGone(attemptRef));
    },
  });
  const calls = new Map<string, Calling>();
  return {
    call(wish) {
      const { attemptRef } = wish.attempt;
      const underway = calls.get(attemptRef);
      if (underway !== undefined) return underway;
      const calling = callProvider(world, record, wish).finally(() => calls.delete(attemptRef));
      calls.set(attemptRef, calling);
      return calling;
    },
    async underway(attemptRef) {
      await calls.get(attemptRef);
    },
  };
}

function attemptIsGone(attemptRef: string): never {
  throw new Error(`attempt ${attemptRef} is gone while it was being created`);
}

async function callProvider(world: CreateWorld, record: RecordOutcome, wish: CreateWish): Calling {
  const { order, attempt } = wish;
  const provider = world.accounts.of(attempt);
  if (provider === undefined) return refuse('method_unknown');
  try {
    const created = await provider.create(createInput(world, provider, order, attempt), callOptions());
    const pending = createdAttempt(attempt, created);
    const state = await record(pending);
    if (isOpen({ state })) return pending;
    // Cancelled or changed for another way to pay in the meantime: nobody may be shown this link, nor pay by it.
    if (state === 'closed' || state === 'failed') await closeAttempt(world, pending);
    return 'moved_on';
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    raiseCallAlarm(world, attempt.attemptRef, error);
    return recordFailure(world, record, wish, error);
  }
}

/**
 * A definite no to the only call ends the attempt, and another method may be tried at once; silence leaves it open and unknown. A no to a
 * repeated call says nothing of the earlier one, so there the service has to close the attempt first.
 */
async function recordFailure(
  world: CreateWorld,
  record: RecordOutcome,
  { kind, attempt }: CreateWish,
  error: ProviderError,
): Calling {
  const closed = kind === 'call-again' && !error.outcomeUnknown ? await closeAttempt(world, attempt) : null;
  if (closed === 'paid') return 'moved_on';
  if (error.outcomeUnknown || closed === 'open') {
    const unknown = unansweredAttempt(attempt, world.now());
    const state = await record(unknown);
    return isOpen({ state }) ? unknown : 'moved_on';
  }
  if (closed === null) await record(refusedAttempt(attempt));
  return refuse(refusalFor(error), { providerCode: error.detail.providerCode ?? null });
}

/** What is to be written of an attempt whose call gave something to pay by. */
export const createdAttempt = (attempt: Attempt, { providerRef, next, nextExpiresAt }: Created): Attempt => ({
  ...attempt,
  state: 'pending',
  unknown: false,
  providerRef,
  nextAction: next,
  nextExpiresAt,
});

/** Nobody can say whether it can be paid. */
export const unansweredAttempt = (attempt: Attempt, now: number): Attempt => ({
  ...attempt,
  unknown: true,
  pollAt: nextPollAt(0, now, attempt.expiresAt),
});

export const refusedAttempt = (attempt: Attempt): Attempt => ({ ...attempt, state: 'failed', pollAt: null });

function refusalFor({ kind }: ProviderError): 'payment_declined' | 'payment_not_taken' | 'payment_service_down' {
  if (kind === 'declined') return 'payment_declined';
  return kind === 'rejected' || kind === 'integrity' ? 'payment_not_taken' : 'payment_service_down';
}

/** The same for every call of one attempt, since a payment service refuses its reference with other parameters. */
const createInput = (world: CreateWorld, provider: PaymentProvider, order: Order, attempt: Attempt): CreateInput => ({
  attemptRef: attempt.attemptRef,
  amount: { minor: attempt.amountMinor, currency: attempt.currency },
  subject: `${order.station.name} ${order.grade}`.slice(0, subjectLengthMax),
  surface: attempt.surface,
  expiresAt: attempt.expiresAt,
  notifyUrl: world.publicUrl() + notificationPath(provider),
  returnUrl: orderUrl(world.publicUrl(), order.orderId),
  payer: attempt.payer,
});

/** The order's page. */
export const orderUrl = (publicUrl: string, orderId: string): string => `${publicUrl}/o/${orderId}`;

/** WeChat Pay takes 127 bytes; Hanzi have three. */
const subjectLengthMax = 40;
