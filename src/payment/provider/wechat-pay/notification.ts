import { createHash, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { Evidence, HttpReply, NotificationResult, RawNotification } from '../provider.ts';
import { judgeSignature, type PlatformKeys } from './platform-signature.ts';
import { factOfRefund, readRefund } from './refund.ts';
import { openResource } from './sealed-resource.ts';
import { factOfTransaction, readTransaction } from './transaction.ts';

export const notificationBytesMax = 64 * 1024;

export type NotificationSettings = {
  readonly merchantId: string;
  readonly platformKeys: PlatformKeys;
  readonly apiV3Keys: readonly KeyObject[];
};

const envelope = z.object({
  id: z.string().min(1).max(64),
  event_type: z.string().min(1).max(64),
  resource: z.object({
    algorithm: z.literal('AEAD_AES_256_GCM'),
    ciphertext: z.string(),
    nonce: z.string().min(1).max(64),
    associated_data: z.string().default(''),
  }),
});

const paymentEvents = ['TRANSACTION.SUCCESS'];
const refundEvents = ['REFUND.SUCCESS', 'REFUND.ABNORMAL', 'REFUND.CLOSED'];

const rejected = (reason: (NotificationResult & { kind: 'rejected' })['reason']): NotificationResult => ({
  kind: 'rejected',
  reason,
});

/**
 * Reads a notification. Nothing is parsed before its signature holds, and nothing is believed before its seal holds. Refusals in the order
 * in which they are checked: malformed (too large), bad_signature (none at all), probe, unknown_key, stale, bad_signature, malformed,
 * decrypt_failed, malformed (the opened resource is no transaction or refund).
 */
export function readNotification(settings: NotificationSettings, notification: RawNotification): NotificationResult {
  const { rawBody, headers, receivedAt } = notification;
  if (rawBody.length > notificationBytesMax) return rejected('malformed');
  const verdict = judgeSignature(settings.platformKeys, (name) => headers[name], rawBody, receivedAt);
  if (verdict !== 'verified') return rejected(verdict === 'unsigned' ? 'bad_signature' : verdict);
  const outer = envelope.safeParse(parseJson(rawBody));
  if (!outer.success) return rejected('malformed');
  const { id: dedupeId, event_type: type, resource } = outer.data;
  const isPayment = paymentEvents.includes(type);
  if (!isPayment && !refundEvents.includes(type)) return { kind: 'ignored', dedupeId, type };
  const { ciphertext, nonce, associated_data: associatedData } = resource;
  const plain = openResource(settings.apiV3Keys, { ciphertext, nonce, associatedData });
  if (plain === null) return rejected('decrypt_failed');
  const inner = parseJson(plain);
  const evidence = makeEvidence(notification);
  if (isPayment) {
    const transaction = readTransaction(inner);
    return transaction === null
      ? rejected('malformed')
      : { kind: 'payment', dedupeId, fact: factOfTransaction(transaction, 'notification', evidence) };
  }
  const refund = readRefund(inner);
  if (refund === null) return rejected('malformed');
  const { merchantId } = settings;
  return { kind: 'refund', dedupeId, fact: factOfRefund(refund, { source: 'notification', merchantId, evidence }) };
}

/** The decoded JSON, or undefined where it is none. */
function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  } catch {
    return undefined;
  }
}

function makeEvidence({ rawBody, headers, receivedAt }: RawNotification): Evidence {
  const keyId = headers['wechatpay-serial'];
  const requestId = headers['request-id'];
  return {
    receivedAt,
    bodySha256: createHash('sha256').update(rawBody).digest('hex'),
    ...(keyId === undefined ? {} : { keyId }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}

const failure = (status: number): HttpReply => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: '{"code":"FAIL","message":"失败"}',
});

/** The status is what counts for WeChat Pay; within 5 seconds, or the notification comes again. */
export const replies = {
  accepted: { status: 204, headers: {}, body: '' },
  rejected: failure(401),
  try_again: failure(503),
} as const satisfies Record<string, HttpReply>;
