import { z } from 'zod';
import { type ArrivedCall, type CallDesk, type CallWork, jsonAnswer, type WireAnswer } from '../service/call-desk.ts';
import type { CallFault } from '../service/faults.ts';
import { randomHex } from '../service/random-text.ts';
import type { Simulation } from '../service/simulation.ts';
import { type ApiAnswer, invalidParameter } from './api-answer.ts';
import { type CallerRefusal, checkAuthorization, checkParameters } from './caller-check.ts';
import type { Credentials } from './credentials.ts';
import type { AlipayFaults, AlipayWords } from './faults.ts';
import { signedHeaders, signText } from './signer.ts';
import { type Method, methods, type WorkSettings } from './work.ts';

export type ApiSettings = WorkSettings & {
  readonly simulation: Simulation;
  readonly credentials: Credentials;
  readonly faults: AlipayFaults;
};

type Fault = CallFault<AlipayWords> | null;

/** Version 3 under `/v3/`, version 2 at `/gateway.do`, and the bills at their own address. */
export function openApi(settings: ApiSettings): CallDesk<AlipayWords> {
  const { simulation, faults, origin } = settings;
  return {
    faults,
    traffic: simulation.traffic,
    timeline: simulation.timeline,
    origin,
    find(call) {
      if (call.url.pathname === '/gateway.do') return findGatewayWork(settings, call);
      if (call.url.pathname === '/bill/downloadBillFile.resource')
        return { operation: 'billDownload', answer: (fault) => giveBill(settings, call, fault) };
      return findWork(settings, call);
    },
    notFound: refusal(404, { code: 'invalid-method', message: '不存在的方法名' }),
    rateLimited: jsonAnswer(429, { code: 'call-limited', message: '调用频次超限', links: [] }, { 'retry-after': '1' }),
    serverError: refusal(500, { code: 'ACQ.SYSTEM_ERROR', message: '接口返回错误' }),
  };
}

const refusal = (status: number, { code, message }: CallerRefusal): WireAnswer =>
  jsonAnswer(status, { code, message, links: [] });

const service20000 = { code: '20000', message: 'Service Currently Unavailable' };

function findWork(settings: ApiSettings, call: ArrivedCall): CallWork<AlipayWords> | null {
  const { simulation, credentials } = settings;
  const name = call.url.pathname.slice('/v3/'.length).replaceAll('/', '.');
  const method = methods.get(name);
  if (method === undefined || method.httpMethod !== call.method) return null;
  return {
    operation: method.operation,
    async answer(fault) {
      const strange = checkAuthorization(call, credentials, simulation.timeline.now());
      if (strange !== null) return refusal(401, strange);
      if (fault?.kind === 'code_20000') return signAnswer(settings, refusal(400, service20000), fault);
      const result = method.perform(settings, { content: contentOf(call), surroundings: {} });
      if (fault?.kind === 'commit_then_code_20000') return signAnswer(settings, refusal(400, service20000), fault);
      const answer = result.kind === 'done' ? jsonAnswer(200, result.body) : refusal(400, result);
      return signAnswer(settings, answer, fault);
    },
  };
}

const record = z.record(z.string(), z.unknown());

/** The parameters of a call of version 3: its query, or its body. What is no JSON object has none. */
function contentOf({ method, url, body }: ArrivedCall): Readonly<Record<string, unknown>> {
  if (method === 'GET') return Object.fromEntries(url.searchParams);
  return parseRecord(body) ?? {};
}

function parseRecord(text: string): Readonly<Record<string, unknown>> | null {
  try {
    return record.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

async function signAnswer(
  { simulation, credentials }: ApiSettings,
  answer: WireAnswer,
  fault: Fault,
): Promise<WireAnswer> {
  const { timeline, random } = simulation;
  const traced = { ...answer.headers, 'alipay-trace-id': randomHex(random, 16) };
  if (fault?.kind === 'unsigned') return { ...answer, headers: traced };
  const nowMs = timeline.now() + (fault?.kind === 'clock_skew' ? fault.ms : 0);
  const isWrong = fault?.kind === 'wrong_signature';
  const proof = await signedHeaders(String(answer.body), credentials.signingKey(), nowMs, random, isWrong);
  return cutOff({ ...answer, headers: { ...traced, ...proof } }, fault);
}

function cutOff(answer: WireAnswer, fault: Fault): WireAnswer {
  if (fault?.kind !== 'cut_off') return answer;
  const { body } = answer;
  const half = Math.floor(body.length / 2);
  return { ...answer, body: typeof body === 'string' ? body.slice(0, half) : body.subarray(0, half) };
}

/** Version 2: the name of the method is a parameter, and the answer is signed within its JSON. */
function findGatewayWork(settings: ApiSettings, call: ArrivedCall): CallWork<AlipayWords> | null {
  const parameters = parametersOf(call);
  const name = parameters.get('method') ?? '';
  const method = methods.get(name);
  if (method === undefined) return null;
  return {
    operation: method.operation,
    async answer(fault) {
      const result = performForGateway(settings, method, parameters, fault);
      const text = JSON.stringify(result);
      const { credentials } = settings;
      const sign = await signText(fault?.kind === 'wrong_signature' ? `${text} ` : text, credentials.signingKey());
      const proof = fault?.kind === 'unsigned' ? '' : `,"sign":${JSON.stringify(sign)}`;
      const body = `{"${name.replaceAll('.', '_')}_response":${text}${proof}}`;
      const headers = { 'content-type': 'application/json; charset=utf-8' };
      return cutOff({ status: 200, headers, body }, fault);
    },
  };
}

/** All parameters, from the address and from a form. */
export function parametersOf({ url, body }: Pick<ArrivedCall, 'url' | 'body'>): ReadonlyMap<string, string> {
  return new Map([...url.searchParams, ...new URLSearchParams(body)]);
}

function performForGateway(
  settings: ApiSettings,
  method: Method,
  parameters: ReadonlyMap<string, string>,
  fault: Fault,
): Readonly<Record<string, unknown>> {
  const { simulation, credentials } = settings;
  const strange = checkParameters(parameters, credentials, simulation.timeline.now(), { isPage: false });
  if (strange !== null)
    return { code: '40002', msg: 'Invalid Arguments', sub_code: `isv.${strange.code}`, sub_msg: strange.message };
  const unavailable = { code: '20000', msg: service20000.message, sub_code: 'isp.unknow-error', sub_msg: '系统繁忙' };
  if (fault?.kind === 'code_20000') return unavailable;
  const content = parseRecord(parameters.get('biz_content') ?? '{}');
  const notifyUrl = parameters.get('notify_url');
  const result: ApiAnswer =
    content === null
      ? invalidParameter('biz_content')
      : method.perform(settings, { content, surroundings: notifyUrl === undefined ? {} : { notify_url: notifyUrl } });
  if (fault?.kind === 'commit_then_code_20000') return unavailable;
  return result.kind === 'done'
    ? { code: '10000', msg: 'Success', ...result.body }
    : { code: '40004', msg: 'Business Failed', sub_code: result.code, sub_msg: result.message };
}

function giveBill({ bills }: ApiSettings, { url }: ArrivedCall, fault: Fault): WireAnswer {
  const archive = bills.fetch(url.searchParams.get('fileId'));
  if (archive === null) return refusal(400, refuseOld);
  return cutOff({ status: 200, headers: { 'content-type': 'application/zip' }, body: archive }, fault);
}

const refuseOld = { code: 'FILE_EXPIRED', message: '下载链接已失效' };
