import { type KeyObject, sign } from 'node:crypto';

/**
 * RSA with SHA-256 (PKCS#1 v1.5) in base64, which WeChat Pay calls SHA256-RSA2048 and Alipay RSA2. The thread pool does it: one signature
 * costs a third of a millisecond, in which the event loop would serve nobody.
 */
export function signText(text: string, key: KeyObject): Promise<string> {
  return new Promise((resolve, reject) => {
    sign('RSA-SHA256', Buffer.from(text), key, (error, signature) => {
      if (error === null) resolve(signature.toString('base64'));
      else reject(error);
    });
  });
}
