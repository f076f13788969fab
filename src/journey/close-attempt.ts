import type { Database } from '../database/database.ts';
import { type Attempt, isOpen } from '../payment/attempt.ts';
import { scheduleLastLooks } from '../payment/attempt.sql.ts';
import type { PaymentFact, PaymentProvider } from '../payment/provider/provider.ts';
import { ProviderError } from '../payment/provider/provider.ts';
import { callOptions, type CallWorld, raiseCallAlarm } from './call-provider.ts';
import type { SettlePayment } from './settle-payment.ts';

/** `open`: it may still be paid, or nobody can say; ask again later. */
export type CloseOutcome = 'closed' | 'paid' | 'open';

export type CloseWorld = CallWorld & {
  readonly db: Database;
  readonly settle: SettlePayment;
  readonly providers: ReadonlyMap<string, PaymentProvider>;
};

/**
 * Makes sure that an attempt can never be paid any more, or finds out that it was: close before anything new is opened, and before an
 * order ends. What the service says is applied as a fact like any other.
 */
export async function closeAttempt(world: CloseWorld, attempt: Attempt): Promise<CloseOutcome> {
  const provider = world.providers.get(attempt.provider);
  if (provider === undefined) return 'open';
  try {
    const result = await provider.close(nameOf(attempt), callOptions());
    switch (result.kind) {
      case 'closed':
        await world.settle.apply({ provider, fact: closedFact(world, provider, attempt) });
        return 'closed';
      case 'not_created':
        await world.settle.apply({ provider, fact: closedFact(world, provider, attempt) });
        // Our own create may have been on its way: once nothing can arrive any more, it is looked at again.
        if (isOpen(attempt)) await scheduleLastLooks(world.db, [{ ...attempt, pollAt: result.mayStillBePaidUntil }]);
        return 'closed';
      case 'paid':
      case 'in_progress':
      case 'too_early':
        return await queryAttempt(world, provider, attempt);
    }
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    raiseCallAlarm(world, attempt.attemptRef, error);
    return 'open';
  }
}

/** Asks the payment service how an attempt stands and applies the answer. Throws `ProviderError`. */
export async function queryAttempt(
  world: CloseWorld,
  provider: PaymentProvider,
  attempt: Attempt,
): Promise<CloseOutcome> {
  const fact = await provider.query(nameOf(attempt), callOptions());
  await world.settle.apply({ provider, fact });
  if (fact.state === 'paid' || fact.state === 'refunded') return 'paid';
  return fact.state === 'closed' ? 'closed' : 'open';
}

const nameOf = ({ attemptRef, providerRef }: Attempt) => ({
  attemptRef,
  ...(providerRef === null ? {} : { providerRef }),
});

/** The service's own answer to our close, as a fact. */
const closedFact = (world: CloseWorld, provider: PaymentProvider, attempt: Attempt): PaymentFact => ({
  source: 'query',
  attemptRef: attempt.attemptRef,
  state: 'closed',
  liveMode: provider.merchant.liveMode,
  authenticated: true,
  evidence: { receivedAt: world.now(), bodySha256: '', providerCode: 'close' },
});
