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
  | 'refunding'
  | 'refund_held_up'
  | 'refunded';

/** The one step that an order is at, as the cloud tells it; the phone's clock has no say. */
export function stepOf({ state, payment, permit, refunds }: OrderMessage): OrderStep {
  if (state === 'refunded') return refundStepOf(refunds);
  if (state === 'paid' || state === 'fulfilled') return permit === null ? 'issuing' : permitSteps[permit.state];
  // "Unknown" is not paid and not failed: nobody may be asked to pay again before it is known.
  if (payment?.unknown === true) return 'checking';
  if (state !== 'placed') return state;
  return payment === null ? 'choose_payment' : unpaidSteps[payment.state];
}

/** Once one refund is held up, nobody may promise that the money comes by itself. */
function refundStepOf(refunds: OrderMessage['refunds']): OrderStep {
  if (refunds.some((refund) => refund.state === 'abnormal')) return 'refund_held_up';
  return refunds.every((refund) => refund.state === 'succeeded') ? 'refunded' : 'refunding';
}

const unpaidSteps = {
  created: 'paying',
  pending: 'paying',
  failed: 'choose_payment',
  closed: 'choose_payment',
  // Money has come, the order does not say so yet.
  paid: 'checking',
  partly_refunded: 'checking',
  refunded: 'checking',
} as const satisfies Record<NonNullable<OrderMessage['payment']>['state'], OrderStep>;

const permitSteps = {
  issued: 'permit',
  sent: 'permit',
  printed: 'permit',
  processed: 'permit',
  unconfirmed: 'permit',
  undeliverable: 'permit',
  redeemed: 'permit_used',
  expired: 'permit_expired',
  revoked: 'permit_revoked',
} as const satisfies Record<NonNullable<OrderMessage['permit']>['state'], OrderStep>;

/** What the phone knows and the cloud does not. */
export type Doubts = {
  /** The driver has come back from a cashier just now. */
  readonly isBack: boolean;
  /** He wished to pay in another way, and this payment cannot be closed just now. */
  readonly attemptRef: string | null;
};

/** What is shown of an order: where the driver may have paid already, he is not asked to pay until the cloud has looked. */
export function stepShown(order: OrderMessage, { isBack, attemptRef }: Doubts): OrderStep {
  const step = stepOf(order);
  return step === 'paying' && (isBack || order.payment?.attemptRef === attemptRef) ? 'checking' : step;
}

/** Nothing more can come: the page stops asking. A late payment may still arrive for a cancelled or expired order. */
export function isOver({ permit, refunds, ...order }: OrderMessage): boolean {
  const isBack = refunds.every(({ state }) => state === 'succeeded');
  return isBack && (order.state === 'refunded' || permit?.state === 'redeemed');
}

/** The driver may still call it off: nothing was paid and nothing is in doubt. */
export const isCancellable = (step: OrderStep): boolean => step === 'choose_payment' || step === 'paying';
