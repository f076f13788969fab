import { z } from 'zod';
import { type Clock, dayMs, minuteMs, secondMs } from '../../../base/clock.ts';
import {
  type AttemptName,
  type CallOptions,
  type Evidence,
  ProviderError,
  type ProviderOperation,
} from '../provider.ts';
import { type Caller, unbelievable } from './call.ts';

/** Our clock and Stripe's may differ so much. */
const skewMsMax = 5 * minuteMs;
/** How far back an attempt is looked for of which only the reference is known. */
const lookBackMs = 2 * dayMs;
const pageRows = 100;
/** A thousand sessions of one account within one order's life. */
const pagesMax = 10;

const page = z.object({
  has_more: z.boolean(),
  data: z.array(z.object({ id: z.string(), client_reference_id: z.string().nullish() })),
});

/** The session's name, or null where the account has none of this reference; `evidence` is of the last page that was read. */
export type FoundSession = { readonly sessionId: string | null; readonly evidence: Evidence };

/**
 * Finds the session of an attempt whose create never brought an answer. Stripe finds nothing by `client_reference_id`, so the sessions made in the
 * attempt's life are read, newest first. Throws `ProviderError` `unknown` where more were made than are read: then nobody can say.
 */
export async function findSession(
  call: Caller,
  operation: ProviderOperation,
  attempt: AttemptName,
  options: CallOptions,
  clock: Clock,
): Promise<FoundSession> {
  const created = createdBounds(attempt, clock());
  let after: string | undefined;
  for (let number = 1; number <= pagesMax; number += 1) {
    const rest = after === undefined ? {} : { starting_after: after };
    const { body, evidence } = await call(operation, options, (client) =>
      client.checkout.sessions.list({ created, limit: pageRows, ...rest }),
    );
    const parsed = page.safeParse(body);
    if (!parsed.success) throw unbelievable(operation, 'it is no list of sessions', evidence);
    const { data, has_more: hasMore } = parsed.data;
    const found = data.find((one) => one.client_reference_id === attempt.attemptRef);
    after = data.at(-1)?.id;
    if (found !== undefined || !hasMore || after === undefined) return { sessionId: found?.id ?? null, evidence };
  }
  throw new ProviderError(
    'unknown',
    operation,
    `Stripe has more than ${pagesMax * pageRows} sessions of the time of ${attempt.attemptRef}`,
  );
}

/** Whole seconds since 1970, both included. */
function createdBounds({ createdAt, expiresAt }: AttemptName, now: number): { gte: number; lte: number } {
  const from = createdAt === undefined ? now - lookBackMs : createdAt - skewMsMax;
  const until = (expiresAt ?? now) + skewMsMax;
  return { gte: Math.floor(from / secondMs), lte: Math.ceil(until / secondMs) };
}
