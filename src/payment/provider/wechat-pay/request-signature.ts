import type { KeyObject } from 'node:crypto';
import type { Clock } from '../../../base/clock.ts';
import type { Random } from '../../../base/random.ts';
import { signText } from '../rsa-signature.ts';

export const wechatPayScheme = 'WECHATPAY2-SHA256-RSA2048';
const nonceBytes = 16;

export type Merchant = {
  readonly merchantId: string;
  readonly merchantSerial: string;
  readonly merchantKey: KeyObject;
};

/** `target` is the path with its query, exactly as it is sent; `body` is empty for GET. */
export type SignedRequest = { readonly method: 'GET' | 'POST'; readonly target: string; readonly body: string };

/** What a merchant signs: method, target, unix seconds, nonce and body, each followed by a line feed (WeChat Pay API v3, request signature). */
export const requestMessage = (request: SignedRequest, timestampSeconds: string, nonce: string): string =>
  `${request.method}\n${request.target}\n${timestampSeconds}\n${nonce}\n${request.body}\n`;

/** 32 hexadecimal characters nobody can guess. */
export const makeNonce = (random: Random): string => Buffer.from(random(nonceBytes)).toString('hex').toUpperCase();

/** The `Authorization` header of one request. */
export async function authorizeRequest(
  request: SignedRequest,
  merchant: Merchant,
  clock: Clock,
  random: Random,
): Promise<string> {
  const nonce = makeNonce(random);
  const timestampSeconds = String(Math.floor(clock() / 1000));
  const signature = await signText(requestMessage(request, timestampSeconds, nonce), merchant.merchantKey);
  return `${wechatPayScheme} mchid="${merchant.merchantId}",nonce_str="${nonce}",timestamp="${timestampSeconds}",serial_no="${merchant.merchantSerial}",signature="${signature}"`;
}
