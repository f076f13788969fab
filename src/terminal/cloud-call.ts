import { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import { type Deadline, createDeadline } from './retry.ts';
import type { TerminalKey } from './terminal-key.ts';
import { signRequest } from './terminal-signature.ts';

/** All that a signed call to the cloud needs. */
export type Cloud = {
  readonly url: URL;
  readonly key: TerminalKey;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
};

export type CloudRequest = {
  readonly method: 'GET' | 'POST';
  /** Below the cloud's address, for example `v1/terminal/feed`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
};

/** Calls the cloud, signed. Rejects where no answer came within the deadline; the caller ends the deadline. */
export function callCloud(cloud: Cloud, request: CloudRequest, deadline: Deadline): Promise<Response> {
  const { method, path, body } = request;
  const base = cloud.url.href.endsWith('/') ? cloud.url : new URL(`${cloud.url.href}/`);
  const url = new URL(path, base);
  const target = url.pathname + url.search;
  const signed = signRequest(
    cloud.key,
    body === undefined ? { method, target } : { method, target, body },
    cloud.clock(),
  );
  return cloud.fetch(url, {
    method,
    headers: { ...request.headers, ...signed },
    signal: deadline.signal,
    // A signature holds for one address; a redirect would send it elsewhere.
    redirect: 'error',
    ...(body === undefined ? {} : { body }),
  });
}

/** One call with its own time limit for answer and body. */
export async function withDeadline<Answer>(
  ms: number,
  signal: AbortSignal,
  call: (deadline: Deadline) => Promise<Answer>,
): Promise<Answer> {
  const deadline = createDeadline(ms, signal);
  try {
    return await call(deadline);
  } finally {
    deadline.end();
  }
}

const problemCharsMax = 4_096;
const problemMessage = z.object({ code: z.string().regex(/^[a-z_]{1,64}$/) });

/** The stable `code` of a problem answer (RFC 9457), or null where the answer is none of ours (a proxy's page, an empty body). */
export async function readProblemCode(response: Response): Promise<string | null> {
  const text = await response.text().catch(() => '');
  if (text.length > problemCharsMax) return null;
  try {
    return problemMessage.safeParse(JSON.parse(text)).data?.code ?? null;
  } catch {
    return null;
  }
}
