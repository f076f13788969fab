import type { PaymentService } from '../service.ts';
import { createStripe } from './stripe.ts';

/** What an operator tells of an account at Stripe. */
export const stripeService: PaymentService = {
  id: 'stripe',
  settings: {
    accountId: { kind: 'text', help: 'acct_… of the account' },
    secretKey: {
      kind: 'secret',
      help: 'a restricted key (rk_live_…) that may write Checkout Sessions and refunds and read PaymentIntents, charges and balance, or the secret key',
      isShownByCalls: true,
      shownByPayment: 'whether a restricted key may write Checkout Sessions and refunds',
    },
    webhookSecrets: {
      kind: 'secret',
      help: 'signing secret of the webhook endpoint (whsec_…); while it is being changed the new and the old one, a line each',
      shownByPayment: 'the webhook secret',
    },
    url: { kind: 'text', help: 'where the API is', fallback: 'https://api.stripe.com' },
  },
  open({ texts }, tools) {
    const text = (name: string): string => (texts[name] ?? '').trim();
    return createStripe({
      account: tools.account,
      fetch: tools.fetch,
      clock: tools.clock,
      accountId: text('accountId'),
      secretKey: text('secretKey'),
      webhookSecrets: text('webhookSecrets')
        .split(/[\s,]+/)
        .filter((secret) => secret !== ''),
      baseUrl: text('url'),
    });
  },
};
