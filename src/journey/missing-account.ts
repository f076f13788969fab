import { type Clock, hourMs } from '../base/clock.ts';
import type { AccountOwner, PaymentAccounts } from '../payment/account.ts';
import type { StoredFact } from '../payment/fact.ts';
import type { PaymentProvider } from '../payment/provider/provider.ts';
import type { Alarm } from './alarm.ts';

/**
 * Rows outlive the configuration: an account may be renamed, or be gone while money is still on its way through it. Then a person is told; what is owed
 * or open stays as it is, comes up again, and goes on when the account is configured once more.
 */
export type AccountsWorld = { readonly accounts: PaymentAccounts; readonly alarm: Alarm };

/** Where an attempt was made; undefined after a person was told. */
export function accountOf(
  { accounts, alarm }: AccountsWorld,
  owner: AccountOwner & { readonly attemptRef: string },
): PaymentProvider | undefined {
  const provider = accounts.of(owner);
  const { provider: service, merchantId, attemptRef } = owner;
  if (provider === undefined) alarm('payment_account_missing', { provider: service, merchantId, attemptRef });
  return provider;
}

/** Through which account a kept fact came: that of its name, or else its merchant's; undefined after a person was told. */
export function accountOfFact({ accounts, alarm }: AccountsWorld, stored: StoredFact): PaymentProvider | undefined {
  const { provider: service, account, attemptRef, fact } = stored;
  const { merchantId, appId = '' } = fact;
  const ofMerchant = () =>
    merchantId === undefined ? undefined : accounts.of({ provider: service, merchantId, appId });
  const provider = accounts.named(service, account) ?? ofMerchant();
  if (provider === undefined) alarm('payment_account_missing', { provider: service, account, merchantId, attemptRef });
  return provider;
}

const accountsRememberedMax = 1_000;

/** Lets through that an account is missing not more often than once an hour for the same account, and all other alarms. */
export function tellMissingHourly(alarm: Alarm, now: Clock): Alarm {
  const toldAt = new Map<string, number>();
  return (name, detail) => {
    if (name === 'payment_account_missing') {
      const account = [detail['provider'], detail['account'], detail['merchantId']].join(' ');
      const before = toldAt.get(account);
      if (before !== undefined && Math.abs(now() - before) < hourMs) return;
      // Set anew it is the last one in the map, and the first is the one that was told longest ago.
      toldAt.delete(account);
      toldAt.set(account, now());
      const [oldest] = toldAt.keys();
      if (toldAt.size > accountsRememberedMax && oldest !== undefined) toldAt.delete(oldest);
    }
    alarm(name, detail);
  };
}
