import { createHmac } from 'node:crypto';
import { secondMs } from '../base/clock.ts';

/** What is signed and sent: `webhook-id`, the body, and the time of this try in ms since 1970. */
export type Signable = { readonly eventId: string; readonly sentAt: number; readonly body: string };

/**
 * The headers of Standard Webhooks (spec/standard-webhooks.md, version 1.0.0, "Signature scheme"): one `v1` signature, HMAC-SHA256 over
 * `id.timestamp.body` in base64, for each secret, separated by a space.
 */
export function signEvent(message: Signable, secrets: readonly Uint8Array[]): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(message.sentAt / secondMs));
  const content = `${message.eventId}.${timestamp}.${message.body}`;
  const sign = (secret: Uint8Array): string => `v1,${createHmac('sha256', secret).update(content).digest('base64')}`;
  return {
    'webhook-id': message.eventId,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map(sign).join(' '),
  };
}
