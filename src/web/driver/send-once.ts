import type { Answer, Problem } from './cloud.ts';
import { forgetKeyed, keyFor, type RandomBytes, readKeyed, type TextStore, writeKeyed } from './idempotency.ts';

export type KeyShelf = { readonly store: TextStore; readonly random: RandomBytes };

export type Sending<Body> = {
  /** What kind of thing is sent: one unanswered sending is remembered for each name. */
  readonly name: string;
  readonly body: string;
  readonly send: (body: string, key: string) => Promise<Answer<Body>>;
};

/** A server's own fault settles nothing; but when it says that the payment service is down, that attempt is over. */
const isSettled = ({ status, code }: Problem): boolean => status < 500 || code === 'payment_service_down';

/**
 * Sends a body so that it takes effect once: while no answer came (nor a server's own fault, 5xx), the next sending of the same body bears
 * the same key, also after a reload. An answer or a refusal settles it, and the key is forgotten.
 */
export async function sendOnce<Body>({ store, random }: KeyShelf, sending: Sending<Body>): Promise<Answer<Body>> {
  const keyed = keyFor(sending.body, readKeyed(store, sending.name), random);
  writeKeyed(store, sending.name, keyed);
  const answer = await sending.send(keyed.body, keyed.key);
  const settled = answer.kind === 'answered' || (answer.kind === 'refused' && isSettled(answer.problem));
  if (settled) forgetKeyed(store, sending.name);
  return answer;
}
