import { type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { Random } from '../../base/random.ts';
import { randomUuid } from '../service/random-text.ts';

const signWith = promisify(sign);

/** `RSA2` is SHA-256; `RSA` is SHA-1, which the real service signs with no more. */
export type SignType = 'RSA2' | 'RSA';

export async function signText(text: string, key: KeyObject, type: SignType = 'RSA2'): Promise<string> {
  const algorithm = type === 'RSA2' ? 'sha256' : 'sha1';
  return (await signWith(algorithm, Buffer.from(text), key)).toString('base64');
}

/** The headers by which version 3 proves an answer, over `timestamp\nnonce\nbody\n`. */
export async function signedHeaders(
  body: string,
  key: KeyObject,
  nowMs: number,
  random: Random,
  isWrong: boolean,
): Promise<Readonly<Record<string, string>>> {
  const nonce = randomUuid(random);
  const signed = isWrong ? `${body} ` : body;
  return {
    'alipay-timestamp': String(nowMs),
    'alipay-nonce': nonce,
    'alipay-signature': await signText(`${nowMs}\n${nonce}\n${signed}\n`, key),
  };
}

/** What is signed of parameters: those with a value, by name, without `sign` itself. */
export const parametersText = (parameters: ReadonlyMap<string, string>): string =>
  [...parameters]
    .filter(([name, value]) => name !== 'sign' && value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
