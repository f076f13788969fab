import { minuteMs, secondMs } from '../../../base/clock.ts';
import type { Money } from '../../../base/money.ts';
import type { PaymentFact, PaymentProvider, RefundFact } from '../../../payment/provider/provider.ts';

/**
 * A payment service that holds the truth: what was asked for, what a driver paid, what went back. It never errs about money; everything that goes wrong
 * goes wrong between it and us. Amounts in minor units, times in ms since 1970.
 */
export type PaymentService = {
  readonly account: Account;
  readonly manners: Manners;
  readonly trades: Map<string, Trade>;
  /** What the same merchant is paid by another till: no order of ours knows it. */
  readonly strangers: Map<string, Payment>;
  /** What it has sent us, oldest first, in one list with the other services. Each may arrive late, more than once, or never. */
  readonly told: Message[];
};

export type Message = {
  readonly service: PaymentService;
  readonly dedupeId: string;
  /** `hint`: something happened to this attempt, go and ask. */
  readonly news: PaymentFact | RefundFact | { readonly hint: string };
};

export type ServiceId = 'wechat-pay' | 'alipay' | 'stripe';

/** Our account there, as far as the rules look at it. */
export type Account = Pick<PaymentProvider, 'id' | 'account' | 'merchant' | 'capabilities'> & {
  readonly id: ServiceId;
};

/** In what services differ where money can go wrong by it. */
export type Manners = {
  /** A code is handed out at once and can be paid; a trade that can be asked after or closed begins when it is scanned. */
  readonly codeFirst: boolean;
  /** So long after the order's end it still takes money. */
  readonly outlivesMs: number;
  /** A trade that nobody paid ends by itself then, and we are told. */
  readonly endsByItself: boolean;
  /** The same create again gives the same answer, whatever became of the trade. */
  readonly repeatsItself: boolean;
  readonly refundsAtOnce: boolean;
};

/** One payment that somebody was asked for, by our own reference. */
export type Trade = {
  readonly attemptRef: string;
  readonly asked: Money;
  readonly payableUntil: number;
  state: 'code' | 'waiting' | 'paid' | 'closed';
  /** The driver is about to confirm: the service will not close it under his hands. */
  inCashierUntil: number;
  payment: Payment | null;
  readonly refunds: ServiceRefund[];
};

export type Payment = Money & {
  readonly paymentId: string;
  readonly at: number;
  readonly appId: string;
  readonly payer: string;
};

export type ServiceRefund = {
  readonly refundRef: string;
  readonly minor: number;
  readonly at: number;
  /** `somebody`: a person, at the service's own desk; no rule of ours asked for it. */
  readonly by: 'us' | 'somebody';
  /** `closed`: it came to nothing, the money is still the merchant's. `abnormal`: a person must help it to the driver. */
  state: 'processing' | 'succeeded' | 'abnormal' | 'closed';
  /** It was abnormal at some time: an answer that says so may still be on its way. */
  hasFailed: boolean;
  /** When it had succeeded and the payer's bank sent it back. */
  bouncedAt: number | null;
};

const manners: Readonly<Record<ServiceId, Manners>> = {
  'wechat-pay': {
    codeFirst: false,
    outlivesMs: 5 * secondMs,
    endsByItself: false,
    repeatsItself: false,
    refundsAtOnce: false,
  },
  alipay: { codeFirst: true, outlivesMs: 0, endsByItself: true, repeatsItself: false, refundsAtOnce: true },
  stripe: {
    codeFirst: false,
    outlivesMs: 30 * minuteMs,
    endsByItself: true,
    repeatsItself: true,
    refundsAtOnce: false,
  },
};

const surfaces = {
  'wechat-pay': ['wechat.native', 'wechat.jsapi'],
  alipay: ['alipay.qr'],
  stripe: ['card.hosted'],
} as const;

export const openService = (id: ServiceId, told: Message[]): PaymentService => ({
  account: {
    id,
    account: 'main',
    merchant: { merchantId: `merchant-${id}`, appId: `app-${id}`, liveMode: true },
    capabilities: {
      surfaces: surfaces[id],
      currencies: ['CNY'],
      close: manners[id].codeFirst ? 'lazy' : 'reliable',
      notifications: 'signed',
      signedResponses: true,
      bills: true,
      refundWindowDays: 180,
      refundPromiseDays: 5,
      merchantRefPattern: /^/,
      minCloseAgeMs: 0,
      maxLifetimeMs: 7 * 24 * 60 * minuteMs,
    },
  },
  manners: manners[id],
  trades: new Map(),
  strangers: new Map(),
  told,
});

/** What has really gone back to the payer. */
export const wentBackMinor = (trade: Trade): number => sum(trade.refunds.filter(({ state }) => state === 'succeeded'));

/** What can still be given back: what is on its way already cannot. */
export const leftMinor = (trade: Trade): number =>
  (trade.payment?.minor ?? 0) - sum(trade.refunds.filter(({ state }) => state !== 'closed'));

const sum = (refunds: readonly ServiceRefund[]): number => refunds.reduce((all, { minor }) => all + minor, 0);

export const isPayable = (trade: Trade, now: number): boolean =>
  (trade.state === 'code' || trade.state === 'waiting') && now < trade.payableUntil;
