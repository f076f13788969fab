import type { IncomingHttpHeaders } from 'node:http';
import { type ArrivedCall, type CallDesk, jsonAnswer, type WireAnswer } from '../service/call-desk.ts';
import type { CallFault } from '../service/faults.ts';
import type { Simulation } from '../service/simulation.ts';
import { type ApiAnswer, refusal } from './api-answer.ts';
import { makeId } from './book.ts';
import type { StripeFaults, StripeWords } from './faults.ts';
import { type FormValue, parseForm } from './form.ts';
import type { KeyedRequest, KeyStore } from './idempotency.ts';
import { apiVersion } from './objects.ts';
import { findWork, type Work, type WorkSettings } from './work.ts';

export type ApiSettings = WorkSettings & {
  readonly simulation: Simulation;
  readonly secretKey: string;
  readonly faults: StripeFaults;
  readonly keys: KeyStore;
  readonly origin: string;
};

type Fault = CallFault<StripeWords> | null;

/** Everything under `/v1/`. The API stands at the root of its host and nowhere else. */
export function openApi(settings: ApiSettings): CallDesk<StripeWords> {
  const { simulation, faults, origin } = settings;
  const { traffic, timeline } = simulation;
  return {
    faults,
    traffic,
    timeline,
    origin,
    find(call) {
      const work = findWork(settings, call.method, call.url.pathname);
      if (work === null) return null;
      return { operation: work.operation, answer: (fault) => answerCall(settings, call, work, fault) };
    },
    notFound: plain(
      refusal(404, {
        message: 'Unrecognized request URL. If you are trying to list objects, remove the trailing slash.',
      }),
    ),
    rateLimited: plain(
      refusal(429, {
        code: 'rate_limit',
        message: 'Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.',
      }),
    ),
    serverError: plain(serverError),
  };
}

const serverError = refusal(500, {
  type: 'api_error',
  message: 'Sorry! There was an error while talking to one of our backends.',
});

const plain = ({ status, body }: ApiAnswer): WireAnswer => jsonAnswer(status, body);

async function answerCall(settings: ApiSettings, call: ArrivedCall, work: Work, fault: Fault): Promise<WireAnswer> {
  const { simulation } = settings;
  if (fault?.kind === 'empty_json') return jsonAnswer(200, {});
  if (fault?.kind === 'json_502') return jsonAnswer(502, { message: 'Bad Gateway' });
  const requestId = makeId(simulation.random, 'req_', 14);
  const atMs = simulation.timeline.now() + (fault?.kind === 'clock_skew' ? fault.ms : 0);
  const done = await doWork(settings, call, work, fault, requestId);
  return jsonAnswer(done.answer.status, done.answer.body, {
    date: new Date(atMs).toUTCString(),
    'request-id': requestId,
    'stripe-version': apiVersion,
    ...done.headers,
  });
}

type Done = { readonly answer: ApiAnswer; readonly headers: Readonly<Record<string, string>> };

/** The caller, then the parameters, then the key, then the work itself. */
async function doWork(
  settings: ApiSettings,
  call: ArrivedCall,
  work: Work,
  fault: Fault,
  requestId: string,
): Promise<Done> {
  const { keys, simulation } = settings;
  const parameters = readParameters(call);
  const refused = refuseCaller(call.headers, settings.secretKey) ?? (parameters === null ? notAForm : null);
  if (refused !== null || parameters === null) return { answer: refused ?? notAForm, headers: {} };
  const key = call.method === 'POST' ? headerOf(call.headers, 'idempotency-key') : undefined;
  const request: KeyedRequest | null =
    key === undefined ? null : { key, method: call.method, path: call.url.pathname, parameters };
  const verdict = request === null ? { kind: 'new' as const } : keys.judge(request);
  const echo = key === undefined ? {} : { 'idempotency-key': key };
  if (verdict.kind === 'answer') {
    const { answer, originalRequestId } = verdict;
    const replay =
      originalRequestId === undefined ? {} : { 'idempotent-replayed': 'true', 'original-request': originalRequestId };
    return { answer, headers: { ...echo, ...replay } };
  }
  if (request !== null) keys.begin(request.key);
  if (fault?.kind === 'slow') await new Promise<void>((resolve) => simulation.timeline.after(fault.ms, resolve));
  const answer = perform(settings, work, parameters, fault);
  if (request !== null) keys.end(request, answer, requestId);
  return { answer, headers: echo };
}

function perform({ book, till }: ApiSettings, work: Work, parameters: Parameters, fault: Fault): ApiAnswer {
  if (fault?.kind === 'kept_500') return serverError;
  if (fault?.kind === 'paid_first') till.pay(book.sessions.get(work.id));
  const answer = work.perform(parameters);
  return fault?.kind === 'commit_then_kept_500' ? serverError : answer;
}

type Parameters = { readonly [name: string]: FormValue };

const notAForm = refusal(400, {
  message:
    'Invalid request: the parameters are not form-encoded. You may have sent JSON, which this version of the API does not take.',
});

function readParameters(call: ArrivedCall): Parameters | null {
  if (call.method === 'GET') return parseForm(call.url.search.slice(1));
  const type = headerOf(call.headers, 'content-type') ?? 'application/x-www-form-urlencoded';
  return type.startsWith('application/x-www-form-urlencoded') ? parseForm(call.body) : null;
}

/** `Authorization: Bearer sk_…`, or Basic with the key as the user. */
function refuseCaller(headers: IncomingHttpHeaders, secretKey: string): ApiAnswer | null {
  const key = keyOf(headers.authorization ?? '');
  if (key === secretKey) return null;
  if (key === '')
    return refusal(401, {
      message:
        'You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth.',
    });
  return refusal(401, { message: `Invalid API Key provided: ${key.slice(0, 8)}****${key.slice(-4)}` });
}

function keyOf(authorization: string): string {
  const [scheme = '', proof = ''] = authorization.split(' ');
  if (scheme === 'Bearer') return proof;
  return scheme === 'Basic' ? (Buffer.from(proof, 'base64').toString().split(':')[0] ?? '') : '';
}

function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}
