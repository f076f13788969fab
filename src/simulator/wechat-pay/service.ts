import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApiAnswer } from './api-answer.ts';
import { refusal } from './api-answer.ts';
import type { Bills } from './bill-file.ts';
import { checkCaller } from './caller-check.ts';
import type { Credentials } from './credentials.ts';
import type { ApiFaultKind, ApiOperation, Faults } from './faults.ts';
import { beginRefund, queryRefund } from './give-back.ts';
import { readText } from './http-body.ts';
import { type Ledger, type Refund, randomHex } from './ledger.ts';
import { closePayment, queryPayment } from './pay.ts';
import { type PlaceSettings, placeOrder, type TradePath } from './place.ts';
import { signedHeaders } from './platform-signer.ts';
import type { Traffic } from './traffic.ts';

const oversizeBytes = 8 * 1024 * 1024;

export type ServiceSettings = {
  readonly credentials: Credentials;
  readonly ledger: Ledger;
  readonly bills: Bills;
  readonly faults: Faults;
  readonly traffic: Traffic;
  readonly place: PlaceSettings;
  /** Where this service is reached, without a slash at the end. */
  readonly origin: string;
  /** An order has been placed under this number. */
  onPlaced(outTradeNo: string): void;
  onRefund(refund: Refund): void;
};

type Work = { readonly operation: ApiOperation; readonly perform: () => ApiAnswer };

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
  const work = findWork(settings, method, target, body);
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

function findWork(settings: ServiceSettings, method: string, target: string, body: string): Work | null {
  const { ledger, bills, place } = settings;
  const url = new URL(target, settings.origin);
  const path = decodeURIComponentSafely(url.pathname);
  const mchid = url.searchParams.get('mchid');
  const json = (use: (value: unknown) => ApiAnswer) => (): ApiAnswer => {
    const value = parseJson(body);
    return value === undefined ? refusal(400, 'PARAM_ERROR', '请求体不是合法的JSON') : use(value);
  };
  const order = /^\/v3\/pay\/transactions\/(h5|jsapi|native)$/.exec(path)?.[1];
  if (method === 'POST' && isTradePath(order)) {
    return {
      operation: 'create',
      perform: json((value) => {
        const placed = placeOrder(ledger, place, order, value);
        if (placed.status === 200) settings.onPlaced(outTradeNoIn(value));
        return placed;
      }),
    };
  }
  const [, byNumber, close] = /^\/v3\/pay\/transactions\/out-trade-no\/([^/]+)(\/close)?$/.exec(path) ?? [];
  if (byNumber !== undefined && method === 'POST' && close !== undefined) {
    const closeIt = (value: unknown): ApiAnswer =>
      closePayment(ledger, ledger.findPayment(byNumber), mchidIn(value), place);
    return { operation: 'close', perform: json(closeIt) };
  }
  if (byNumber !== undefined && method === 'GET' && close === undefined) {
    return { operation: 'query', perform: () => queryPayment(ledger.findPayment(byNumber), mchid, place) };
  }
  const byTransaction = /^\/v3\/pay\/transactions\/id\/([^/]+)$/.exec(path)?.[1];
  if (byTransaction !== undefined && method === 'GET') {
    return {
      operation: 'query',
      perform: () => queryPayment(ledger.findPaymentByTransaction(byTransaction), mchid, place),
    };
  }
  if (path === '/v3/refund/domestic/refunds' && method === 'POST') {
    return {
      operation: 'refund',
      perform: json((value) => {
        const { answer, begun } = beginRefund(ledger, value);
        if (begun !== null) settings.onRefund(begun);
        return answer;
      }),
    };
  }
  const refundNumber = /^\/v3\/refund\/domestic\/refunds\/([^/]+)$/.exec(path)?.[1];
  if (refundNumber !== undefined && method === 'GET') {
    return { operation: 'queryRefund', perform: () => queryRefund(ledger, refundNumber) };
  }
  if (path === '/v3/bill/tradebill' && method === 'GET') {
    return { operation: 'bill', perform: () => bills.order(url.searchParams.get('bill_date'), settings.origin) };
  }
  if (path === '/v3/billdownload/file' && method === 'GET') {
    return { operation: 'billDownload', perform: () => bills.fetch(url.searchParams.get('token')) };
  }
  return null;
}

const isTradePath = (text: string | undefined): text is TradePath =>
  text === 'h5' || text === 'jsapi' || text === 'native';

const fieldIn = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined;
const mchidIn = (value: unknown): unknown => fieldIn(value, 'mchid');
const outTradeNoIn = (value: unknown): string => String(fieldIn(value, 'out_trade_no'));

function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
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
