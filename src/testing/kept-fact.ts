import { toStoredFact } from '../journey/news.ts';
import { insertFacts } from '../payment/fact.sql.ts';
import type { PaymentFact, PaymentProvider } from '../payment/provider/provider.ts';
import type { TestJourney } from './journey.ts';

/** A notification that a node kept and acknowledged, and did not live to judge; nobody will ask for its attempt. */
export async function keepUnjudged(
  { journey, timeline }: Pick<TestJourney, 'journey' | 'timeline'>,
  provider: PaymentProvider,
  attemptRef: string,
  changes: Partial<PaymentFact> = {},
): Promise<void> {
  const said = await provider.query({ attemptRef }, { signal: new AbortController().signal, timeoutMs: 5_000 });
  const notification = { rawBody: Buffer.from('{}'), headers: {}, receivedAt: timeline.now() };
  const fact: PaymentFact = { ...said, source: 'notification', ...changes };
  const news = { provider, fact, kept: { dedupeId: attemptRef, notification } };
  await insertFacts(journey.db, [toStoredFact(news, timeline.now())]);
  await journey.db.query('update payment_attempts set poll_at = null where attempt_ref = $1', [attemptRef]);
}
