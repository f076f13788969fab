import { minuteMs } from '../../../base/clock.ts';
import {
  type CloseResult,
  type Created,
  type PaymentFact,
  ProviderError,
  type RefundFact,
} from '../../../payment/provider/provider.ts';
import type { Attempt } from '../../../payment/attempt.ts';
import { leftMinor, type PaymentService, type ServiceRefund, type Trade } from './payment-service.ts';
import { notFound, paymentFactOf, refundFactOf, refundNotFound } from './service-words.ts';

/** What we may ask of a payment service, as its client in `payment/provider/` answers. Throws `ProviderError` for a definite no. */

/** A request that is on its way is not taken any more when its signature is so old. */
export const requestLivesMs = 5 * minuteMs;

/** The same again is the same trade. */
export function serveCreate(service: PaymentService, attempt: Attempt, now: number): Created {
  const { attemptRef, amountMinor, currency, expiresAt } = attempt;
  const { codeFirst, outlivesMs, repeatsItself } = service.manners;
  const known = service.trades.get(attemptRef);
  if (known === undefined) {
    if (now >= expiresAt) throw new ProviderError('rejected', 'create', 'there is no time left to pay');
    service.trades.set(attemptRef, {
      attemptRef,
      asked: { minor: amountMinor, currency },
      payableUntil: expiresAt + outlivesMs,
      state: codeFirst ? 'code' : 'waiting',
      inCashierUntil: 0,
      payment: null,
      refunds: [],
    });
  } else if (!repeatsItself && (known.state === 'paid' || known.state === 'closed'))
    throw new ProviderError('rejected', 'create', `${attemptRef} is ${known.state}`);
  const providerRef = codeFirst ? null : `session-${attemptRef}`;
  return { providerRef, next: { kind: 'qr', payload: attemptRef }, nextExpiresAt: expiresAt };
}

export function serveQuery(service: PaymentService, { attemptRef }: Attempt, now: number): PaymentFact {
  const trade = service.trades.get(attemptRef);
  return trade === undefined ? notFound(service, attemptRef, now) : paymentFactOf(service, trade, 'query', now);
}

export function serveClose(service: PaymentService, attempt: Attempt, now: number): CloseResult {
  const trade = service.trades.get(attempt.attemptRef);
  if (trade === undefined || trade.state === 'code') {
    const until = service.manners.codeFirst ? Math.max(now, attempt.expiresAt) : now + requestLivesMs;
    return { kind: 'not_created', mayStillBePaidUntil: until };
  }
  if (trade.state === 'paid') return { kind: 'paid' };
  if (trade.state === 'waiting' && trade.inCashierUntil > now) return { kind: 'in_progress' };
  if (trade.state === 'waiting') endTrade(service, trade, now);
  return { kind: 'closed' };
}

/** From now on nobody can pay it. */
export function endTrade(service: PaymentService, trade: Trade, now: number): void {
  trade.state = 'closed';
  // WeChat Pay tells of money only.
  if (service.manners.endsByItself)
    tell(service, { ...paymentFactOf(service, trade, 'notification', now), state: 'closed' });
}

export function tell(service: PaymentService, news: PaymentService['told'][number]['news']): void {
  service.told.push({ service, dedupeId: `message-${service.told.length + 1}`, news });
}

export type RefundAsked = { readonly refundRef: string; readonly attemptRef: string; readonly amountMinor: number };

/** One reference is one refund, however often it is asked for. */
export function serveRefund(service: PaymentService, asked: RefundAsked, now: number): RefundFact {
  const { refundRef, attemptRef, amountMinor } = asked;
  const trade = service.trades.get(attemptRef);
  if (trade?.payment == null) throw new ProviderError('rejected', 'refund', `${attemptRef} was never paid`);
  const known = trade.refunds.find((one) => one.refundRef === refundRef);
  if (known !== undefined) {
    if (known.minor !== amountMinor) throw new ProviderError('rejected', 'refund', `${refundRef} is another sum`);
    const fact = refundFactOf(service, trade, known, 'refund', now);
    // Alipay says of a repeat only that it moved nothing.
    return service.manners.refundsAtOnce ? { ...fact, state: 'processing' } : fact;
  }
  if (amountMinor > leftMinor(trade)) throw new ProviderError('rejected', 'refund', `only ${leftMinor(trade)} is left`);
  const state = service.manners.refundsAtOnce ? 'succeeded' : 'processing';
  return refundFactOf(service, trade, addRefund(service, trade, { ...asked, by: 'us', state }, now), 'refund', now);
}

export function serveRefundQuery(
  service: PaymentService,
  { refundRef, attemptRef }: Pick<RefundAsked, 'refundRef' | 'attemptRef'>,
  now: number,
): RefundFact {
  const trade = service.trades.get(attemptRef);
  const refund = trade?.refunds.find((one) => one.refundRef === refundRef);
  return trade === undefined || refund === undefined
    ? refundNotFound(refundRef, attemptRef, now)
    : refundFactOf(service, trade, refund, 'query', now);
}

export function addRefund(
  service: PaymentService,
  trade: Trade,
  wish: Pick<RefundAsked, 'refundRef' | 'amountMinor'> & Pick<ServiceRefund, 'by' | 'state'>,
  now: number,
): ServiceRefund {
  const { refundRef, amountMinor: minor, by, state } = wish;
  const refund: ServiceRefund = { refundRef, minor, at: now, by, state, hasFailed: false, bouncedAt: null };
  trade.refunds.push(refund);
  if (state === 'succeeded') tellRefund(service, trade, refund, now);
  return refund;
}

/** Of a refund that was made at their own desk Alipay and Stripe tell only that something happened to the payment. */
export function tellRefund(service: PaymentService, trade: Trade, refund: ServiceRefund, now: number): void {
  const isHint = service.account.id !== 'wechat-pay' && refund.by === 'somebody';
  tell(service, isHint ? { hint: trade.attemptRef } : refundFactOf(service, trade, refund, 'notification', now));
}
