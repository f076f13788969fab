import { createCipheriv } from 'node:crypto';
import { z } from 'zod';
import type { Random } from '../../base/random.ts';
import { beijingInstant } from './beijing.ts';
import { randomHex } from './ledger.ts';

/** One notification as it is kept: its id and body stay the same over all tries, its signature does not. */
export const noticeRecord = z.object({
  id: z.string(),
  /** out_trade_no or out_refund_no. */
  about: z.string(),
  url: z.string(),
  body: z.string(),
  tries: z.int(),
  nextAtMs: z.int(),
  state: z.enum(['waiting', 'accepted', 'given_up']),
});

export type Notice = z.infer<typeof noticeRecord>;

export type NoticeSubject = {
  readonly about: string;
  readonly url: string;
  readonly eventType: string;
  readonly originalType: string;
  readonly summary: string;
  readonly resource: object;
};

/** The resource sealed with AEAD_AES_256_GCM under the merchant's APIv3 key, the tag at the ciphertext's end. */
export function writeNotice(subject: NoticeSubject, apiV3Key: string, nowMs: number, random: Random): Notice {
  const id = makeNoticeId(random);
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
  return { id, about: subject.about, url: subject.url, body, tries: 0, nextAtMs: nowMs, state: 'waiting' };
}

function makeNoticeId(random: Random): string {
  const text = randomHex(random, 16);
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-');
}

/** The first character of the ciphertext changed; the signature is made afterwards, so that only the seal can tell. */
export function tamperNotice(body: string): string {
  return body.replace(/("ciphertext":")(.)/, (_all, head: string, first: string) => head + (first === 'A' ? 'B' : 'A'));
}
