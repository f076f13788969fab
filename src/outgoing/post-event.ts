import { lookup } from 'node:dns/promises';
import { type IncomingMessage, request as requestByHttp } from 'node:http';
import { request as requestByHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { hostOf, mayConnect, readTarget, type TargetRefusal } from './target.ts';

/** One POST to a receiver. Never rejects: whatever happens is an outcome. */
export type PostEvent = (message: EventRequest) => Promise<PostOutcome>;

export type EventRequest = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type PostOutcome =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** The first characters of the answer's body. */
      readonly answer: string;
      /** How long the receiver asks to be left alone. */
      readonly retryAfterMs: number | null;
    }
  /** A name, and the system's own code where it has one: `connection_failed ECONNREFUSED`. */
  | { readonly kind: 'failed'; readonly error: string };

type PostFailure = TargetRefusal | 'name_unresolved' | 'address_refused' | 'connection_failed' | 'timeout';

export type Address = { readonly address: string; readonly family: number };

export type PostOptions = {
  /** All addresses of a name. */
  readonly resolve?: (host: string) => Promise<readonly Address[]>;
  /** Events may go to this machine itself, by http too. Never in earnest. */
  readonly loopback: boolean;
  readonly timeoutMs?: number;
};

/** From the resolving of the name to the end of the answer. */
export const postMsMax = 20_000;
const answerBytesMax = 64 * 1024;
const answerLengthKept = 500;

/** Posts by Node's own client: no redirect is followed, no connection is kept, and only addresses that were checked are connected to. */
export function createPostEvent(options: PostOptions): PostEvent {
  const { resolve = resolveHost, loopback, timeoutMs = postMsMax } = options;
  return async (message) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const target = readTarget(message.url, loopback);
    if ('refused' in target) return failed(target.refused);
    const host = hostOf(target.url);
    const addresses = isIP(host) === 0 ? await inTime(resolve(host), signal) : [{ address: host, family: isIP(host) }];
    if (addresses === null) return failed(signal.aborted ? 'timeout' : 'name_unresolved');
    // One inside address among them is enough for a refusal: it has no business there.
    if (addresses.some(({ address }) => !mayConnect(address, loopback))) return failed('address_refused');
    try {
      return await post(target.url, addresses, message, signal);
    } catch (error) {
      return signal.aborted ? failed('timeout') : failed('connection_failed', error);
    }
  };
}

const resolveHost = (host: string): Promise<readonly Address[]> => lookup(host, { all: true });

/** Null where the name has no address, or none in time. */
async function inTime(resolving: Promise<readonly Address[]>, signal: AbortSignal): Promise<readonly Address[] | null> {
  const timeout = new Promise<null>((resolve) => {
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
  const addresses = await Promise.race([resolving.catch(() => null), timeout]);
  return addresses === null || addresses.length === 0 ? null : addresses;
}

function post(
  url: URL,
  addresses: readonly Address[],
  message: EventRequest,
  signal: AbortSignal,
): Promise<PostOutcome> {
  // The name was resolved and its addresses were checked: the connection asks here and nobody else. The certificate is still that of the name.
  const lookup: LookupFunction = (_host, { all }, found) =>
    all === true ? found(null, [...addresses]) : found(null, addresses[0]?.address ?? '', addresses[0]?.family);
  const request = url.protocol === 'https:' ? requestByHttps : requestByHttp;
  return new Promise((resolve, reject) => {
    const sending = request(url, {
      method: 'POST',
      agent: false,
      lookup,
      signal,
      headers: {
        ...message.headers,
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(message.body)),
        'user-agent': 'Forecourt',
      },
    });
    // From here on the answer counts, whatever becomes of the connection.
    sending.on('response', (response) => resolve(readAnswer(response)));
    sending.on('error', reject);
    sending.end(message.body);
  });
}

/** The status decides; the body is only for the log, and one that is endless or breaks off takes nothing from the status. */
async function readAnswer(response: IncomingMessage): Promise<PostOutcome> {
  const chunks: Buffer[] = [];
  let byteCount = 0;
  try {
    for await (const chunk of response) {
      chunks.push(chunk);
      byteCount += chunk.length;
      if (byteCount >= answerBytesMax) break;
    }
  } catch {
    // What came until then is kept.
  }
  response.destroy();
  const text = new TextDecoder().decode(Buffer.concat(chunks).subarray(0, answerBytesMax));
  return {
    kind: 'answered',
    status: response.statusCode ?? 0,
    // PostgreSQL's text holds no NUL.
    answer: text.slice(0, answerLengthKept).replaceAll('\0', '\uFFFD'),
    retryAfterMs: readRetryAfter(response.headers['retry-after']),
  };
}

/** RFC 9110, 10.2.3, in seconds; the form with a date is not heeded. */
const readRetryAfter = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) * 1_000 : null;

function failed(failure: PostFailure, error?: unknown): PostOutcome {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? ` ${error.code}` : '';
  return { kind: 'failed', error: failure + code };
}
