import { minuteMs } from '../../../base/clock.ts';
import type { CloseResult } from '../provider.ts';
import type { Answer } from './call.ts';
import { refusedCall } from './refusal.ts';

/** Version 2 of the API asked for five minutes between order and close; nobody says whether version 3 ever refuses for that. */
const tooEarlyMs = 5 * minuteMs;

/** A create that is still on its way is taken only while its signature is younger than this, so nothing can be paid after it. */
const requestLivesMs = 5 * minuteMs;

/**
 * What the service's answer to a close means. Throws `ProviderError` where it means nothing certain. A frequency limit can mean that the
 * payer is in the cashier at this moment, so it is `in_progress`: query.
 */
export function closeResultOf(answer: Answer, nowMs: number): CloseResult {
  if (answer.ok) return { kind: 'closed' };
  const { status, code } = answer.refused;
  if (status >= 500 || status === 401 || status === 202) throw refusedCall('close', answer.refused);
  if (status === 429) return { kind: 'in_progress' };
  switch (code) {
    case 'ORDERPAID':
      return { kind: 'paid' };
    case 'ORDER_CLOSED':
      return { kind: 'closed' };
    case 'USERPAYING':
    case 'FREQUENCY_LIMITED':
      return { kind: 'in_progress' };
    case 'ORDER_NOT_EXIST':
    case 'ORDERNOTEXIST':
      return { kind: 'not_created', mayStillBePaidUntil: nowMs + requestLivesMs };
    case 'INVALID_REQUEST':
    case 'TRADE_ERROR':
      return { kind: 'too_early', retryAt: nowMs + tooEarlyMs };
    default:
      throw refusedCall('close', answer.refused);
  }
}
