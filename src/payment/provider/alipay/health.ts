import { secondMs } from '../../../base/clock.ts';
import type { Health } from '../provider.ts';
import type { Answer } from './call.ts';
import { isNotFound, refusedCall } from './refusal.ts';

/**
 * That the number is not known is the healthy answer. Alipay need not sign a refusal; where it does, and the signature is of another time or none of our
 * keys made it, no yes of it would be believed either.
 */
export function healthOf(answer: Answer): Health {
  const skew = skewOf(answer.evidence);
  if (answer.ok) return { ok: true, ...skew };
  if (!isNotFound(answer.refused)) {
    const { kind, message } = refusedCall('query', answer.refused);
    return { ok: false, kind, detail: `${kind}: ${message}`, ...skew };
  }
  switch (answer.signature) {
    case 'verified':
    case 'unsigned':
      return { ok: true, ...skew };
    case 'stale': {
      const seconds = Math.round((skew.clockSkewMs ?? 0) / secondMs);
      const detail = `auth: Alipay's clock is ${seconds} s ahead of ours, so that nothing it signs can be believed: set the clock`;
      return { ok: false, detail, ...skew };
    }
    case 'bad_signature': {
      const detail =
        'auth: Alipay signed its answer with a key that is not among publicKeys: give the 支付宝公钥 that the open platform shows for this app';
      return { ok: false, detail, ...skew };
    }
  }
}

export const skewOf = ({ clockSkewMs }: { readonly clockSkewMs?: number }): Pick<Health, 'clockSkewMs'> =>
  clockSkewMs === undefined ? {} : { clockSkewMs };
