import { commonNoticeFaultKinds, type Faults, type FaultWords } from '../service/faults.ts';

/**
 * Stripe signs no answer, so no answer can be signed wrongly; `clock_skew` of a call is a `Date` that is wrong. `kept_500`: a 500 that the idempotency store
 * gives again. `slow`: the work takes `ms`, and its key is in use for so long. `empty_json` and `json_502`: JSON that is none of Stripe's, as of something in
 * between. `paid_first`: the payer pays in the moment in which the session is expired.
 */
export const faultWords = {
  operations: ['create', 'query', 'find', 'close', 'refund', 'queryRefund', 'bill', 'health', 'events'],
  callKinds: [
    'hang',
    'commit_then_hang',
    'reset',
    'commit_then_reset',
    'rate_limited',
    'server_error',
    'commit_then_server_error',
    'html_502',
    'commit_then_html_502',
    'oversize',
    'delay',
    'clock_skew',
    'kept_500',
    'commit_then_kept_500',
    'slow',
    'empty_json',
    'json_502',
    'paid_first',
  ],
  noticeKinds: [...commonNoticeFaultKinds, 'from_future', 'other_mode', 'other_amount', 'other_currency'],
} as const satisfies FaultWords;

export type StripeWords = typeof faultWords;
export type StripeFaults = Faults<StripeWords>;
export type ApiOperation = StripeWords['operations'][number];
