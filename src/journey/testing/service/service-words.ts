import type { Evidence, PaymentFact, RefundFact } from '../../../payment/provider/provider.ts';
import { digestPayer } from '../../../payment/provider/payer.ts';
import { leftMinor, type PaymentService, type ServiceRefund, type Trade, wentBackMinor } from './payment-service.ts';

/**
 * The truth in the words of each service, as its client in `payment/provider/` would hand them to the judge. They differ most in what they tell of
 * refunds: WeChat Pay says that something went back and not how much, Alipay says nothing until all is back, Stripe says the sum.
 */
export function paymentFactOf(
  service: PaymentService,
  trade: Trade,
  source: PaymentFact['source'],
  now: number,
): PaymentFact {
  const { payment } = trade;
  const { id, merchant } = service.account;
  const about = { source, attemptRef: trade.attemptRef, liveMode: true, authenticated: true, evidence: heardAt(now) };
  if (payment === null) return { ...about, state: unpaidStates[trade.state], ...merchant };
  return {
    ...about,
    ...(source === 'notification' ? { state: 'paid' } : refundsIn(id, trade)),
    providerPaymentId: payment.paymentId,
    amount: { minor: payment.minor, currency: payment.currency },
    merchantId: merchant.merchantId,
    appId: payment.appId,
    paidAt: payment.at,
    // Only WeChat Pay is asked to be paid by a certain person.
    ...(id === 'wechat-pay' ? { payerSha256: digestPayer(payment.payer) } : {}),
  };
}

const unpaidStates = { code: 'not_found', waiting: 'pending', closed: 'closed', paid: 'paid' } as const;

/** WeChat Pay's refusals need not be signed. */
export const notFound = ({ account }: PaymentService, attemptRef: string, now: number): PaymentFact => ({
  source: 'query',
  attemptRef,
  state: 'not_found',
  liveMode: true,
  authenticated: account.id !== 'wechat-pay',
  evidence: heardAt(now),
});

type Refunded = Pick<PaymentFact, 'state' | 'refundedMinor'>;

function refundsIn(id: PaymentService['account']['id'], trade: Trade): Refunded {
  const backMinor = wentBackMinor(trade);
  switch (id) {
    case 'wechat-pay':
      return { state: trade.refunds.some(({ state }) => state !== 'closed') ? 'refunded' : 'paid' };
    case 'alipay':
      return backMinor > 0 && leftMinor(trade) === 0
        ? { state: 'refunded', refundedMinor: backMinor }
        : { state: 'paid' };
    case 'stripe':
      return backMinor > 0 ? { state: 'refunded', refundedMinor: backMinor } : { state: 'paid' };
  }
}

/** The service's answer to a refund, or to a question after one. */
export function refundFactOf(
  service: PaymentService,
  trade: Trade,
  refund: ServiceRefund,
  source: RefundFact['source'],
  now: number,
): RefundFact {
  // Alipay's answers and notifications know only the sum of all that went back.
  const tellsSum = service.account.id !== 'alipay' || source === 'query' || source === 'bill';
  return {
    source,
    refundRef: refund.refundRef,
    attemptRef: trade.attemptRef,
    state: refund.state,
    ...(tellsSum ? { amount: { minor: refund.minor, currency: trade.payment?.currency ?? trade.asked.currency } } : {}),
    evidence: heardAt(now),
  };
}

export const refundNotFound = (refundRef: string, attemptRef: string, now: number): RefundFact => ({
  source: 'query',
  refundRef,
  attemptRef,
  state: 'not_found',
  evidence: heardAt(now),
});

export const heardAt = (receivedAt: number): Evidence => ({ receivedAt, bodySha256: '' });
