import { failedCall } from './failed-call.ts';
import type { CallOptions, Fields, ProviderOperation } from './provider.ts';

export type Fetch = typeof globalThis.fetch;

export type OutgoingCall = {
  /** Its name for people: `WeChat Pay`. */
  readonly service: string;
  readonly operation: ProviderOperation;
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Fields;
  /** Empty for GET. */
  readonly body: string;
  /** Unpacked; an answer with more is as good as none. */
  readonly bytesMax: number;
};

export type RawAnswer = { readonly status: number; readonly headers: Headers; readonly body: Buffer };

/** One request and its whole answer, whatever its status; redirects are not followed. Throws `ProviderError` `unreachable` or `unknown` where none came. */
export async function fetchAnswer(send: Fetch, call: OutgoingCall, options: CallOptions): Promise<RawAnswer> {
  try {
    const response = await send(call.url, {
      method: call.method,
      headers: { 'user-agent': 'forecourt', ...call.headers },
      redirect: 'manual',
      signal: AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]),
      ...(call.body === '' ? {} : { body: call.body }),
    });
    return { status: response.status, headers: response.headers, body: await readBody(response, call.bytesMax) };
  } catch (error) {
    throw failedCall(call.service, call.operation, error);
  }
}

async function readBody(response: Response, bytesMax: number): Promise<Buffer> {
  if (response.body === null) return Buffer.alloc(0);
  // What an answer announces is its size as it is sent: packed, a thousandth of what has to be kept.
  const chunks: Uint8Array[] = [];
  let byteCount = 0;
  for await (const chunk of response.body) {
    byteCount += chunk.length;
    if (byteCount > bytesMax) throw new Error(`the answer has more than ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, byteCount);
}
