import { z } from 'zod';
import { dayMs } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { Store } from '../service/store.sql.ts';
import type { Timeline } from '../service/timeline.ts';
import { makeId } from './book.ts';

/** For how long an old signing secret goes on beside the new one, at the longest that Stripe lets one choose. */
const overlapMs = dayMs;

const secretRecord = z.object({ secret: z.string(), endsAtMs: z.int().nullable() });

const credentialsRecord = z.object({
  accountId: z.string(),
  secretKey: z.string(),
  /** Newest first. */
  webhookSecrets: z.array(secretRecord),
  webhook: z.object({ url: z.string(), events: z.array(z.string()) }).nullable(),
});

type CredentialsRecord = z.infer<typeof credentialsRecord>;

/** What a merchant has to know in order to talk to this simulator; it fits the client's options as it stands. */
export type AccountCredentials = {
  readonly accountId: string;
  readonly secretKey: string;
  readonly webhookSecrets: readonly string[];
};

export type Webhook = { readonly url: string; readonly events: readonly string[] };

export type Credentials = {
  readonly accountId: string;
  readonly secretKey: string;
  forMerchant(): AccountCredentials;
  /** Those with which an event is signed now: two while one is being replaced. */
  signingSecrets(): readonly string[];
  /** Makes a new signing secret; the old one signs too for a day. */
  rotate(): AccountCredentials;
  webhook(): Webhook | null;
  setWebhook(webhook: Webhook | null): void;
};

/** The credentials that the store has kept, else new ones; kept from then on. Test keys, because only those may be sent without TLS. */
export function loadCredentials(store: Store, timeline: Timeline, random: Random): Credentials {
  const [kept] = store.findAll('credentials');
  const newSecret = (): string => makeId(random, 'whsec_', 32);
  let record: CredentialsRecord =
    kept === undefined
      ? {
          accountId: makeId(random, 'acct_', 16),
          secretKey: makeId(random, 'sk_test_', 40),
          webhookSecrets: [{ secret: newSecret(), endsAtMs: null }],
          webhook: null,
        }
      : credentialsRecord.parse(kept);
  const keep = (next: CredentialsRecord): void => {
    record = next;
    store.put('credentials', 'account', record);
  };
  keep(record);
  const live = () => record.webhookSecrets.filter(({ endsAtMs }) => endsAtMs === null || timeline.now() < endsAtMs);
  const signingSecrets = () => live().map(({ secret }) => secret);
  const forMerchant = (): AccountCredentials => ({
    accountId: record.accountId,
    secretKey: record.secretKey,
    webhookSecrets: signingSecrets(),
  });
  return {
    accountId: record.accountId,
    secretKey: record.secretKey,
    forMerchant,
    signingSecrets,
    rotate() {
      const old = live().map((one) => ({ ...one, endsAtMs: one.endsAtMs ?? timeline.now() + overlapMs }));
      keep({ ...record, webhookSecrets: [{ secret: newSecret(), endsAtMs: null }, ...old.slice(0, 1)] });
      return forMerchant();
    },
    webhook: () => record.webhook,
    setWebhook: (webhook) =>
      keep({ ...record, webhook: webhook === null ? null : { url: webhook.url, events: [...webhook.events] } }),
  };
}
