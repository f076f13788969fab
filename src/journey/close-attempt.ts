import type { Attempt } from '../payment/attempt.ts';
import type { PaymentFact, PaymentProvider } from '../payment/provider/provider.ts';
import { ProviderError } from '../payment/provider/provider.ts';
import type { SettlePayment } from './settle-payment.ts';

/** `open`: it may still be paid, or nobody can say; ask again later. */
export type CloseOutcome = 'closed' | 'paid' | 'open';

export const providerCallMsMax = 8_000;

export type CloseWorld = { readonly settle: SettlePayment; readonly providers: ReadonlyMap<string, PaymentProvider> };

/**
 * Makes sure that an attempt can never be paid any more, or finds out that it was: close before anything new is opened, and before an
 * order ends. What the service says is applied as a fact like any other.
 */
export async function closeAttempt(world: CloseWorld, attempt: Attempt): Promise<CloseOutcome> {
  const provider = world.providers.get(attempt.provider);
  if (provider === undefined) return 'open';
  const name = {
    attemptRef: attempt.attemptRef,
    ...(attempt.providerRef === null ? {} : { providerRef: attempt.providerRef }),
  };
  try {
    const result = await provider.close(name, callOptions());
    switch (result.kind) {
      case 'closed':
      case 'not_created':
        await world.settle.apply({ provider, fact: closedFact(provider, attempt) });
        return 'closed';
      case 'paid':
      case 'in_progress':
      case 'too_early':
        return await queryAttempt(world, provider, attempt);
    }
  } catch (error) {
    if (error instanceof ProviderError) return 'open';
    throw error;
  }
}

/** Asks the payment service how an attempt stands and applies the answer. Throws `ProviderError`. */
export async function queryAttempt(
  world: CloseWorld,
  provider: PaymentProvider,
  attempt: Attempt,
): Promise<CloseOutcome> {
  const name = {
    attemptRef: attempt.attemptRef,
    ...(attempt.providerRef === null ? {} : { providerRef: attempt.providerRef }),
  };
  const fact = await provider.query(name, callOptions());
  await world.settle.apply({ provider, fact });
  if (fact.state === 'paid' || fact.state === 'refunded') return 'paid';
  return fact.state === 'closed' ? 'closed' : 'open';
}

export const callOptions = () => ({ signal: AbortSignal.timeout(providerCallMsMax), timeoutMs: providerCallMsMax });

/** The service's own answer to our close, as a fact. */
const closedFact = (provider: PaymentProvider, attempt: Attempt): PaymentFact => ({
  source: 'query',
  attemptRef: attempt.attemptRef,
  state: 'closed',
  liveMode: provider.merchant.liveMode,
  authenticated: true,
  evidence: { receivedAt: attempt.createdAt, bodySha256: '', providerCode: 'close' },
});
