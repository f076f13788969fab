import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { Fields, PaymentProvider } from './provider.ts';

/**
 * What an operator tells of an account. `text` stands as it is; `secret` comes from a file or the environment and may hold several lines; `keys` are
 * texts by name, each from a file.
 */
export type Setting = {
  readonly kind: 'text' | 'secret' | 'keys';
  readonly help: string;
  /** Used where the operator says nothing; a setting without one must be given. */
  readonly fallback?: string;
  /** Every call shows that it is right; one that the service refuses as not ours may mean that it is wrong. */
  readonly isShownByCalls?: true;
  /** What no call shows before the first payment does, in words. */
  readonly shownByPayment?: string;
};

/** The settings as they were read: `keys` settings stand in `keys`, all others in `texts`. None that must be given is missing. */
export type SettingValues = {
  readonly texts: Fields;
  readonly keys: Readonly<Record<string, Fields>>;
};

export type ProviderTools = {
  /** The operator's own name for the account. */
  readonly account: string;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly random: Random;
};

/** One payment service that accounts may be opened at: a folder beside this file, and a line in `registry.ts`. */
export interface PaymentService {
  readonly id: string;
  /** By their names in a file of accounts; in the environment `merchantId` of `wechat-pay` is `WECHAT_PAY_MERCHANT_ID`. */
  readonly settings: Readonly<Record<string, Setting>>;
  /** Parses every key, so that a wrong one throws here and not at the first payment. The error names the setting and what to do. */
  open(values: SettingValues, tools: ProviderTools): PaymentProvider;
}
