import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ApiAnswer, refusal } from './api-answer.ts';
import { checkCaller } from './caller-check.ts';
import type { Credentials } from './credentials.ts';
import type { ApiFaultKind, Faults } from './faults.ts';
import { readText } from './http-body.ts';
import { randomHex } from './ledger.ts';
import { signedHeaders } from './platform-signer.ts';
import type { Traffic } from './traffic.ts';
import { findWork, type WorkSettings } from './work.ts';

const oversizeBytes = 8 * 1024 * 1024;

export type ServiceSettings = WorkSettings & {
  readonly credentials: Credentials;
  readonly faults: Faults;
  readonly traffic: Traffic;
};

/** Answers one call under `/v3/`. */
export async function serveApi(
  settings: ServiceSettings,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { credentials, ledger, faults, traffic } = settings;
  const { method = 'GET', url: target = '/' } = request;
  const body = await readText(request);
  if (body === null) return sendPlain(response, 413, '');
  const work = findWork(settings, { method, url: new URL(target, settings.origin), body });
  if (work === null) return sendJson(response, refusal(404, 'RESOURCE_NOT_EXISTS', '接口不存在'), {});
  const fault = faults.takeForCall(work.operation);
  const log = (status: number | null, answerText: string): void =>
    traffic.add({
      atMs: ledger.timeline.now(),
      direction: 'in',
      operation: work.operation,
      method,
      url: target,
      status,
      request: body,
      answer: answerText,
      note: fault?.kind ?? null,
    });
  if (fault?.kind === 'delay') await new Promise<void>((resolve) => ledger.timeline.after(fault.ms, resolve));
  if (fault !== null && failBefore(fault.kind, response)) return log(null, '');
  const result =
    checkCaller(
      { method, target, body, authorization: request.headers.authorization },
      credentials,
      ledger.timeline.now(),
    ) ?? work.perform();
  if (fault !== null && failAfter(fault.kind, response)) return log(null, '');
  if (result.file !== undefined) {
    log(result.status, `${result.file.length} bytes`);
    response.writeHead(result.status, { 'content-type': 'text/plain; charset=utf-8' }).end(result.file);
    return;
  }
  const wish = headerOf(request, 'wechatpay-serial');
  const key = credentials.answerKey(wish);
  if (key === null) return sendJson(response, refusal(400, 'PARAM_ERROR', 'Wechatpay-Serial 有误'), {});
  const text = result.body === undefined ? '' : JSON.stringify(result.body);
  const spoiling = fault?.kind === 'wrong_signature' || fault?.kind === 'unknown_serial' ? fault.kind : undefined;
  const nowMs = ledger.timeline.now() + (fault?.kind === 'clock_skew' ? fault.ms : 0);
  const proof = fault?.kind === 'unsigned' ? {} : await signedHeaders(text, key, nowMs, ledger.random, spoiling);
  log(result.status, text);
  sendJson(response, result, { ...proof, 'request-id': randomHex(ledger.random, 16) });
}

const headerOf = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
};

const html502 = '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>';

/** Troubles that come before any work is done. True where the call has been dealt with. */
function failBefore(kind: ApiFaultKind, response: ServerResponse): boolean {
  switch (kind) {
    case 'hang':
      return true;
    case 'reset':
      response.socket?.resetAndDestroy();
      return true;
    case 'rate_limited':
      sendJson(response, refusal(429, 'FREQUENCY_LIMITED', '频率限制'), { 'retry-after': '1' });
      return true;
    case 'server_error':
      sendJson(response, refusal(500, 'SYSTEM_ERROR', '系统异常，请稍后重试'), {});
      return true;
    case 'html_502':
      sendPlain(response, 502, html502);
      return true;
    case 'accepted_202':
      sendJson(response, { status: 202, body: { code: 'ACCEPTED', message: '请求已受理，请使用原参数重试' } }, {});
      return true;
    case 'oversize':
      sendPlain(response, 200, 'x'.repeat(oversizeBytes));
      return true;
    default:
      return false;
  }
}

/** Troubles that lose only the answer. */
function failAfter(kind: ApiFaultKind, response: ServerResponse): boolean {
  switch (kind) {
    case 'commit_then_hang':
      return true;
    case 'commit_then_reset':
      return failBefore('reset', response);
    case 'commit_then_server_error':
      return failBefore('server_error', response);
    case 'commit_then_html_502':
      return failBefore('html_502', response);
    default:
      return false;
  }
}

function sendJson(response: ServerResponse, result: ApiAnswer, headers: Readonly<Record<string, string>>): void {
  const text = result.body === undefined ? '' : JSON.stringify(result.body);
  const type =
    text === '' ? {} : { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(text) };
  response.writeHead(result.status, { ...headers, ...type }).end(text);
}

function sendPlain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(text);
}
