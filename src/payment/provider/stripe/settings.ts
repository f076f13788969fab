export type StripeSecrets = {
  readonly accountId: string;
  readonly secretKey: string;
  readonly webhookSecrets: readonly string[];
  readonly baseUrl: string;
};

export type CheckedSettings = { readonly liveMode: boolean; readonly origin: URL };

/** Secrets of one endpoint that are live at once: two while one is being replaced, a few for several endpoints. */
const webhookSecretsMax = 8;

/** Throws an Error that names the setting and what it has to be, and never what it was. */
export function checkSettings({ accountId, secretKey, webhookSecrets, baseUrl }: StripeSecrets): CheckedSettings {
  if (!/^acct_[0-9A-Za-z]+$/.test(accountId)) throw new Error('accountId must be the acct_… of the Stripe account');
  const mode = /^[sr]k_(live|test)_[0-9A-Za-z]+$/.exec(secretKey)?.[1];
  if (mode === undefined)
    throw new Error(
      'secretKey must be a secret or restricted key of Stripe: sk_live_…, rk_live_…, sk_test_… or rk_test_…',
    );
  if (webhookSecrets.length === 0 || webhookSecrets.length > webhookSecretsMax)
    throw new Error(
      `webhookSecrets must be 1 to ${webhookSecretsMax} signing secrets of the webhook endpoint, whsec_…`,
    );
  if (!webhookSecrets.every((secret) => /^whsec_\S+$/.test(secret)))
    throw new Error('each of webhookSecrets must be a signing secret of the webhook endpoint: whsec_…');
  if (!URL.canParse(baseUrl)) throw new Error('url must be where the API is: https://api.stripe.com');
  const origin = new URL(baseUrl);
  if (origin.pathname !== '/' || origin.search !== '') throw new Error('url must have no path: https://api.stripe.com');
  const liveMode = mode === 'live';
  // Answers are not signed: TLS is all that says they are Stripe's.
  if (origin.protocol !== 'https:' && (liveMode || origin.protocol !== 'http:'))
    throw new Error('url must be https for a live key');
  return { liveMode, origin };
}
