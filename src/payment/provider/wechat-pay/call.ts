import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Clock, secondMs } from '../../../base/clock.ts';
import type { Random } from '../../../base/random.ts';
import { unbelievableAnswer } from '../failed-call.ts';
import { type Fetch, fetchAnswer, type RawAnswer } from '../fetch-answer.ts';
import type { CallOptions, Evidence, ProviderError, ProviderOperation } from '../provider.ts';
import { judgeSignature, type PlatformKeys, type SignatureVerdict } from './platform-signature.ts';
import { type RefusedAnswer, refusedCall, service } from './refusal.ts';
import { authorizeRequest, type Merchant, type SignedRequest } from './request-signature.ts';

export type { Fetch };

export const answerBytesMax = 1024 * 1024;

export type CallSettings = {
  readonly origin: string;
  readonly merchant: Merchant;
  readonly platformKeys: PlatformKeys;
  readonly preferredSerial: string;
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly random: Random;
};

export type WechatPayCall = {
  readonly operation: ProviderOperation;
  readonly method: 'GET' | 'POST';
  /** Path with query, as sent. */
  readonly target: string;
  readonly body?: unknown;
};

export type Answer =
  /** A 2xx whose signature held. */
  | { readonly ok: true; readonly body: unknown; readonly evidence: Evidence }
  /** WeChat Pay's SDKs check no signature on a refusal; here it is said what one was worth, and the core decides what that means. */
  | {
      readonly ok: false;
      readonly refused: RefusedAnswer;
      readonly signature: SignatureVerdict;
      readonly evidence: Evidence;
    };

/** Makes one signed call. Throws `ProviderError` where nothing certain came back; a plain refusal is returned. */
export type Caller = (call: WechatPayCall, options: CallOptions) => Promise<Answer>;

export function createCaller(settings: CallSettings): Caller {
  return async (call, options) => {
    const response = await send(settings, call, options, answerBytesMax);
    const { status, headers, body } = response;
    const receivedAt = settings.clock();
    const verdict = judgeSignature(settings.platformKeys, (name) => headers.get(name), body, receivedAt);
    const evidence = makeEvidence(response, receivedAt, verdict === 'verified');
    const succeeded = status === 200 || status === 204;
    if (!succeeded) return { ok: false, refused: readRefusal(response), signature: verdict, evidence };
    if (verdict !== 'verified')
      throw unbelievable(call.operation, `the signature of its ${status} is ${verdict}`, evidence);
    return { ok: true, body: readJson(call.operation, body, evidence), evidence };
  };
}

/** A file that is not signed; who asks for it checks its digest. Throws `ProviderError` where it was not given. */
export async function downloadFile(
  settings: CallSettings,
  call: WechatPayCall,
  options: CallOptions,
  bytesMax: number,
): Promise<Buffer> {
  const response = await send(settings, call, options, bytesMax);
  if (response.status !== 200) throw refusedCall(call.operation, readRefusal(response));
  return response.body;
}

async function send(
  settings: CallSettings,
  call: WechatPayCall,
  options: CallOptions,
  bytesMax: number,
): Promise<RawAnswer> {
  const { operation, method, target } = call;
  const body = call.body === undefined ? '' : JSON.stringify(call.body);
  const request: SignedRequest = { method, target, body };
  const headers = {
    authorization: await authorizeRequest(request, settings.merchant, settings.clock, settings.random),
    accept: 'application/json',
    'wechatpay-serial': settings.preferredSerial,
    ...(body === '' ? {} : { 'content-type': 'application/json' }),
  };
  const url = settings.origin + target;
  return fetchAnswer(settings.fetch, { service, operation, url, method, headers, body, bytesMax }, options);
}

function readJson(operation: ProviderOperation, body: Buffer, evidence: Evidence): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString());
  } catch {
    throw unbelievable(operation, 'it is not JSON', evidence);
  }
}

const refusalBody = z.object({ code: z.string().min(1).max(64), message: z.string().optional() });

function readRefusal(answer: RawAnswer): RefusedAnswer {
  const requestId = answer.headers.get('request-id');
  const retryAfter = answer.headers.get('retry-after');
  return {
    status: answer.status,
    ...readCode(answer.body),
    ...(requestId === null ? {} : { requestId }),
    ...(retryAfter !== null && /^\d{1,6}$/.test(retryAfter) ? { retryAfterMs: Number(retryAfter) * secondMs } : {}),
  };
}

const messageCharactersMax = 200;

function readCode(body: Buffer): Pick<RefusedAnswer, 'code' | 'message'> {
  const text = body.toString();
  try {
    const { code, message = '' } = refusalBody.parse(JSON.parse(text));
    return { code, message: message.slice(0, messageCharactersMax) };
  } catch {
    return { code: null, message: text.slice(0, messageCharactersMax) };
  }
}

function makeEvidence(answer: RawAnswer, receivedAt: number, verified: boolean): Evidence {
  const requestId = answer.headers.get('request-id');
  const keyId = answer.headers.get('wechatpay-serial');
  return {
    receivedAt,
    httpStatus: answer.status,
    bodySha256: createHash('sha256').update(answer.body).digest('hex'),
    ...(requestId === null ? {} : { requestId }),
    ...(verified && keyId !== null ? { keyId } : {}),
    ...clockSkewOf(answer.headers, receivedAt),
  };
}

function clockSkewOf(headers: Headers, receivedAt: number): Pick<Evidence, 'clockSkewMs'> {
  const seconds = headers.get('wechatpay-timestamp') ?? '';
  const sentAt = /^\d{1,12}$/.test(seconds) ? Number(seconds) * secondMs : Date.parse(headers.get('date') ?? '');
  return Number.isNaN(sentAt) ? {} : { clockSkewMs: sentAt - receivedAt };
}

/** An answer that cannot be believed leaves the outcome open. */
export const unbelievable = (operation: ProviderOperation, why: string, evidence: Evidence): ProviderError =>
  unbelievableAnswer(service, operation, why, evidence);
