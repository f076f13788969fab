import type { AddressInfo, Socket } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { BatchQueueFull } from '../base/batcher.ts';
import { isRefusal, type Refusal, refuse } from '../base/problem.ts';
import type { Journey } from '../journey/journey.ts';
import { securityHeaders, servePages } from './pages.ts';
import { problemType, toProblem } from './problem-reply.ts';
import type { Call, Reply, Route } from './route.ts';
import { closeStreams, writeStream } from './stream-reply.ts';
import { allRoutes } from './urls.ts';

/** The HTTP side of the cloud: parses once at the edge, calls the routes of `urls.ts`, writes answers and refusals. */
export type Server = { readonly url: string; stop(): Promise<void> };

export type ServerOptions = {
  readonly journey: Journey;
  readonly host: string;
  readonly port: number;
  /** True behind a proxy that sets `X-Forwarded-For`. */
  readonly trustProxy: boolean;
  /** Hears what went wrong inside; the caller only learns that something did. */
  readonly onError: (error: unknown, method: string, url: string) => void;
};

const bodyBytesMax = 512 * 1024;
const requestMsMax = 30_000;
const idempotencyKeyPattern = /^[A-Za-z0-9_-]{16,64}$/;

export async function startServer(options: ServerOptions): Promise<Server> {
  const app = Fastify({
    // What the framework refuses by itself speaks our language too.
    frameworkErrors: (error, request, reply) => void writeProblem(reply, explainError(error, request, options)),
    clientErrorHandler: refuseUnreadable,
    bodyLimit: bodyBytesMax,
    trustProxy: options.trustProxy,
    requestTimeout: requestMsMax,
    forceCloseConnections: true,
  });
  app.removeAllContentTypeParsers();
  // Bytes stay bytes until a signature over them was checked.
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body));
  app.addHook('onSend', async (_, reply) => void reply.headers(securityHeaders));
  app.setErrorHandler((error, request, reply) => writeProblem(reply, explainError(error, request, options)));
  app.setNotFoundHandler((_, reply) => writeProblem(reply, refuse('not_found')));
  for (const one of allRoutes(options.journey)) serve(app, one);
  await servePages(app);
  await app.listen({ host: options.host, port: options.port });
  return { url: addressOf(app, options.host), stop: () => stop(app) };
}

function addressOf(app: FastifyInstance, host: string): string {
  // A server that listens on TCP has an address of this kind.
  const { port } = app.server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

async function stop(app: FastifyInstance): Promise<void> {
  closeStreams(app.server);
  await app.close();
}

function serve(app: FastifyInstance, one: Route): void {
  app.route({
    method: one.method,
    url: one.url,
    async handler(request, reply) {
      const call = readCall(one, request);
      const answer = isRefusal(call) ? call : await one.handle(call);
      return isRefusal(answer) ? writeProblem(reply, answer) : write(reply, answer);
    },
  });
}

function readCall(
  one: Route,
  request: FastifyRequest,
): Call<Readonly<Record<string, string>>, unknown, unknown> | Refusal {
  const headers = readHeaders(request);
  const key = headers['idempotency-key'];
  if (one.creates && key === undefined) return refuse('idempotency_key_missing');
  if (one.creates && !idempotencyKeyPattern.test(key ?? '')) return refuse('idempotency_key_invalid');
  const rawBody = request.body instanceof Uint8Array ? request.body : new Uint8Array();
  const query = one.query === null ? { success: true as const, data: null } : one.query.safeParse(request.query);
  if (!query.success) return refuse('malformed_body', { issues: describeIssues(query.error) });
  const body = one.body === null ? { success: true as const, data: null } : one.body.safeParse(parseJson(rawBody));
  if (!body.success) return refuse('malformed_body', { issues: describeIssues(body.error) });
  return {
    // Fastify's router gives every parameter as text.
    params: request.params as Readonly<Record<string, string>>,
    query: query.data,
    body: body.data,
    rawBody,
    headers,
    method: request.method,
    target: request.raw.url ?? '',
    ip: request.ip,
  };
}

const issuesMax = 5;
const describeIssues = (error: z.ZodError): readonly string[] =>
  error.issues.slice(0, issuesMax).map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);

function readHeaders({ headers }: FastifyRequest): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) texts[name] = typeof value === 'string' ? value : value.join(', ');
  return texts;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** What no schema accepts, where the bytes are no JSON in UTF-8. */
function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    return undefined;
  }
}

function write(reply: FastifyReply, answer: Reply): FastifyReply {
  if ('stream' in answer) return writeStream(reply, answer.stream);
  if ('json' in answer) {
    return reply
      .code(answer.status)
      .headers({ 'cache-control': 'no-store', ...answer.headers })
      .type('application/json; charset=utf-8')
      .send(JSON.stringify(answer.json));
  }
  return reply
    .code(answer.status)
    .headers({ 'cache-control': 'no-store', ...answer.headers })
    .send(answer.status === 204 ? undefined : answer.text);
}

const writeProblem = (reply: FastifyReply, refusal: Refusal): FastifyReply => {
  const problem = toProblem(refusal);
  return reply
    .code(problem.status)
    .headers({ 'cache-control': 'no-store' })
    .type(problemType)
    .send(JSON.stringify(problem));
};

/** A request that is no HTTP, or whose headers are too large, never gets as far as a route. */
function refuseUnreadable(error: Error & { readonly code?: string }, socket: Socket): void {
  if (socket.destroyed || error.code === 'ECONNRESET') return;
  const problem = toProblem(refuse(error.code === 'HPE_HEADER_OVERFLOW' ? 'headers_too_large' : 'malformed_body'));
  const text = JSON.stringify(problem);
  const head = `HTTP/1.1 ${problem.status} Refused\r\ncontent-type: ${problemType}\r\ncontent-length: ${Buffer.byteLength(text)}`;
  socket.end(`${head}\r\nconnection: close\r\n\r\n${text}`);
}

function explainError(error: unknown, request: FastifyRequest, options: ServerOptions): Refusal {
  if (error instanceof BatchQueueFull) return refuse('too_many_requests');
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return refuse('body_too_large');
  if (code === 'FST_ERR_BAD_URL' || code === 'FST_ERR_MAX_PARAM_LENGTH') return refuse('not_found');
  if (typeof code === 'string' && code.startsWith('FST_ERR_CTP')) return refuse('malformed_body');
  options.onError(error, request.method, request.routeOptions.url ?? request.url);
  return refuse('internal_error');
}
