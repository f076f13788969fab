import { type ArrivedCall, type CallDesk, jsonAnswer, type WireAnswer } from '../service/call-desk.ts';
import type { CallFault } from '../service/faults.ts';
import { randomHex } from '../service/random-text.ts';
import type { Simulation } from '../service/simulation.ts';
import { type ApiAnswer, refusal } from './api-answer.ts';
import { checkCaller } from './caller-check.ts';
import type { Credentials } from './credentials.ts';
import type { WechatPayFaults, WechatPayWords } from './faults.ts';
import { signedHeaders } from './platform-signer.ts';
import { findWork, type WorkSettings } from './work.ts';

export type ApiSettings = WorkSettings & {
  readonly simulation: Simulation;
  readonly credentials: Credentials;
  readonly faults: WechatPayFaults;
};

/** Everything under `/v3/`. */
export function openApi(settings: ApiSettings): CallDesk<WechatPayWords> {
  const { simulation, faults, origin } = settings;
  return {
    faults,
    traffic: simulation.traffic,
    timeline: simulation.timeline,
    origin,
    find(call) {
      const work = findWork(settings, call);
      if (work === null) return null;
      return { operation: work.operation, answer: (fault) => answerCall(settings, call, work.perform, fault) };
    },
    notFound: unsigned(refusal(404, 'RESOURCE_NOT_EXISTS', '接口不存在')),
    rateLimited: jsonAnswer(429, refusal(429, 'FREQUENCY_LIMITED', '频率限制').body, { 'retry-after': '1' }),
    serverError: unsigned(refusal(500, 'SYSTEM_ERROR', '系统异常，请稍后重试')),
  };
}

const unsigned = ({ status, body }: ApiAnswer): WireAnswer => jsonAnswer(status, body);

async function answerCall(
  settings: ApiSettings,
  call: ArrivedCall,
  perform: () => ApiAnswer,
  fault: CallFault<WechatPayWords> | null,
): Promise<WireAnswer> {
  const { credentials, simulation } = settings;
  const { timeline, random } = simulation;
  if (fault?.kind === 'accepted_202') return unsigned(refusal(202, 'ACCEPTED', '请求已受理，请使用原参数重试'));
  const authorization = call.headers.authorization;
  const result = checkCaller({ ...call, authorization }, credentials, timeline.now()) ?? perform();
  if (result.file !== undefined)
    return { status: result.status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: result.file };
  const wish = call.headers['wechatpay-serial'];
  const key = credentials.answerKey(typeof wish === 'string' ? wish : undefined);
  if (key === null) return unsigned(refusal(400, 'PARAM_ERROR', 'Wechatpay-Serial 有误'));
  const spoiling = fault?.kind === 'wrong_signature' || fault?.kind === 'unknown_serial' ? fault.kind : undefined;
  const nowMs = timeline.now() + (fault?.kind === 'clock_skew' ? fault.ms : 0);
  const answer = jsonAnswer(result.status, result.body, { 'request-id': randomHex(random, 16) });
  if (fault?.kind === 'unsigned') return answer;
  const proof = await signedHeaders(String(answer.body), key, nowMs, random, spoiling);
  return { ...answer, headers: { ...answer.headers, ...proof } };
}
