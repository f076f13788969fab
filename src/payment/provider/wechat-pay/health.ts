import { dayMs } from '../../../base/clock.ts';
import type { Health } from '../provider.ts';
import type { Answer } from './call.ts';
import type { PlatformKeys } from './platform-signature.ts';
import { isNotFound, refusedCall } from './refusal.ts';

/** That the number is not known is the healthy answer. */
export function healthOf(answer: Answer, warnings: readonly string[]): Health {
  const skew = skewOf(answer.evidence);
  if (answer.ok || isNotFound(answer.refused)) return { ok: true, warnings, ...skew };
  const { kind, message } = refusedCall('query', answer.refused);
  return { ok: false, detail: `${kind}: ${message}`, ...skew };
}

export const skewOf = ({ clockSkewMs }: { readonly clockSkewMs?: number }): Pick<Health, 'clockSkewMs'> =>
  clockSkewMs === undefined ? {} : { clockSkewMs };

const warnBeforeMs = 30 * dayMs;

/** The service's certificates that have ended, or end within thirty days. */
export const endingCertificates = (keys: PlatformKeys, now: number): readonly string[] =>
  [...keys].flatMap(([serial, { validUntil }]) => {
    if (validUntil === null || validUntil > now + warnBeforeMs) return [];
    const day = new Date(validUntil).toISOString().slice(0, 10);
    return [
      validUntil > now
        ? `platform certificate ${serial} ends on ${day}: add the next one, or the WeChat Pay public key, before then`
        : `platform certificate ${serial} ended on ${day} and is not believed any more: remove it and add the one that follows it`,
    ];
  });
