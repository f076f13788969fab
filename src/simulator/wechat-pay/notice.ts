import { createCipheriv } from 'node:crypto';
import type { Random } from '../../base/random.ts';
import { beijingInstant } from '../service/beijing.ts';
import type { NewNotice } from '../service/notice.ts';
import { randomHex, randomUuid } from '../service/random-text.ts';

export type NoticeSubject = {
  readonly about: string;
  readonly url: string;
  readonly eventType: string;
  readonly originalType: string;
  readonly summary: string;
  readonly resource: object;
};

/** The resource sealed with AEAD_AES_256_GCM under the merchant's APIv3 key, the tag at the ciphertext's end. */
export function writeNotice(subject: NoticeSubject, apiV3Key: string, nowMs: number, random: Random): NewNotice {
  const id = randomUuid(random);
  const nonce = randomHex(random, 6);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(apiV3Key, 'ascii'), Buffer.from(nonce, 'ascii'));
  cipher.setAAD(Buffer.from(subject.originalType));
  const sealed = Buffer.concat([
    cipher.update(JSON.stringify(subject.resource), 'utf8'),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  const body = JSON.stringify({
    id,
    create_time: beijingInstant(nowMs),
    resource_type: 'encrypt-resource',
    event_type: subject.eventType,
    summary: subject.summary,
    resource: {
      original_type: subject.originalType,
      algorithm: 'AEAD_AES_256_GCM',
      ciphertext: sealed.toString('base64'),
      associated_data: subject.originalType,
      nonce,
    },
  });
  return { id, about: subject.about, event: subject.eventType, url: subject.url, body };
}

/** The first character of the ciphertext changed; the signature is made afterwards, so that only the seal can tell. */
export function tamperNotice(body: string): string {
  return body.replace(/("ciphertext":")(.)/, (_all, head: string, first: string) => head + (first === 'A' ? 'B' : 'A'));
}
