import { type KeyObject, verify } from 'node:crypto';
import { minuteMs } from '../../base/clock.ts';
import { type ApiAnswer, refusal } from './api-answer.ts';

const clockSkewMsMax = 5 * minuteMs;
const scheme = 'WECHATPAY2-SHA256-RSA2048 ';
const fieldNames = ['mchid', 'nonce_str', 'timestamp', 'serial_no', 'signature'];

export type CallerKey = {
  readonly merchantId: string;
  readonly merchantSerial: string;
  readonly merchantPublicKey: KeyObject;
};
export type ReceivedCall = {
  readonly method: string;
  readonly target: string;
  readonly body: string;
  readonly authorization: string | undefined;
};

const signError = (message: string): ApiAnswer => refusal(401, 'SIGN_ERROR', message);

/** Null where the caller is our merchant and its clock is right, else the 401 that the real service gives. */
export function checkCaller(call: ReceivedCall, key: CallerKey, nowMs: number): ApiAnswer | null {
  if (!(call.authorization ?? '').startsWith(scheme)) return signError('Authorization 不合法');
  const fields = new Map(
    Array.from((call.authorization ?? '').slice(scheme.length).matchAll(/([a-z_]+)="([^"]*)"/g), (match) => [
      match[1] ?? '',
      match[2] ?? '',
    ]),
  );
  const missing = fieldNames.find((name) => (fields.get(name) ?? '') === '');
  if (missing !== undefined) return signError(`Authorization 缺少 ${missing}`);
  const field = (name: string): string => fields.get(name) ?? '';
  if (field('mchid') !== key.merchantId) return signError('商户号有误');
  if (field('serial_no') !== key.merchantSerial) return signError('商户证书序列号有误');
  const timestamp = field('timestamp');
  if (!/^\d{1,12}$/.test(timestamp)) return signError('时间戳有误');
  if (Math.abs(nowMs - Number(timestamp) * 1000) > clockSkewMsMax)
    return signError('Http头Authorization中的timestamp与发起请求的时间不得超过5分钟');
  const message = [call.method, call.target, timestamp, field('nonce_str'), call.body, ''].join('\n');
  const holds = verify(
    'sha256',
    Buffer.from(message),
    key.merchantPublicKey,
    Buffer.from(field('signature'), 'base64'),
  );
  return holds ? null : signError('签名错误，请检查后再试');
}
