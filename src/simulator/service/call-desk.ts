import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { CallFault, Faults, FaultWords } from './faults.ts';
import { readText } from './http-body.ts';
import type { Timeline } from './timeline.ts';
import type { Traffic } from './traffic.ts';

const oversizeBytes = 8 * 1024 * 1024;
const html502 = '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>';

/** An answer as it goes over the wire. The content length is added. */
export type WireAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
};

/** A call whose body has been read. `target` is path and query as the caller signed them. */
export type ArrivedCall = {
  readonly method: string;
  readonly target: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

/**
 * What a call is about, and how it is answered: check the caller, do the work, sign. `fault` is the trouble ordered for this call, where it is one
 * that the service applies itself (`unsigned`, `wrong_signature`, `clock_skew`, and its own kinds); all others never arrive here.
 */
export type CallWork<Words extends FaultWords> = {
  readonly operation: Words['operations'][number];
  answer(fault: CallFault<Words> | null): WireAnswer | Promise<WireAnswer>;
};

export type CallDesk<Words extends FaultWords> = {
  readonly faults: Faults<Words>;
  readonly traffic: Traffic;
  readonly timeline: Timeline;
  /** Where the service is reached, without a slash at the end. */
  readonly origin: string;
  /** The work that a call asks for, or null where no such address is simulated. */
  find(call: ArrivedCall): CallWork<Words> | null;
  readonly notFound: WireAnswer;
  /** How this service words the two troubles that bear its own error format. */
  readonly rateLimited: WireAnswer;
  readonly serverError: WireAnswer;
};

/** Answers one call to the service's API, with the trouble that was ordered for it, and writes it into the traffic. */
export async function serveCall<Words extends FaultWords>(
  desk: CallDesk<Words>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = 'GET', url: target = '/', headers } = request;
  const body = await readText(request);
  if (body === null) return sendAnswer(response, { status: 413, headers: {}, body: '' });
  const work = desk.find({ method, target, url: new URL(desk.origin + target), headers, body });
  if (work === null) return sendAnswer(response, desk.notFound);
  const fault = desk.faults.takeForCall(work.operation);
  const log = (status: number | null, answer: string): void =>
    desk.traffic.add({
      atMs: desk.timeline.now(),
      direction: 'in',
      operation: work.operation,
      method,
      url: target,
      status,
      request: body,
      answer,
      note: fault?.kind ?? null,
    });
  if (fault?.kind === 'delay') await new Promise<void>((resolve) => desk.timeline.after(fault.ms, resolve));
  if (fault !== null && failBefore(fault.kind, response, desk)) return log(null, '');
  const answer = await work.answer(fault);
  if (fault !== null && failAfter(fault.kind, response, desk)) return log(null, '');
  log(answer.status, typeof answer.body === 'string' ? answer.body : `${answer.body.length} bytes`);
  sendAnswer(response, answer);
}

type Troubles = Pick<CallDesk<FaultWords>, 'rateLimited' | 'serverError'>;

/** Troubles that come before any work is done. True where the call has been dealt with. */
export function failBefore(kind: string, response: ServerResponse, troubles: Troubles): boolean {
  switch (kind) {
    case 'hang':
      return true;
    case 'reset':
      response.socket?.resetAndDestroy();
      return true;
    case 'rate_limited':
      sendAnswer(response, troubles.rateLimited);
      return true;
    case 'server_error':
      sendAnswer(response, troubles.serverError);
      return true;
    case 'html_502':
      sendAnswer(response, { status: 502, headers: { 'content-type': 'text/html; charset=utf-8' }, body: html502 });
      return true;
    case 'oversize':
      sendAnswer(response, {
        status: 200,
        headers: { 'content-type': 'text/html; charset=utf-8' },
        body: 'x'.repeat(oversizeBytes),
      });
      return true;
    default:
      return false;
  }
}

/** Troubles that lose only the answer. */
export function failAfter(kind: string, response: ServerResponse, troubles: Troubles): boolean {
  const troublesAfter = /^commit_then_(hang|reset|server_error|html_502)$/.exec(kind);
  return troublesAfter !== null && failBefore(troublesAfter[1] ?? '', response, troubles);
}

export function sendAnswer(response: ServerResponse, { status, headers, body }: WireAnswer): void {
  const length = body.length === 0 ? {} : { 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, { ...headers, ...length }).end(body);
}

/** A JSON answer, with the content type that goes with it; `undefined` is an empty body. */
export function jsonAnswer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): WireAnswer {
  if (body === undefined) return { status, headers, body: '' };
  return {
    status,
    headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
  };
}
