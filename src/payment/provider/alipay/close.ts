import type { AttemptName, CloseResult } from '../provider.ts';
import type { Answer } from './call.ts';
import { linkLivesMs } from './create.ts';
import { isBusiness, isNotFound, refusedCall } from './refusal.ts';

/** The trade is not one that waits for its payer: paid, finished or closed already. The query tells which. */
const endedCodes = [
  'ACQ.TRADE_STATUS_ERROR',
  'ACQ.REASON_TRADE_STATUS_INVALID',
  'ACQ.REASON_ILLEGAL_STATUS',
  'ACQ.TRADE_HAS_SUCCESS',
  'ACQ.TRADE_HAS_FINISHED',
  'ACQ.TRADE_HAS_CLOSE',
];

/**
 * What the service's answer to a close means. Throws `ProviderError` where it means nothing certain. A trade begins only when its payer scans
 * or signs in; before that there is nothing to close, and the code or page in his hand can be paid until its `time_expire`.
 */
export function closeResultOf(answer: Answer, attempt: AttemptName, nowMs: number): CloseResult {
  if (answer.ok) return { kind: 'closed' };
  if (isNotFound(answer.refused))
    return { kind: 'not_created', mayStillBePaidUntil: Math.max(nowMs, attempt.expiresAt ?? nowMs + linkLivesMs) };
  if (isBusiness(answer.refused) && endedCodes.includes(answer.refused.code ?? '')) return { kind: 'paid' };
  throw refusedCall('close', answer.refused);
}
