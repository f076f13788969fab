import type { OrderMessage } from '../../order/order.message.ts';

/** What the order's page shows. */
export type OrderStep =
  | 'choose_payment'
  | 'paying'
  | 'checking'
  | 'issuing'
  | 'permit'
  | 'permit_used'
  | 'permit_expired'
  | 'permit_revoked'
  | 'cancelled'
  | 'expired'
  | 'refunded';

/** The one step that an order is at, as the cloud tells it; the phone's clock has no say. */
export function stepOf(order: OrderMessage): OrderStep {
  switch (order.state) {
    case 'placed':
      return unpaidStep(order.payment);
    case 'paid':
    case 'fulfilled':
      return permitStep(order.permit);
    case 'cancelled':
    case 'expired':
      return order.payment?.unknown === true ? 'checking' : order.state;
    case 'refunded':
      return 'refunded';
  }
}

function unpaidStep(payment: OrderMessage['payment']): OrderStep {
  if (payment === null) return 'choose_payment';
  // "Unknown" is not paid and not failed: nobody may be asked to pay again before it is known.
  if (payment.unknown) return 'checking';
  switch (payment.state) {
    case 'created':
    case 'pending':
      return 'paying';
    case 'failed':
    case 'closed':
      return 'choose_payment';
    // Money has come, the order does not say so yet.
    case 'paid':
    case 'partly_refunded':
    case 'refunded':
      return 'checking';
  }
}

function permitStep(permit: OrderMessage['permit']): OrderStep {
  switch (permit?.state) {
    case undefined:
      return 'issuing';
    case 'redeemed':
      return 'permit_used';
    case 'expired':
      return 'permit_expired';
    case 'revoked':
      return 'permit_revoked';
    case 'issued':
    case 'sent':
    case 'printed':
    case 'processed':
    case 'unconfirmed':
    case 'undeliverable':
      return 'permit';
  }
}

/** Nothing more can come: the page stops asking. A late payment may still arrive for a cancelled or expired order. */
export function isOver(order: OrderMessage): boolean {
  if (order.state === 'refunded') return order.refunds.every((refund) => refund.state === 'succeeded');
  return order.permit?.state === 'redeemed' && order.refunds.length === 0;
}

/** The driver may still call it off: nothing was paid and nothing is in doubt. */
export const isCancellable = (order: OrderMessage): boolean => ['choose_payment', 'paying'].includes(stepOf(order));
