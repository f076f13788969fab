import { dayMs, secondMs } from '../../../base/clock.ts';
import type { Health } from '../provider.ts';
import type { Answer } from './call.ts';
import type { PlatformKeys, SignatureVerdict } from './platform-signature.ts';
import { isNotFound, refusedCall } from './refusal.ts';

export type OurKeys = {
  readonly platformKeys: PlatformKeys;
  /** With which of them the service is asked to sign. */
  readonly preferredSerial: string;
  readonly now: number;
};

/**
 * That the number is not known is the healthy answer, if its signature holds: a yes that bears such a one is not believed, and no payment could begin. A
 * refusal need not be signed, and a probe is meant not to hold.
 */
export function healthOf(answer: Answer, keys: OurKeys): Health {
  const skew = skewOf(answer.evidence);
  const bad = (detail: string): Health => ({ ok: false, detail, ...skew });
  if (!answer.ok && !isNotFound(answer.refused)) {
    const { kind, message } = refusedCall('query', answer.refused);
    return { ...bad(`${kind}: ${message}`), kind };
  }
  const ended = endedPreferred(keys);
  if (ended !== null) return bad(`auth: ${ended}`);
  const doubt = answer.ok ? null : doubtOf(answer.signature, skew.clockSkewMs ?? 0);
  return doubt === null ? { ok: true, warnings: endingCertificates(keys), ...skew } : bad(`auth: ${doubt}`);
}

export const skewOf = ({ clockSkewMs }: { readonly clockSkewMs?: number }): Pick<Health, 'clockSkewMs'> =>
  clockSkewMs === undefined ? {} : { clockSkewMs };

const whereKeysAre =
  "give WeChat Pay's public key or certificate as the merchant platform has it, under its own serial";

/** Why no yes of the service would be believed, and what to do; null where nothing says so. */
function doubtOf(signature: SignatureVerdict, clockSkewMs: number): string | null {
  switch (signature) {
    case 'verified':
    case 'unsigned':
    case 'probe':
      return null;
    case 'unknown_key':
      return `WeChat Pay signed its answer with a key that is not among platformKeys, or has ended: ${whereKeysAre}`;
    case 'stale': {
      const seconds = Math.round(clockSkewMs / secondMs);
      return `WeChat Pay's clock is ${seconds} s ahead of ours, so that nothing it signs can be believed: set the clock`;
    }
    case 'bad_signature':
      return `the signature of WeChat Pay's answer does not hold under the key that platformKeys has for it: ${whereKeysAre}`;
  }
}

const dayOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);

/** Without the key that is asked for there is no answer to believe; where it is the only one, no notification either. */
function endedPreferred({ platformKeys, preferredSerial, now }: OurKeys): string | null {
  const validUntil = platformKeys.get(preferredSerial)?.validUntil ?? null;
  if (validUntil === null || validUntil >= now) return null;
  return `platform certificate ${preferredSerial}, the first of platformKeys, ended on ${dayOf(validUntil)}: put the one that follows it, or the WeChat Pay public key, in its place`;
}

const warnBeforeMs = 30 * dayMs;

/** The service's certificates that have ended, or end within thirty days. */
const endingCertificates = ({ platformKeys, now }: OurKeys): readonly string[] =>
  [...platformKeys].flatMap(([serial, { validUntil }]) => {
    if (validUntil === null || validUntil > now + warnBeforeMs) return [];
    const day = dayOf(validUntil);
    return [
      validUntil > now
        ? `platform certificate ${serial} ends on ${day}: add the next one, or the WeChat Pay public key, before then`
        : `platform certificate ${serial} ended on ${day} and is not believed any more: remove it and add the one that follows it`,
    ];
  });
