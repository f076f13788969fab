/**
 * Stripe publishes no vector of its webhook signature. Origin: the project's shared vectors (`stripe_webhook`), computed with
 * `webhooks.generateTestHeaderString` of stripe 23.1.0 and, apart from it, as HMAC-SHA256 over `t.payload`; both gave the same.
 */
export const computedWebhook = {
  secret: 'whsec_test_secret',
  timestampSeconds: 1_700_000_000,
  payload: '{\n  "id": "evt_test_webhook",\n  "object": "event"\n}',
  v1: '4f1cd7feda9826e746b7d482c4badebb657398df1099e1046364f6196a230150',
} as const;
