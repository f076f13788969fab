import { mainAccount, type PaymentProvider } from './provider/provider.ts';

/** An account at a payment service, with who uses it. */
export type PaymentAccount = {
  readonly provider: PaymentProvider;
  /** The stations that are paid through it; null: all that have no account of their own at this service. None: what was paid through it before is looked after. */
  readonly stations: readonly number[] | null;
  /** `always`: the service is asked once more before a signed notification of this account is believed. */
  readonly confirm: 'never' | 'always';
};

/** Whose account it was, as an attempt remembers it. */
export type AccountOwner = { readonly provider: string; readonly merchantId: string; readonly appId: string };

/** All accounts of the chain. */
export type PaymentAccounts = {
  readonly all: readonly PaymentAccount[];
  /** Where a new payment by this method at this station goes. */
  forNew(method: string, stationNumber: number): PaymentProvider | undefined;
  /** Where an attempt was made; one whose app was changed since is still known by its merchant. */
  of(owner: AccountOwner): PaymentProvider | undefined;
  /** By the names that stand in a notification's address. */
  named(service: string, account: string): PaymentProvider | undefined;
  mustConfirm(provider: PaymentProvider): boolean;
};

/**
 * Throws an Error that names both where two accounts would have the same name, the same station at one service, or the same owner: by that an attempt
 * finds its account again, so that one merchant's live and test keys, say, must not stand side by side.
 */
export function createAccounts(all: readonly PaymentAccount[]): PaymentAccounts {
  const byName = new Map<string, PaymentAccount>();
  const byStation = new Map<string, PaymentAccount>();
  const byOwner = new Map<string, PaymentAccount>();
  for (const one of all) {
    keep(byName, nameOf(one.provider), one);
    keep(byOwner, ownerOf(one.provider), one);
    for (const station of one.stations ?? [everywhere]) keep(byStation, `${one.provider.id} at ${station}`, one);
  }
  return {
    all,
    forNew: (method, stationNumber) =>
      (byStation.get(`${method} at ${stationNumber}`) ?? byStation.get(`${method} at ${everywhere}`))?.provider,
    of(owner) {
      const atService = all.map(({ provider }) => provider).filter(({ id }) => id === owner.provider);
      const ofMerchant = atService.filter(({ merchant }) => merchant.merchantId === owner.merchantId);
      return ofMerchant.find(({ merchant }) => merchant.appId === owner.appId) ?? ofMerchant[0];
    },
    named: (service, account) => byName.get(`${service}/${account}`)?.provider,
    mustConfirm: (provider) => byName.get(nameOf(provider))?.confirm === 'always',
  };
}

const everywhere = 'all other stations';
const ownerOf = ({ id, merchant }: PaymentProvider): string =>
  `app ${merchant.appId} of merchant ${merchant.merchantId} at ${id}`;
const nameOf = (provider: PaymentProvider): string => `${provider.id}/${provider.account}`;

function keep(accounts: Map<string, PaymentAccount>, key: string, account: PaymentAccount): void {
  const known = accounts.get(key);
  if (known !== undefined)
    throw new Error(`two accounts for ${key}: ${known.provider.account} and ${account.provider.account}`);
  accounts.set(key, account);
}

/** Where a service tells this account what happened, behind our own address. */
export const notificationPath = ({ id, account }: Pick<PaymentProvider, 'id' | 'account'>): string =>
  `/v1/notifications/${id}${account === mainAccount ? '' : `/${account}`}`;
