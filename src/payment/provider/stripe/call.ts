import { createHash } from 'node:crypto';
import { Stripe } from 'stripe';
import type { Clock } from '../../../base/clock.ts';
import { failedCall, unbelievableAnswer } from '../failed-call.ts';
import { type Fetch, fetchAnswer, type RawAnswer } from '../fetch-answer.ts';
import { type CallOptions, type Evidence, ProviderError, type ProviderOperation } from '../provider.ts';
import { refusedCall } from './refusal.ts';

/** Its name for people. */
export const service = 'Stripe';

/** With which its client calls it. Its events come in the version that their endpoint was registered with. */
export const apiVersion: string = Stripe.API_VERSION;

export const answerBytesMax = 4 * 1024 * 1024;

export type CallSettings = {
  /** sk_… or rk_… */
  readonly secretKey: string;
  /** Scheme, host and port; Stripe's API has no path before `/v1`. */
  readonly origin: URL;
  readonly fetch: Fetch;
  readonly clock: Clock;
};

/** A 200 in JSON. What it says still has to be read. */
export type Answer = { readonly body: unknown; readonly evidence: Evidence };

/**
 * Makes one call with Stripe's own client; an operation of several calls has no other limit of time than the signal. Throws `ProviderError` where
 * no 200 came back.
 */
export type Caller = (
  operation: ProviderOperation,
  options: CallOptions,
  ask: (client: Stripe) => Promise<unknown>,
) => Promise<Answer>;

/** What came over the line in one call, which the client's own answers and errors do not tell. */
type Exchange = { answer: RawAnswer | null; failure: ProviderError | null };

/**
 * A client for each call, because the client has no way to be given up by its caller: the call's own `fetch` carries the signal, and keeps status,
 * headers and bytes. Any JSON without `error` is a success to the client, whatever its status, so the status is judged here.
 */
export function createCaller(settings: CallSettings): Caller {
  return async (operation, options, ask) => {
    const exchange: Exchange = { answer: null, failure: null };
    const client = openClient(settings, options, watchedFetch(settings.fetch, operation, options, exchange));
    let body: unknown;
    try {
      body = await ask(client);
    } catch (error) {
      if (exchange.failure !== null) throw exchange.failure;
      if (exchange.answer === null) throw failedCall(service, operation, error);
      throw refusedCall(operation, exchange.answer, error);
    }
    if (exchange.answer === null) throw failedCall(service, operation, new Error('the client made no call'));
    const evidence = makeEvidence(exchange.answer, settings.clock());
    const { status } = exchange.answer;
    if (status !== 200) throw unbelievable(operation, `its status is ${status}`, evidence);
    return { body, evidence };
  };
}

const openClient = ({ secretKey, origin }: CallSettings, { timeoutMs }: CallOptions, fetch: Fetch): Stripe =>
  new Stripe(secretKey, {
    protocol: origin.protocol === 'http:' ? 'http' : 'https',
    host: origin.hostname,
    port: origin.port === '' ? (origin.protocol === 'http:' ? 80 : 443) : origin.port,
    httpClient: Stripe.createFetchHttpClient(fetch),
    timeout: timeoutMs,
    // Who calls decides what is tried again, and keeps it in the rows; a retry in here would spend its time limit unseen.
    maxNetworkRetries: 0,
    // Sends measurements and the machine's system along, and keeps a file in the home folder.
    telemetry: false,
  });

const watchedFetch =
  (fetch: Fetch, operation: ProviderOperation, options: CallOptions, exchange: Exchange): Fetch =>
  async (input, init) => {
    const call = {
      service,
      operation,
      url: input instanceof Request ? input.url : String(input),
      method: init?.method === 'POST' ? 'POST' : 'GET',
      headers: Object.fromEntries(new Headers(init?.headers)),
      body: typeof init?.body === 'string' ? init.body : '',
      bytesMax: answerBytesMax,
    } as const;
    try {
      const { status, headers, body } = (exchange.answer = await fetchAnswer(fetch, call, options));
      return new Response(body.length === 0 ? null : new Uint8Array(body), { status, headers });
    } catch (error) {
      // A ProviderError bears no code of a closed connection, at which the client would call a second time, retries or not.
      if (error instanceof ProviderError) exchange.failure = error;
      throw error;
    }
  };

function makeEvidence({ status, headers, body }: RawAnswer, receivedAt: number): Evidence {
  const requestId = headers.get('request-id');
  const sentAt = Date.parse(headers.get('date') ?? '');
  return {
    receivedAt,
    httpStatus: status,
    bodySha256: createHash('sha256').update(body).digest('hex'),
    ...(requestId === null ? {} : { requestId }),
    ...(Number.isNaN(sentAt) ? {} : { clockSkewMs: sentAt - receivedAt }),
  };
}

/** A 200 that does not say what it must leaves the outcome open. */
export const unbelievable = (operation: ProviderOperation, why: string, evidence: Evidence): ProviderError =>
  unbelievableAnswer(service, operation, why, evidence);
