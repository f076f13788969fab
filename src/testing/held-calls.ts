import {
  type CallOptions,
  type PaymentProvider,
  ProviderError,
  type ProviderOperation,
} from '../payment/provider/provider.ts';

/** A payment service between whose question and answer a test can do something: each call waits until it is let go, or its caller's patience ends. */
export type HeldCalls = {
  readonly provider: PaymentProvider;
  /** What was asked and has no answer yet, by the reference that it is about, oldest first. */
  waiting(): readonly string[];
  /** Lets all go that wait, or what waits about one reference. `silent`: no answer came in time. */
  letGo(how: Ending, ref?: string): void;
};

type Ending = 'answered' | 'silent';
type Held = { readonly ref: string; readonly end: (how: Ending) => void };

export function holdCalls(provider: PaymentProvider): HeldCalls {
  let held: readonly Held[] = [];
  async function hold<Answer>(
    ref: string,
    operation: ProviderOperation,
    { signal }: CallOptions,
    call: () => Promise<Answer>,
  ): Promise<Answer> {
    const how = await new Promise<Ending>((end) => {
      held = [...held, { ref, end }];
      signal.addEventListener('abort', () => letGo('silent', ref));
    });
    if (how === 'silent') throw new ProviderError('unknown', operation, 'no answer came in time');
    return call();
  }
  function letGo(how: Ending, ref?: string): void {
    const going = held.filter((one) => ref === undefined || one.ref === ref);
    held = held.filter((one) => !going.includes(one));
    for (const { end } of going) end(how);
  }
  return {
    provider: {
      ...provider,
      query: (attempt, options) => hold(attempt.attemptRef, 'query', options, () => provider.query(attempt, options)),
      close: (attempt, options) => hold(attempt.attemptRef, 'close', options, () => provider.close(attempt, options)),
      refund: (input, options) => hold(input.refundRef, 'refund', options, () => provider.refund(input, options)),
      queryRefund: (refund, options) =>
        hold(refund.refundRef, 'queryRefund', options, () => provider.queryRefund(refund, options)),
    },
    waiting: () => held.map(({ ref }) => ref),
    letGo,
  };
}
