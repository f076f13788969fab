import { verify } from 'node:crypto';
import { minuteMs } from '../../base/clock.ts';
import type { ArrivedCall } from '../service/call-desk.ts';
import type { Credentials } from './credentials.ts';
import { parametersText } from './signer.ts';

const clockSkewMsMax = 5 * minuteMs;

/** Why a caller is not believed, in the words of both versions. */
export type CallerRefusal = { readonly code: string; readonly message: string };

type Caller = Pick<Credentials, 'appId' | 'appPublicKey'>;

const invalidSignature: CallerRefusal = {
  code: 'invalid-signature',
  message: '验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配',
};
const invalidTimestamp: CallerRefusal = { code: 'invalid-timestamp', message: '时间戳非法' };
const invalidAppId: CallerRefusal = { code: 'invalid-app-id', message: '无效的AppID参数' };

const holds = (text: string, signature: string, caller: Caller): boolean =>
  verify('sha256', Buffer.from(text), caller.appPublicKey, Buffer.from(signature, 'base64'));

const isOff = (sentMs: number, nowMs: number): boolean => !(Math.abs(nowMs - sentMs) <= clockSkewMsMax);

/** Version 3: null where the caller is our app and its clock is right. */
export function checkAuthorization(
  { method, target, body, headers }: ArrivedCall,
  caller: Caller,
  nowMs: number,
): CallerRefusal | null {
  const match = /^ALIPAY-SHA256withRSA (.+),sign=([A-Za-z0-9+/=]+)$/.exec(headers.authorization ?? '');
  if (match === null) return { code: 'missing-signature', message: '缺少签名参数' };
  const [, authText = '', signature = ''] = match;
  const fields = new URLSearchParams(authText.replaceAll(',', '&'));
  if (fields.get('app_id') !== caller.appId) return invalidAppId;
  if ((fields.get('nonce') ?? '') === '') return { code: 'missing-nonce', message: '缺少nonce' };
  if (!/^\d{13}$/.test(fields.get('timestamp') ?? '') || isOff(Number(fields.get('timestamp')), nowMs))
    return invalidTimestamp;
  return holds(`${authText}\n${method}\n${target}\n${body}\n`, signature, caller) ? null : invalidSignature;
}

/**
 * Version 2: null where the parameters are our app's. The clock is read in Beijing's time, and only of calls: a page is opened by its payer when he
 * likes.
 */
export function checkParameters(
  parameters: ReadonlyMap<string, string>,
  caller: Caller,
  nowMs: number,
  { isPage }: { readonly isPage: boolean },
): CallerRefusal | null {
  const field = (name: string): string => parameters.get(name) ?? '';
  if (field('app_id') !== caller.appId) return invalidAppId;
  if (field('sign_type') !== 'RSA2') return { code: 'invalid-signature-type', message: '无效签名类型' };
  if (!/^utf-?8$/i.test(field('charset'))) return { code: 'invalid-charset', message: '字符集错误' };
  if (field('version') !== '1.0') return { code: 'invalid-version', message: '无效的版本' };
  if (field('sign') === '') return { code: 'missing-signature', message: '缺少签名参数' };
  const sentMs = Date.parse(`${field('timestamp').replace(' ', 'T')}+08:00`);
  if (Number.isNaN(sentMs) || (!isPage && isOff(sentMs, nowMs))) return invalidTimestamp;
  return holds(parametersText(parameters), field('sign'), caller) ? null : invalidSignature;
}
