import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Clock, secondMs } from '../../../base/clock.ts';
import type { Random } from '../../../base/random.ts';
import { unbelievableAnswer } from '../failed-call.ts';
import { type Fetch, fetchAnswer, type RawAnswer } from '../fetch-answer.ts';
import type { CallOptions, Evidence, ProviderError, ProviderOperation } from '../provider.ts';
import { judgeSignature, type SignatureVerdict, sentAtOf } from './answer-signature.ts';
import type { AlipayKey } from './keys.ts';
import { type RefusedAnswer, service } from './refusal.ts';
import { type App, authorizeRequest, makeNonce } from './request-signature.ts';

export const answerBytesMax = 1024 * 1024;

export type CallSettings = {
  readonly origin: string;
  readonly app: App;
  readonly alipayKeys: readonly AlipayKey[];
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly random: Random;
};

export type AlipayCall = {
  readonly operation: ProviderOperation;
  readonly method: 'GET' | 'POST';
  /** Path with query, as sent. */
  readonly target: string;
  readonly body?: unknown;
};

export type Answer =
  /** A 200 whose signature held. */
  | { readonly ok: true; readonly body: unknown; readonly evidence: Evidence }
  /** Alipay's SDK checks no signature on a refusal; here it is said what one was worth, and the core decides what that means. */
  | {
      readonly ok: false;
      readonly refused: RefusedAnswer;
      readonly signature: SignatureVerdict['kind'];
      readonly evidence: Evidence;
    };

/** Makes one signed call of version 3. Throws `ProviderError` where nothing certain came back; a plain refusal is returned. */
export type Caller = (call: AlipayCall, options: CallOptions) => Promise<Answer>;

export function createCaller(settings: CallSettings): Caller {
  const { app, alipayKeys, clock, random, fetch } = settings;
  return async ({ operation, method, target, body: content }, options) => {
    const body = content === undefined ? '' : JSON.stringify(content);
    const headers = {
      authorization: await authorizeRequest({ method, target, body }, app, clock, random),
      accept: 'application/json',
      'alipay-request-id': makeNonce(random),
      ...(body === '' ? {} : { 'content-type': 'application/json' }),
    };
    const url = settings.origin + target;
    const raw = await fetchAnswer(
      fetch,
      { service, operation, url, method, headers, body, bytesMax: answerBytesMax },
      options,
    );
    const receivedAt = clock();
    const verdict = judgeSignature(alipayKeys, (name) => raw.headers.get(name), raw.body, receivedAt);
    return judgeAnswer(operation, raw, verdict, makeEvidence(raw, receivedAt, verdict));
  };
}

function judgeAnswer(
  operation: ProviderOperation,
  raw: RawAnswer,
  verdict: SignatureVerdict,
  evidence: Evidence,
): Answer {
  const refuse = (told: Told): Answer => ({
    ok: false,
    refused: { ...refusalOf(raw, evidence), ...told },
    signature: verdict.kind,
    evidence,
  });
  const text = raw.body.toString();
  const body = readJson(text);
  if (raw.status !== 200)
    return refuse(readRefusal(body) ?? { code: null, message: text.slice(0, messageCharactersMax) });
  if (verdict.kind !== 'verified')
    throw unbelievable(operation, `the signature of its 200 is ${verdict.kind}`, evidence);
  if (body === undefined) throw unbelievable(operation, 'it is not JSON', evidence);
  // A yes of version 3 bears no code; one that bears the codes of version 2 says no, or that it does not know.
  const told = readRefusal(body);
  return told === null || told.code === '10000' ? { ok: true, body, evidence } : refuse(told);
}

type Told = { readonly code: string | null; readonly message: string };

const messageCharactersMax = 200;
const refusalBody = z.object({
  code: z.string().min(1).max(64),
  sub_code: z.string().max(64).optional(),
  message: z.string().optional(),
  sub_msg: z.string().optional(),
});

function readRefusal(body: unknown): Told | null {
  const parsed = refusalBody.safeParse(body);
  if (!parsed.success) return null;
  const { code, sub_code: subCode, message, sub_msg: subMessage } = parsed.data;
  // 20000 outranks what is said below it: nobody knows what was done.
  return {
    code: code === '20000' || subCode === undefined ? code : subCode,
    message: subMessage ?? message ?? '',
  };
}

function refusalOf({ status, headers }: RawAnswer, { requestId, clockSkewMs }: Evidence) {
  const retryAfter = headers.get('retry-after');
  return {
    status,
    ...(requestId === undefined ? {} : { requestId }),
    ...(clockSkewMs === undefined ? {} : { clockSkewMs }),
    ...(retryAfter !== null && /^\d{1,6}$/.test(retryAfter) ? { retryAfterMs: Number(retryAfter) * secondMs } : {}),
  };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function makeEvidence({ status, headers, body }: RawAnswer, receivedAt: number, verdict: SignatureVerdict): Evidence {
  const requestId = headers.get('alipay-trace-id');
  const sentAt = sentAtOf((name) => headers.get(name)) ?? Date.parse(headers.get('date') ?? '');
  return {
    receivedAt,
    httpStatus: status,
    bodySha256: createHash('sha256').update(body).digest('hex'),
    ...(requestId === null ? {} : { requestId }),
    ...(verdict.kind === 'verified' ? { keyId: verdict.keyId } : {}),
    ...(Number.isNaN(sentAt) ? {} : { clockSkewMs: sentAt - receivedAt }),
  };
}

/** An answer that cannot be believed leaves the outcome open. */
export const unbelievable = (operation: ProviderOperation, why: string, evidence: Evidence): ProviderError =>
  unbelievableAnswer(service, operation, why, evidence);
