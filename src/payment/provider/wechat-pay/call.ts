import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Clock, secondMs } from '../../../base/clock.ts';
import type { Random } from '../../../base/random.ts';
import { type CallOptions, type Evidence, ProviderError, type ProviderOperation } from '../provider.ts';
import { judgeSignature, type PlatformKeys } from './platform-signature.ts';
import { failedCall, type RefusedAnswer, refusedCall } from './refusal.ts';
import { authorizeRequest, type Merchant, type SignedRequest } from './request-signature.ts';

export type Fetch = typeof globalThis.fetch;

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
  | {
      readonly ok: false;
      readonly refused: RefusedAnswer;
      readonly authenticated: boolean;
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
    if (!succeeded)
      return { ok: false, refused: readRefusal(response), authenticated: verdict === 'verified', evidence };
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

type RawAnswer = { readonly status: number; readonly headers: Headers; readonly body: Buffer };

async function send(
  settings: CallSettings,
  call: WechatPayCall,
  options: CallOptions,
  bytesMax: number,
): Promise<RawAnswer> {
  const body = call.body === undefined ? '' : JSON.stringify(call.body);
  const request: SignedRequest = { method: call.method, target: call.target, body };
  const authorization = await authorizeRequest(request, settings.merchant, settings.clock, settings.random);
  try {
    const response = await settings.fetch(settings.origin + call.target, {
      method: call.method,
      headers: {
        authorization,
        accept: 'application/json',
        'wechatpay-serial': settings.preferredSerial,
        'user-agent': 'forecourt',
        ...(body === '' ? {} : { 'content-type': 'application/json' }),
      },
      redirect: 'manual',
      signal: AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]),
      ...(body === '' ? {} : { body }),
    });
    return { status: response.status, headers: response.headers, body: await readBody(response, bytesMax) };
  } catch (error) {
    throw failedCall(call.operation, error);
  }
}

async function readBody(response: Response, bytesMax: number): Promise<Buffer> {
  if (response.body === null) return Buffer.alloc(0);
  // The client reads no more than what an answer announces; one that announces little is read at once.
  const announced = response.headers.get('content-length');
  if (announced !== null && /^\d{1,9}$/.test(announced) && Number(announced) <= bytesMax) {
    return Buffer.from(await response.arrayBuffer());
  }
  const chunks: Uint8Array[] = [];
  let byteCount = 0;
  for await (const chunk of response.body) {
    byteCount += chunk.length;
    if (byteCount > bytesMax) throw new Error(`the answer has more than ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, byteCount);
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
  };
}

/** An answer that cannot be believed leaves the outcome open. */
export function unbelievable(operation: ProviderOperation, why: string, evidence: Evidence): ProviderError {
  const { httpStatus, requestId } = evidence;
  return new ProviderError('unknown', operation, `WeChat Pay's answer to ${operation} cannot be believed: ${why}`, {
    ...(httpStatus === undefined ? {} : { httpStatus }),
    ...(requestId === undefined ? {} : { requestId }),
  });
}
