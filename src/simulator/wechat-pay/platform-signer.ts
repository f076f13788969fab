import { sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { Random } from '../../base/random.ts';
import type { PlatformKey } from './credentials.ts';

const signWith = promisify(sign);

/** How a signature is spoilt on purpose. */
export type Spoiling = 'wrong_signature' | 'unknown_serial' | 'probe';

export type SignatureHeaders = Readonly<Record<string, string>>;

/** The four headers by which the service proves an answer or notification, over `timestamp\nnonce\nbody\n`. */
export async function signedHeaders(
  body: string,
  key: PlatformKey,
  nowMs: number,
  random: Random,
  spoiling?: Spoiling,
): Promise<SignatureHeaders> {
  const timestamp = String(Math.floor(nowMs / 1000));
  const nonce = Buffer.from(random(16)).toString('hex');
  const signed = spoiling === 'wrong_signature' ? `${body} ` : body;
  const signature = (await signWith('sha256', Buffer.from(`${timestamp}\n${nonce}\n${signed}\n`), key.key)).toString(
    'base64',
  );
  return {
    'wechatpay-timestamp': timestamp,
    'wechatpay-nonce': nonce,
    'wechatpay-serial': spoiling === 'unknown_serial' ? `${key.serial.slice(0, -4)}0000` : key.serial,
    'wechatpay-signature': spoiling === 'probe' ? `WECHATPAY/SIGNTEST/${signature.slice(19)}` : signature,
    'wechatpay-signature-type': 'WECHATPAY2-SHA256-RSA2048',
  };
}
