import type { Language } from '../words.ts';

/** A refusal as RFC 9457 brings it: a stable code and what the driver reads. */
export type Problem = {
  readonly code: string;
  readonly status: number;
  readonly text: Readonly<Record<Language, string>>;
  /** What helps to do better, by the code: the new price, the limit. */
  readonly hint?: Readonly<Record<string, unknown>>;
};

/** `unanswered`: no reply, or one that is not the cloud's own (a proxy's 502 page). What was asked may have happened or not. */
export type Answer<Body> =
  | { readonly kind: 'answered'; readonly body: Body }
  | { readonly kind: 'refused'; readonly problem: Problem }
  | { readonly kind: 'unanswered' };

const answerWaitMaxMs = 15_000;

/** The way to the cloud: what is asked of it, each page knows for itself. `origin` is empty in the page itself. None of the calls rejects. */
export type Cloud = ReturnType<typeof connectCloud>;

export function connectCloud(origin = '') {
  return {
    origin,
    get: <Body>(path: string, headers: Headers = {}) => ask<Body>(origin + path, { headers }),
    /** `body` is JSON: the text itself, because an Idempotency-Key belongs to it. */
    post: <Body>(path: string, body: string, headers: Headers) =>
      ask<Body>(origin + path, {
        method: 'POST',
        body,
        headers: { ...headers, 'content-type': 'application/json' },
      }),
  };
}

type Headers = Readonly<Record<string, string>>;

async function ask<Body>(address: string, request: RequestInit): Promise<Answer<Body>> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), answerWaitMaxMs);
  try {
    const response = await fetch(address, { ...request, signal: patience.signal, cache: 'no-store' });
    const body: unknown = await response.json();
    // The cloud checks its messages before it sends them, from the page's own origin; a second check would double the page.
    if (response.ok) return { kind: 'answered', body: body as Body };
    return isProblem(body) ? { kind: 'refused', problem: body } : { kind: 'unanswered' };
  } catch {
    return { kind: 'unanswered' };
  } finally {
    clearTimeout(timer);
  }
}

function isProblem(body: unknown): body is Problem {
  if (typeof body !== 'object' || body === null) return false;
  const text: unknown = Reflect.get(body, 'text');
  if (typeof text !== 'object' || text === null) return false;
  const texts: unknown[] = [Reflect.get(body, 'code'), Reflect.get(text, 'zh-CN'), Reflect.get(text, 'en')];
  return typeof Reflect.get(body, 'status') === 'number' && texts.every((one) => typeof one === 'string');
}
