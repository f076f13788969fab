import { createHmac } from 'node:crypto';
import { dayMs, secondMs } from '../../base/clock.ts';
import type { Notice } from '../service/notice.ts';
import type { Delivered, Spoiling } from '../service/notifier.ts';
import { postNotice, type PostTools } from '../service/post-notice.ts';
import type { Credentials } from './credentials.ts';
import type { StripeWords } from './faults.ts';

/** How long the merchant may take is not published. */
const replyMsMax = 10 * secondMs;
const farAheadMs = 10 * dayMs;

export type DeliverySettings = PostTools & { readonly credentials: Credentials };

/** Sends one event, signed afresh: HMAC-SHA256 over `t.body` with each secret that is live. Any 2xx is accepted. */
export async function deliverEvent(
  settings: DeliverySettings,
  notice: Pick<Notice, 'url' | 'body'>,
  { kind, skewMs = 0 }: Spoiling<StripeWords>,
): Promise<Delivered> {
  const signedAtMs = settings.timeline.now() + (kind === 'from_future' ? farAheadMs : skewMs);
  const told = changeEvent(notice.body, kind);
  const secrets = kind === 'wrong_signature' ? ['whsec_of_somebody_else'] : settings.credentials.signingSecrets();
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
    ...(kind === 'unsigned' ? {} : { 'stripe-signature': signatureHeader(told, secrets, signedAtMs) }),
  };
  const body = kind === 'tampered' ? told.replace('"object": "event"', '"object": "Event"') : told;
  const { status } = await postNotice(settings, { url: notice.url, headers, body, replyMsMax, note: kind ?? null });
  return { status, accepted: status !== null && status >= 200 && status < 300 };
}

/** Test events bear a `v0` too, which is worth nothing. */
export function signatureHeader(body: string, secrets: readonly string[], atMs: number): string {
  const seconds = Math.floor(atMs / 1000);
  const sign = (secret: string): string => createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  const worthless = createHmac('sha256', 'nothing').update(body).digest('hex');
  return [`t=${seconds}`, ...secrets.map((secret) => `v1=${sign(secret)}`), `v0=${worthless}`].join(',');
}

/** An authentic event that is not right; it is changed before it is signed. */
function changeEvent(body: string, kind: Spoiling<StripeWords>['kind']): string {
  switch (kind) {
    case 'from_future':
      return body.replace(
        /"created": (\d+)/,
        (_all, seconds: string) => `"created": ${Number(seconds) + farAheadMs / 1000}`,
      );
    case 'other_mode':
      return body.replaceAll('"livemode": false', '"livemode": true');
    case 'other_amount':
      return body.replace(/"amount_total": \d+/, '"amount_total": 1');
    case 'other_currency':
      return body.replace(/"currency": "[a-z]{3}"/, '"currency": "xcd"');
    default:
      return body;
  }
}
