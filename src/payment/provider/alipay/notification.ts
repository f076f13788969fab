import { createHash } from 'node:crypto';
import { z } from 'zod';
import { isRefundRefOf } from '../../../base/ids.ts';
import { parseBeijingPlain } from '../beijing-time.ts';
import type {
  Evidence,
  Fields,
  HttpReply,
  NotificationResult,
  PaymentFact,
  RawNotification,
  RefundFact,
} from '../provider.ts';
import { signerOf, skewMsMax } from './answer-signature.ts';
import type { AlipayKey } from './keys.ts';
import { canonicalText, sortedText } from './parameters.ts';
import { stateOfTrade, tradeStatuses, yuanText } from './trade.ts';

export const notificationBytesMax = 64 * 1024;

export type NotificationSettings = { readonly alipayKeys: readonly AlipayKey[]; readonly liveMode: boolean };

const envelope = z.object({ notify_id: z.string().min(1).max(128), notify_type: z.string().min(1).max(64) });

const tradeNotice = z.object({
  notify_id: z.string(),
  notify_time: z.string(),
  app_id: z.string().min(1),
  seller_id: z.string().optional(),
  out_trade_no: z.string().min(1).max(64),
  trade_no: z.string().min(1).max(64),
  trade_status: tradeStatuses,
  total_amount: yuanText,
  gmt_payment: z.string().optional(),
  /** What has gone back of this trade in all; `0.00` or missing where nothing has. */
  refund_fee: yuanText.optional(),
  /** The `out_request_no` of the refund that this is about. */
  out_biz_no: z.string().max(64).optional(),
});

type TradeNotice = z.infer<typeof tradeNotice>;

const rejected = (reason: (NotificationResult & { kind: 'rejected' })['reason']): NotificationResult => ({
  kind: 'rejected',
  reason,
});

/**
 * Reads a notification: a form whose values, decoded and sorted, are signed with RSA2. The signature is the sender's whole proof, so which
 * kind it is must not be the sender's choice: SHA-1 (`RSA`) is refused before anything else. Refusals in the order in which they are checked:
 * malformed (too large, no UTF-8, a name twice), bad_signature (not RSA2), malformed (another charset), bad_signature, malformed (no notice of a trade).
 */
export function readNotification(settings: NotificationSettings, notification: RawNotification): NotificationResult {
  const form = readForm(notification.rawBody);
  if (form === null) return rejected('malformed');
  if (form['sign_type'] !== 'RSA2') return rejected('bad_signature');
  if (!/^(utf-?8)?$/i.test(form['charset'] ?? '')) return rejected('malformed');
  const keyId = signerOfForm(settings.alipayKeys, form);
  if (keyId === null) return rejected('bad_signature');
  const outer = envelope.safeParse(form);
  if (!outer.success) return rejected('malformed');
  const { notify_id: dedupeId, notify_type: type } = outer.data;
  if (type !== 'trade_status_sync') return { kind: 'ignored', dedupeId, type };
  const inner = tradeNotice.safeParse(form);
  return inner.success ? resultOf({ notice: inner.data, form, settings, keyId }, notification) : rejected('malformed');
}

/** The decoded fields, or null where the body is no form of a notification. */
function readForm(rawBody: Uint8Array): Fields | null {
  if (rawBody.length > notificationBytesMax) return null;
  try {
    const entries = [...new URLSearchParams(new TextDecoder('utf-8', { fatal: true }).decode(rawBody))];
    const form = Object.fromEntries(entries);
    return Object.keys(form).length === entries.length ? form : null;
  } catch {
    return null;
  }
}

/**
 * A few kinds of notification are signed with `sign_type` among the values, most without (Alipay, checking notifications); of empty values Alipay's own
 * SDKs disagree whether they are signed. None of these readings can turn one message into another.
 */
function signerOfForm(keys: readonly AlipayKey[], form: Fields): string | null {
  const { sign = '', ...signed } = form;
  const { sign_type: _type, ...usual } = signed;
  const texts = new Set([usual, signed].flatMap((fields) => [sortedText(fields), canonicalText(fields)]));
  for (const text of texts) {
    const keyId = signerOf(keys, text, sign);
    if (keyId !== null) return keyId;
  }
  return null;
}

/** A notice whose signature held, under the key of this name. */
type Reading = {
  readonly notice: TradeNotice;
  readonly form: Fields;
  readonly settings: NotificationSettings;
  readonly keyId: string;
};

function resultOf({ notice, form, settings, keyId }: Reading, notification: RawNotification): NotificationResult {
  const { liveMode } = settings;
  const dedupeId = notice.notify_id;
  const evidence = makeEvidence(notice, notification, keyId);
  const bodyToKeep = withoutPayer(form);
  const hint = {
    kind: 'hint',
    dedupeId,
    attemptRef: notice.out_trade_no,
    providerPaymentId: notice.trade_no,
  } as const;
  if ((notice.refund_fee ?? 0) > 0) {
    const fact = refundFactOf(notice, liveMode, evidence);
    return fact === null ? hint : { kind: 'refund', dedupeId, fact, bodyToKeep };
  }
  // `notify_time` is the time of this delivery. A notice of another time may have been overtaken, by a refund say: the core asks.
  return isOfThisMoment(notice, notification)
    ? { kind: 'payment', dedupeId, fact: paymentFactOf(notice, liveMode, evidence), bodyToKeep }
    : hint;
}

function isOfThisMoment({ notify_time: sent }: TradeNotice, { receivedAt }: RawNotification): boolean {
  const sentAt = parseBeijingPlain(sent);
  return sentAt !== null && Math.abs(receivedAt - sentAt) < skewMsMax;
}

function paymentFactOf(notice: TradeNotice, liveMode: boolean, evidence: Evidence): PaymentFact {
  const paidAt = parseBeijingPlain(notice.gmt_payment ?? '');
  return {
    source: 'notification',
    attemptRef: notice.out_trade_no,
    state: stateOfTrade(notice.trade_status, paidAt !== null),
    providerPaymentId: notice.trade_no,
    amount: { minor: notice.total_amount, currency: 'CNY' },
    appId: notice.app_id,
    liveMode,
    authenticated: true,
    evidence,
    ...(notice.seller_id === undefined ? {} : { merchantId: notice.seller_id }),
    ...(paidAt === null ? {} : { paidAt }),
  };
}

/**
 * `refund_fee` is the sum of all that went back, so how much this refund was is not said: for one of ours it stands in our own rows. One that was made
 * at Alipay itself is null: the sum may hold refunds of ours whose success we have not heard of, so the payment is asked after, and the bill will tell.
 */
function refundFactOf(notice: TradeNotice, liveMode: boolean, evidence: Evidence): RefundFact | null {
  const { out_trade_no: attemptRef, out_biz_no: refundRef = notice.trade_no } = notice;
  if (!isRefundRefOf(refundRef, attemptRef)) return null;
  return {
    source: 'notification',
    refundRef,
    attemptRef,
    state: 'succeeded',
    appId: notice.app_id,
    liveMode,
    evidence,
    ...(notice.seller_id === undefined ? {} : { merchantId: notice.seller_id }),
  };
}

const payerFields = ['buyer_id', 'buyer_open_id', 'buyer_logon_id', 'buyer_user_id'];

/** What may be kept for disputes: Alipay shows the form itself to whoever is its merchant, and who paid is nobody else's concern. */
const withoutPayer = (form: Fields): Uint8Array =>
  new TextEncoder().encode(
    new URLSearchParams(Object.entries(form).filter(([name]) => !payerFields.includes(name))).toString(),
  );

function makeEvidence(notice: TradeNotice, { rawBody, receivedAt }: RawNotification, keyId: string): Evidence {
  const sentAt = parseBeijingPlain(notice.notify_time);
  return {
    receivedAt,
    keyId,
    bodySha256: createHash('sha256').update(rawBody).digest('hex'),
    providerCode: notice.trade_status,
    ...(sentAt === null ? {} : { clockSkewMs: sentAt - receivedAt }),
  };
}

const reply = (status: number, body: string): HttpReply => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body,
});

/** Alipay reads the body and nothing else: exactly these seven characters, or the notification comes again. */
export const replies = {
  accepted: reply(200, 'success'),
  rejected: reply(400, 'fail'),
  try_again: reply(503, 'fail'),
} as const satisfies Record<string, HttpReply>;
