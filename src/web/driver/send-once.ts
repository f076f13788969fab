import type { Answer } from './cloud.ts';
import { forgetKeyed, keyFor, type RandomBytes, readKeyed, type TextStore, writeKeyed } from './idempotency.ts';

export type KeyShelf = { readonly store: TextStore; readonly random: RandomBytes };

export type Sending<Body> = {
  /** What kind of thing is sent: one unanswered sending is remembered for each name. */
  readonly name: string;
  readonly body: string;
  readonly send: (body: string, key: string) => Promise<Answer<Body>>;
};

/**
 * Sends a body so that it takes effect once: while no answer came (nor a server's own fault, 5xx), the next sending of the same body bears
 * the same key, also after a reload. An answer or a refusal settles it, and the key is forgotten.
 */
export async function sendOnce<Body>({ store, random }: KeyShelf, sending: Sending<Body>): Promise<Answer<Body>> {
  const keyed = keyFor(sending.body, readKeyed(store, sending.name), random);
  writeKeyed(store, sending.name, keyed);
  const answer = await sending.send(keyed.body, keyed.key);
  const settled = answer.kind === 'answered' || (answer.kind === 'refused' && answer.problem.status < 500);
  if (settled) forgetKeyed(store, sending.name);
  return answer;
}
