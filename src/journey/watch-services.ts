import { createAccounts, type PaymentAccounts } from '../payment/account.ts';
import { type Availability, availabilityAfter, freshAvailability, isDown } from '../payment/availability.ts';
import { type PaymentProvider, ProviderError } from '../payment/provider/provider.ts';
import type { Alarm } from './alarm.ts';
import { callOptions } from './call-provider.ts';

/**
 * Hears how every call to a payment service ends. A method whose service stopped answering is not offered any more; while it is down it is asked how it
 * is, and comes back by itself. Each node sees for itself.
 */
export type ServiceWatch = {
  /** The same accounts; whatever is asked of them is heard. */
  readonly accounts: PaymentAccounts;
  /** Of the methods that a station takes those that can be paid by just now, in the station's order. */
  offered(station: StationMethods): readonly string[];
  isDown(provider: PaymentProvider): boolean;
  /** Asks those that are down how they are. */
  probe(): Promise<void>;
};

export type StationMethods = {
  readonly stationNumber: number;
  readonly methods: readonly string[];
  readonly currency: string;
};

type Hear = <Answer>(call: Promise<Answer>) => Promise<Answer>;

export function watchServices(accounts: PaymentAccounts, alarm: Alarm): ServiceWatch {
  const states = new Map<string, Availability>();
  const stateOf = (provider: PaymentProvider): Availability => states.get(keyOf(provider)) ?? freshAvailability;

  function note(provider: PaymentProvider, failure: ProviderError | null): void {
    const before = stateOf(provider);
    const after = availabilityAfter(before, failure);
    states.set(keyOf(provider), after);
    if (isDown(before) !== isDown(after))
      alarm(isDown(after) ? 'payment_service_down' : 'payment_service_back', {
        provider: provider.id,
        account: provider.account,
        ...(failure === null ? {} : { why: failure.message }),
      });
  }

  const hearAll = (provider: PaymentProvider): PaymentProvider =>
    heardBy(provider, async (call) => {
      try {
        const answer = await call;
        note(provider, null);
        return answer;
      } catch (error) {
        if (error instanceof ProviderError) note(provider, error);
        throw error;
      }
    });

  const watched = createAccounts(accounts.all.map((account) => ({ ...account, provider: hearAll(account.provider) })));
  return {
    accounts: watched,
    offered: ({ stationNumber, methods, currency }) =>
      methods.filter((method) => {
        const provider = watched.forNew(method, stationNumber);
        return provider?.capabilities.currencies.includes(currency) === true && !isDown(stateOf(provider));
      }),
    isDown: (provider) => isDown(stateOf(provider)),
    async probe() {
      const down = accounts.all.map(({ provider }) => provider).filter((provider) => isDown(stateOf(provider)));
      await Promise.all(
        down.map(async (provider) => {
          if ((await provider.health(callOptions())).ok) note(provider, null);
        }),
      );
    },
  };
}

const keyOf = (provider: PaymentProvider): string => `${provider.id}/${provider.account}`;

const heardBy = (provider: PaymentProvider, hear: Hear): PaymentProvider => ({
  ...provider,
  create: (input, options) => hear(provider.create(input, options)),
  query: (attempt, options) => hear(provider.query(attempt, options)),
  close: (attempt, options) => hear(provider.close(attempt, options)),
  refund: (input, options) => hear(provider.refund(input, options)),
  queryRefund: (refund, options) => hear(provider.queryRefund(refund, options)),
});
