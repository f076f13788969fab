import type { Money } from '../../base/money.ts';
import type { NextAction } from '../payment.message.ts';

/**
 * One interface in front of every payment service. A provider knows its service's wire; the rules that keep money right
 * (attempts, unknown, judging) belong to `payment/` and `journey/`, never to a provider.
 */

export type Fields = Readonly<Record<string, string>>;

export type PaymentSurface =
  | 'wechat.jsapi'
  | 'wechat.h5'
  | 'wechat.native'
  | 'alipay.wap'
  | 'alipay.qr'
  | 'card.hosted';

export type ProviderCapabilities = {
  readonly surfaces: readonly PaymentSurface[];
  readonly currencies: readonly string[];
  /** `lazy`: "not created" may still be paid; `none`: only the service's own expiry ends an attempt. */
  readonly close: 'reliable' | 'lazy' | 'none';
  readonly notifications: 'signed' | 'unsigned-hint';
  readonly signedResponses: boolean;
  readonly bills: boolean;
  readonly refundWindowDays: number;
  /** Within so many days after it was asked for, money that goes back has reached the payer, as the service itself promises. */
  readonly refundPromiseDays: number;
  /** How far the clock by which its bills count days is ahead of UTC: eight hours in Beijing. Without it bills count days in UTC. */
  readonly billDayOffsetMs?: number;
  readonly merchantRefPattern: RegExp;
  readonly minCloseAgeMs: number;
  readonly maxLifetimeMs: number;
};

export type CreateInput = {
  /** Our order number at the service; stored before the call. */
  readonly attemptRef: string;
  readonly amount: Money;
  readonly subject: string;
  readonly surface: PaymentSurface;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly notifyUrl: string;
  readonly returnUrl: string;
  readonly payer: {
    readonly ip: string;
    readonly userAgent: string;
    readonly openId?: string;
    readonly locale?: string;
  };
};

export type Created = {
  /** prepay_id, Checkout Session id, … */
  readonly providerRef: string | null;
  readonly next: NextAction;
  /** Milliseconds since 1970: h5_url lives 5 minutes, code_url and prepay_id 2 hours. */
  readonly nextExpiresAt: number;
};

export type PaymentState = 'not_found' | 'pending' | 'paid' | 'closed' | 'refunded';

/** Kept for disputes, personal data masked. */
export type Evidence = {
  readonly receivedAt: number;
  readonly httpStatus?: number;
  readonly requestId?: string;
  readonly keyId?: string;
  readonly bodySha256: string;
  readonly providerCode?: string;
  /** How far the service's clock was ahead of ours. */
  readonly clockSkewMs?: number;
};

/** The only thing the core may believe. */
export type PaymentFact = {
  readonly source: 'query' | 'notification' | 'bill';
  readonly attemptRef: string;
  readonly state: PaymentState;
  readonly providerPaymentId?: string;
  /** Required when paid or refunded. */
  readonly amount?: Money;
  readonly refundedMinor?: number;
  readonly merchantId?: string;
  readonly appId?: string;
  /** SHA-256 in hex of who paid, where the service says so; never the name itself. */
  readonly payerSha256?: string;
  readonly liveMode: boolean;
  readonly paidAt?: number;
  /** Its own signature was checked. */
  readonly authenticated: boolean;
  readonly evidence: Evidence;
};

export type CloseResult =
  | { readonly kind: 'closed' }
  | { readonly kind: 'paid' }
  | { readonly kind: 'in_progress' }
  | { readonly kind: 'too_early'; readonly retryAt: number }
  | { readonly kind: 'not_created'; readonly mayStillBePaidUntil: number };

export type RefundInput = {
  /** Stable for ever; a retry must use it again. */
  readonly refundRef: string;
  readonly attemptRef: string;
  readonly providerPaymentId?: string;
  readonly amount: Money;
  /** What the attempt was paid with. */
  readonly paidTotal: Money;
  readonly reason: string;
  readonly notifyUrl?: string;
};

export type RefundFact = {
  readonly source: 'refund' | 'query' | 'notification' | 'bill';
  readonly refundRef: string;
  /** The payment it gives back, where the service says so: a refund made at the service itself has a reference that is none of ours. */
  readonly attemptRef?: string;
  readonly state: 'not_found' | 'processing' | 'succeeded' | 'closed' | 'abnormal';
  readonly amount?: Money;
  /** Whose money it is, where the service says so or its answer can be of no other account than the one that asked; what is left out says nothing. */
  readonly merchantId?: string;
  readonly appId?: string;
  readonly liveMode?: boolean;
  readonly evidence: Evidence;
};

/** Raw bytes in; nothing is parsed before the signature is checked. Header names in lower case. */
export type RawNotification = { readonly rawBody: Uint8Array; readonly headers: Fields; readonly receivedAt: number };

export type NotificationRejection =
  | 'bad_signature'
  | 'stale'
  | 'unknown_key'
  | 'probe'
  | 'malformed'
  | 'decrypt_failed';

/** `bodyToKeep` stands in the place of the raw body where that one tells who paid: the same without the payer. */
export type NotificationResult =
  | {
      readonly kind: 'payment';
      readonly dedupeId: string;
      readonly fact: PaymentFact;
      readonly bodyToKeep?: Uint8Array;
    }
  | { readonly kind: 'refund'; readonly dedupeId: string; readonly fact: RefundFact; readonly bodyToKeep?: Uint8Array }
  | {
      readonly kind: 'hint';
      readonly dedupeId: string;
      readonly attemptRef?: string;
      readonly providerPaymentId?: string;
    }
  | { readonly kind: 'ignored'; readonly dedupeId: string; readonly type: string }
  | { readonly kind: 'rejected'; readonly reason: NotificationRejection };

export type HttpReply = { readonly status: number; readonly headers: Fields; readonly body: string };

/**
 * One line of a service's daily bill. Amounts are positive for payments and refunds alike; a fee that is given back is negative. `other` is what
 * moves money and is neither (a chargeback, a correction), with the service's own word for it; its amount is negative where money leaves us.
 */
export type BillRow = {
  readonly kind: 'payment' | 'refund' | 'other';
  /** As the service has it; empty where it names none. Not always one of ours. */
  readonly attemptRef: string;
  readonly refundRef?: string;
  readonly providerPaymentId: string;
  readonly amount: Money;
  readonly feeMinor?: number;
  readonly at: number;
  /** How a refund stood when the bill was made, where the bill tells; without it the money has gone back. */
  readonly refundState?: Extract<RefundFact['state'], 'processing' | 'succeeded' | 'abnormal'>;
  readonly description?: string;
};

export type CallOptions = { readonly signal: AbortSignal; readonly timeoutMs: number };

export type AttemptName = {
  readonly attemptRef: string;
  /** The app that it was made with, for services whose answers name none. */
  readonly appId?: string;
  readonly providerRef?: string;
  /** When the attempt was made, and until when it may be paid; for services that cannot be asked by our reference alone. Milliseconds since 1970. */
  readonly createdAt?: number;
  readonly expiresAt?: number;
};

export type Health = {
  readonly ok: boolean;
  readonly detail?: string;
  /** Why the call failed, where `detail` has the line's or the service's own words and not what to do. */
  readonly kind?: ProviderErrorKind;
  /** The version of the service's API that the answer came from, where it has dated ones: its events must be of the same. */
  readonly apiVersion?: string;
  /** How far the service's clock is ahead of ours, where its answer tells. */
  readonly clockSkewMs?: number;
  /** What will need a person's attention though the service answers: a certificate that ends soon. */
  readonly warnings?: readonly string[];
};

/** How a service tells who pays before he does, where it can: a page of its own that sends him back with a code. */
export interface PayerSignIn {
  /** The page to send the payer to; it comes back to `returnUrl` with `code` and `state` in its query. */
  url(returnUrl: string, state: string): string;
  /** Who it was, for `CreateInput.payer.openId`; null where the code is wrong, used or too old. Throws `ProviderError`. */
  openIdOf(code: string, options: CallOptions): Promise<string | null>;
}

/** The name of the account where there is only one. */
export const mainAccount = 'main';

/** One account at one payment service. */
export interface PaymentProvider {
  /** The service: `wechat-pay`, `alipay`, `stripe`. */
  readonly id: string;
  /** Where it is reached: `https://api.mch.weixin.qq.com`. */
  readonly origin: string;
  /** Which of our accounts there, by the operator's own name for it. */
  readonly account: string;
  readonly capabilities: ProviderCapabilities;
  /** What a paid fact must name to be ours. */
  readonly merchant: { readonly merchantId: string; readonly appId: string; readonly liveMode: boolean };
  readonly signIn?: PayerSignIn;
  create(input: CreateInput, options: CallOptions): Promise<Created>;
  query(attempt: AttemptName, options: CallOptions): Promise<PaymentFact>;
  close(attempt: AttemptName, options: CallOptions): Promise<CloseResult>;
  refund(input: RefundInput, options: CallOptions): Promise<RefundFact>;
  queryRefund(
    /** `providerPaymentId` for services that list refunds by their payment; told wherever it is known. */
    refund: { readonly refundRef: string; readonly attemptRef: string; readonly providerPaymentId?: string },
    options: CallOptions,
  ): Promise<RefundFact>;
  parseNotification(notification: RawNotification): NotificationResult;
  reply(outcome: 'accepted' | 'rejected' | 'try_again'): HttpReply;
  bill?(date: string, options: CallOptions): AsyncIterable<BillRow>;
  /** Asks something that changes nothing: proves line, keys and clocks. Never throws `ProviderError`. */
  health(options: CallOptions): Promise<Health>;
}

export type ProviderOperation = 'signIn' | 'create' | 'query' | 'close' | 'refund' | 'queryRefund' | 'bill';

/**
 * `declined`: the service said no. `rejected`: our request is wrong. `auth`: our key, serial or clock is wrong, nothing happened.
 * `rate_limited`: not processed, unless it was a close or a refund. `unreachable`: refused before any byte was sent.
 * `unknown`: timeout, reset, 5xx, HTML, bad or missing signature on a 2xx, unparsable. `integrity`: authentic, but for other
 * money, merchant or app.
 */
export type ProviderErrorKind =
  | 'declined'
  | 'rejected'
  | 'auth'
  | 'rate_limited'
  | 'unreachable'
  | 'unknown'
  | 'integrity';

export type ProviderErrorDetail = {
  readonly providerCode?: string;
  /** The merchant has not signed the product that this surface belongs to; the service lives, and its other products are none the worse. */
  readonly productNotSigned?: true;
  /** The service says itself that it has not made this bill yet. */
  readonly billNotMadeYet?: true;
  readonly httpStatus?: number;
  readonly retryAfterMs?: number;
  readonly requestId?: string;
  readonly clockSkewMs?: number;
};

export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly kind: ProviderErrorKind;
  readonly operation: ProviderOperation;
  readonly detail: ProviderErrorDetail;

  constructor(
    kind: ProviderErrorKind,
    operation: ProviderOperation,
    message: string,
    detail: ProviderErrorDetail = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.kind = kind;
    this.operation = operation;
    this.detail = detail;
  }

  /** May money have moved? Then the attempt stays open and is queried. */
  get outcomeUnknown(): boolean {
    return (
      this.kind === 'unknown' ||
      (this.kind === 'rate_limited' && (this.operation === 'close' || this.operation === 'refund'))
    );
  }
}
