import { Stripe } from 'stripe';
import { minuteMs, secondMs } from '../../../base/clock.ts';
import type { NotificationRejection, RawNotification } from '../provider.ts';

/** An event that was signed this long before or after now, by our clock, is refused. */
export const skewMsMax = 5 * minuteMs;

/** An event whose signature held, decoded and not yet read; or why it is not believed. */
export type OpenedEvent =
  | { readonly kind: 'event'; readonly event: unknown }
  | { readonly kind: 'rejected'; readonly reason: NotificationRejection };

const rejected = (reason: NotificationRejection): OpenedEvent => ({ kind: 'rejected', reason });

/**
 * Checks `Stripe-Signature: t=…,v1=…` (HMAC-SHA256 over `t.body`) against each secret that is live; during a rotation there are two of them, and the
 * header may hold two `v1`. Refusals in the order in which they are checked: bad_signature (none at all), stale, bad_signature, malformed (signed, but no
 * JSON). Stripe's own check takes any time that lies ahead, so both sides are checked here first.
 */
export function openEvent(secrets: readonly string[], { rawBody, headers, receivedAt }: RawNotification): OpenedEvent {
  const header = headers['stripe-signature'] ?? '';
  const signedAt = signedAtMs(header);
  if (signedAt === null) return rejected('bad_signature');
  if (Math.abs(receivedAt - signedAt) > skewMsMax) return rejected('stale');
  for (const secret of secrets) {
    try {
      const toleranceSeconds = skewMsMax / secondMs;
      const event: unknown = Stripe.webhooks.constructEvent(
        Buffer.from(rawBody.buffer, rawBody.byteOffset, rawBody.byteLength),
        header,
        secret,
        toleranceSeconds,
        undefined,
        receivedAt,
      );
      return { kind: 'event', event };
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeSignatureVerificationError)) return rejected('malformed');
    }
  }
  return rejected('bad_signature');
}

/** Of several times the last one counts, as in Stripe's own check, which signs with the time that it reads. */
function signedAtMs(header: string): number | null {
  const times = header.split(',').flatMap((part) => (part.startsWith('t=') ? [part.slice('t='.length)] : []));
  const seconds = times.at(-1) ?? '';
  return /^\d{1,12}$/.test(seconds) ? Number(seconds) * secondMs : null;
}
