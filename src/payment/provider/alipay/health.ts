import type { Health } from '../provider.ts';
import type { Answer } from './call.ts';
import { isNotFound, refusedCall } from './refusal.ts';

/**
 * That the number is not known is the healthy answer. Alipay need not sign a refusal; where it does, and none of our keys made the signature,
 * no yes of it would be believed either.
 */
export function healthOf(answer: Answer): Health {
  const skew = skewOf(answer.evidence);
  if (answer.ok) return { ok: true, ...skew };
  if (!isNotFound(answer.refused)) {
    const { kind, message } = refusedCall('query', answer.refused);
    return { ok: false, detail: `${kind}: ${message}`, ...skew };
  }
  return answer.signature === 'bad_signature'
    ? { ok: false, detail: 'unknown: Alipay signed its answer with a key that is not among publicKeys', ...skew }
    : { ok: true, ...skew };
}

export const skewOf = ({ clockSkewMs }: { readonly clockSkewMs?: number }): Pick<Health, 'clockSkewMs'> =>
  clockSkewMs === undefined ? {} : { clockSkewMs };
