import type { KeyObject } from 'node:crypto';
import type { Clock } from '../../../base/clock.ts';
import type { Random } from '../../../base/random.ts';
import { signText } from '../rsa-signature.ts';

export const alipayScheme = 'ALIPAY-SHA256withRSA';
const nonceBytes = 16;

export type App = { readonly appId: string; readonly appKey: KeyObject };

/** `target` is the path with its query, exactly as it is sent; `body` is empty for GET. */
export type SignedRequest = { readonly method: 'GET' | 'POST'; readonly target: string; readonly body: string };

/** What an app signs: who and when, method, target and body, each followed by a line feed (Alipay API v3, request signature). */
export const requestMessage = (authText: string, { method, target, body }: SignedRequest): string =>
  `${authText}\n${method}\n${target}\n${body}\n`;

/** 32 hexadecimal characters nobody can guess. */
export const makeNonce = (random: Random): string => Buffer.from(random(nonceBytes)).toString('hex');

/** The `Authorization` header of one request. */
export async function authorizeRequest(
  request: SignedRequest,
  app: App,
  clock: Clock,
  random: Random,
): Promise<string> {
  const authText = `app_id=${app.appId},nonce=${makeNonce(random)},timestamp=${clock()}`;
  const signature = await signText(requestMessage(authText, request), app.appKey);
  return `${alipayScheme} ${authText},sign=${signature}`;
}
