import { minuteMs } from '../../../base/clock.ts';
import {
  isPayable,
  leftMinor,
  type Payment,
  type PaymentService,
  type ServiceRefund,
  type Trade,
} from './payment-service.ts';
import { addRefund, endTrade, tell, tellRefund } from './service-calls.ts';
import { heardAt, paymentFactOf } from './service-words.ts';

/** What people do at a payment service, of which we hear by its messages, by asking, by its bill, or not at all. */

/** How money can come in otherwise than it was asked for; all of it is our merchant's. */
export type Oddity = 'right' | 'less' | 'more' | 'another app' | 'another payer' | 'another currency';

export const driverOpenId = 'driver';

/** Null where it cannot be paid any more. */
export function payTrade(service: PaymentService, trade: Trade, oddity: Oddity, now: number): Payment | null {
  if (!isPayable(trade, now)) return null;
  const { merchant } = service.account;
  trade.payment = {
    minor: trade.asked.minor + (oddity === 'less' ? 1 - trade.asked.minor : 0) + (oddity === 'more' ? 1 : 0),
    currency: oddity === 'another currency' ? 'USD' : trade.asked.currency,
    appId: oddity === 'another app' ? 'another-app' : merchant.appId,
    payer: oddity === 'another payer' ? 'somebody' : driverOpenId,
    paymentId: `payment-${trade.attemptRef}`,
    at: now,
  };
  trade.state = 'paid';
  tell(service, paymentFactOf(service, trade, 'notification', now));
  return trade.payment;
}

/** He has scanned it, or is at its page, and has not confirmed yet. */
export function openCashier(trade: Trade, now: number): boolean {
  if (!isPayable(trade, now)) return false;
  trade.state = 'waiting';
  trade.inCashierUntil = now + minuteMs;
  return true;
}

/** Another till of the same merchant is paid; its reference means nothing to us. */
export function payStranger(service: PaymentService, attemptRef: string, payment: Payment, now: number): void {
  service.strangers.set(attemptRef, payment);
  tell(service, {
    source: 'notification',
    attemptRef,
    state: 'paid',
    ...service.account.merchant,
    amount: { minor: payment.minor, currency: payment.currency },
    authenticated: true,
    paidAt: now,
    evidence: heardAt(now),
  });
}

export function finishRefund(
  service: PaymentService,
  trade: Trade,
  refund: ServiceRefund,
  state: Exclude<ServiceRefund['state'], 'processing'>,
  now: number,
): void {
  refund.state = state;
  refund.hasFailed ||= state === 'abnormal';
  tellRefund(service, trade, refund, now);
}

/** At the service's own desk, where the journey is not asked. */
export function giveBackThere(service: PaymentService, trade: Trade, minor: number, now: number): void {
  if (minor < 1 || minor > leftMinor(trade)) throw new Error(`${minor} of ${trade.attemptRef} cannot be given back`);
  const refundRef = `DESK-${trade.attemptRef}-${trade.refunds.length + 1}`;
  addRefund(service, trade, { refundRef, amountMinor: minor, by: 'somebody', state: 'succeeded' }, now);
}

/** Trades whose time is over end by themselves, where the service does that. */
export function letTimePass(service: PaymentService, now: number): void {
  if (!service.manners.endsByItself) return;
  for (const trade of service.trades.values())
    if (trade.state === 'waiting' && now >= trade.payableUntil) endTrade(service, trade, now);
}
