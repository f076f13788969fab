import { dayMs } from '../../base/clock.ts';
import { z } from 'zod';
import { canonicalText } from '../service/canonical.ts';
import type { Store } from '../service/store.sql.ts';
import type { Timeline } from '../service/timeline.ts';
import { type ApiAnswer, refusal } from './api-answer.ts';
import { openShelf } from './shelf.ts';

/** Stripe keeps a key for a day at least; here it is a day exactly, so that what comes after can be tried. */
const keptMs = dayMs;
const keysMax = 50_000;
const keyCharactersMax = 255;

const keyRecord = z.object({
  id: z.string(),
  /** Method, path and parameters of the first call, in one canonical text. */
  request: z.string(),
  requestId: z.string(),
  status: z.int(),
  body: z.unknown(),
  createdAtMs: z.int(),
});

export type KeyedRequest = {
  readonly key: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: unknown;
};

/** What the store makes of a call with a key: do it, or give this answer. `originalRequestId` marks an answer that was given before. */
export type KeyVerdict =
  | { readonly kind: 'new' }
  | { readonly kind: 'answer'; readonly answer: ApiAnswer; readonly originalRequestId?: string };

/**
 * The first answer to a call with an `Idempotency-Key`, be it a 500, is given to every later one with the same parameters. What was refused before
 * anything was begun is not kept.
 */
export type KeyStore = {
  judge(request: KeyedRequest): KeyVerdict;
  /** Until `end`, another call with the key is a conflict. */
  begin(key: string): void;
  end(request: KeyedRequest, answer: ApiAnswer, requestId: string): void;
};

export function openKeyStore(store: Store, timeline: Timeline): KeyStore {
  const keys = openShelf(store, 'idempotency-key', keyRecord, keysMax);
  const inUse = new Set<string>();
  const textOf = ({ method, path, parameters }: KeyedRequest): string => canonicalText({ method, path, parameters });
  return {
    judge(request) {
      const { key } = request;
      if (key.length > keyCharactersMax)
        return answered(refusal(400, { message: `Idempotency-Key must be at most ${keyCharactersMax} characters.` }));
      if (inUse.has(key)) return answered(conflict(key));
      const known = keys.get(key);
      if (known === undefined || timeline.now() >= known.createdAtMs + keptMs) return { kind: 'new' };
      if (known.request !== textOf(request)) return answered(otherParameters(key));
      const { status, body, requestId } = known;
      return { kind: 'answer', answer: { status, body }, originalRequestId: requestId };
    },
    begin: (key) => void inUse.add(key),
    end(request, { status, body }, requestId) {
      inUse.delete(request.key);
      const wasBegun = status < 400 || status === 402 || status >= 500;
      if (!wasBegun) return;
      keys.put({ id: request.key, request: textOf(request), requestId, status, body, createdAtMs: timeline.now() });
    },
  };
}

const answered = (answer: ApiAnswer): KeyVerdict => ({ kind: 'answer', answer });

const conflict = (key: string): ApiAnswer =>
  refusal(409, {
    code: 'idempotency_key_in_use',
    message: `There is currently another in-progress request using this Stripe-Idempotent-Key (${key}).`,
  });

const otherParameters = (key: string): ApiAnswer =>
  refusal(400, {
    type: 'idempotency_error',
    message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
  });
