import type { StaffOrderLineMessage, StaffOrderMessage } from '../../staff/staff.message.ts';
import type { StaffWordName } from './staff-tools.ts';

/** How an order stands: in words, with a mark and a tone, so that nobody has to tell colours apart. */
export type OrderState = {
  readonly text: StaffWordName;
  readonly mark: string;
  readonly tone: 'good' | 'wait' | 'warn' | 'stop';
};

const states = {
  placed: { text: 'order_placed', mark: '○', tone: 'wait' },
  paid: { text: 'order_paid', mark: '✓', tone: 'good' },
  fulfilled: { text: 'order_fulfilled', mark: '✓', tone: 'good' },
  cancelled: { text: 'order_cancelled', mark: '×', tone: 'stop' },
  expired: { text: 'order_expired', mark: '×', tone: 'stop' },
  refunded: { text: 'order_refunded', mark: '↩', tone: 'stop' },
} as const satisfies Record<StaffOrderLineMessage['state'], OrderState>;

const checking: OrderState = { text: 'order_checking', mark: '?', tone: 'warn' };

/** `unknown`: nobody can say yet whether money moved, which is neither paid nor not paid. */
export const stateOf = (state: StaffOrderLineMessage['state'], unknown: boolean): OrderState =>
  unknown && state === 'placed' ? checking : states[state];

export const orderStates = ['placed', 'paid', 'fulfilled', 'cancelled', 'expired', 'refunded'] as const;

type PermitState = NonNullable<StaffOrderMessage['permit']>['state'];

export const permitWords = {
  issued: 'permit_issued',
  sent: 'permit_sent',
  printed: 'permit_printed',
  processed: 'permit_processed',
  unconfirmed: 'permit_unconfirmed',
  undeliverable: 'permit_undeliverable',
  redeemed: 'permit_redeemed',
  revoked: 'permit_revoked',
  expired: 'permit_expired',
} as const satisfies Record<PermitState, StaffWordName>;

/** Somebody should look at the printer. */
export const isDoubtful = (state: PermitState): boolean => state === 'unconfirmed' || state === 'undeliverable';

export const refundStateWords = {
  due: 'refund_open',
  requested: 'refund_open',
  succeeded: 'refund_succeeded',
  abnormal: 'refund_abnormal',
} as const satisfies Record<StaffOrderMessage['refunds'][number]['state'], StaffWordName>;
