import { z } from 'zod';
import { secondMs } from '../../../base/clock.ts';
import { type CallOptions, type Health, ProviderError } from '../provider.ts';
import { apiVersion, type Caller } from './call.ts';
import { skewMsMax } from './webhook-signature.ts';

const balanceBody = z.object({ object: z.literal('balance'), livemode: z.boolean() });
const accountBody = z.object({ id: z.string() });

export type HealthSettings = { readonly call: Caller; readonly accountId: string; readonly liveMode: boolean };

/**
 * Reads the balance, which changes nothing, and then whose key it is, where the key may ask: nothing else that Stripe says names the account. A clock that is
 * off makes no call fail, but every event would be refused as stale.
 */
export async function askHealth(settings: HealthSettings, options: CallOptions): Promise<Health> {
  const { call, accountId, liveMode } = settings;
  try {
    const { body, evidence } = await call('query', options, (client) => client.balance.retrieve());
    const { clockSkewMs } = evidence;
    const told = { apiVersion, ...(clockSkewMs === undefined ? {} : { clockSkewMs }) };
    const bad = (detail: string): Health => ({ ok: false, detail, ...told });
    const balance = balanceBody.safeParse(body);
    if (!balance.success) return bad('unknown: Stripe gave no balance');
    if (balance.data.livemode !== liveMode) return bad('integrity: the balance is of the other mode');
    if (Math.abs(clockSkewMs ?? 0) > skewMsMax) {
      const seconds = Math.round((clockSkewMs ?? 0) / secondMs);
      return bad(
        `auth: Stripe's clock is ${seconds} s ahead of ours, so that its events cannot be believed: set the clock`,
      );
    }
    const owner = await askOwner(settings, options);
    if (owner !== null && owner !== accountId)
      return bad(`integrity: the secret key belongs to ${owner}, and the account is set to ${accountId}`);
    return { ok: true, ...told };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return { ok: false, kind: error.kind, detail: `${error.kind}: ${error.message}`, apiVersion };
  }
}

/** Null where the key is a restricted one that may not read its account. */
async function askOwner({ call }: HealthSettings, options: CallOptions): Promise<string | null> {
  try {
    const { body } = await call('query', options, (client) => client.accounts.retrieveCurrent());
    const account = accountBody.safeParse(body);
    return account.success ? account.data.id : null;
  } catch (error) {
    if (error instanceof ProviderError && error.kind === 'auth') return null;
    throw error;
  }
}
