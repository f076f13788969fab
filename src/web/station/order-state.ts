import type { StaffOrderLineMessage, StaffOrderMessage } from '../../staff/staff.message.ts';
import type { StaffWordName } from './staff-tools.ts';

/** How an order stands: in words, with a mark and a tone, so that nobody has to tell colours apart. */
export type OrderState = {
  readonly text: StaffWordName;
  readonly mark: string;
  readonly tone: 'good' | 'wait' | 'warn' | 'stop';
  /** Of an order that still stands: what is to be known of money that goes back. */
  readonly more: StaffWordName | null;
};

type Stated = Omit<OrderState, 'more'>;
type RefundState = StaffOrderMessage['refunds'][number]['state'];

const states = {
  placed: { text: 'order_placed', mark: '○', tone: 'wait' },
  paid: { text: 'order_paid', mark: '✓', tone: 'good' },
  fulfilled: { text: 'order_fulfilled', mark: '✓', tone: 'good' },
  cancelled: { text: 'order_cancelled', mark: '×', tone: 'stop' },
  expired: { text: 'order_expired', mark: '×', tone: 'stop' },
  refunded: { text: 'order_refunded', mark: '↩', tone: 'stop' },
} as const satisfies Record<StaffOrderLineMessage['state'], Stated>;

const checking: Stated = { text: 'order_checking', mark: '?', tone: 'warn' };

const refunding: Stated = { text: 'order_refunding', mark: '↩', tone: 'wait' };
const heldUp: Stated = { text: 'order_held_up', mark: '!', tone: 'warn' };

export type Standing = {
  readonly state: StaffOrderLineMessage['state'];
  /** Nobody can say yet whether money moved, which is neither paid nor not paid. */
  readonly unknown: boolean;
  readonly refundStates: readonly RefundState[];
  /** Of the money that paid the order, a decimal string. */
  readonly givenBack: string;
};

/** How an order stands. Money is given back only when the payment service said so; before that it is on its way or held up. */
export function stateOf({ state, unknown, refundStates, givenBack }: Standing): OrderState {
  const isHeldUp = refundStates.includes('abnormal');
  const isUnderWay = refundStates.some(isOpen);
  if (state === 'refunded') return { ...(isHeldUp ? heldUp : isUnderWay ? refunding : states.refunded), more: null };
  const stated = unknown && state === 'placed' ? checking : states[state];
  if (isHeldUp) return { ...stated, mark: '!', tone: 'warn', more: 'refund_held_up' };
  if (isUnderWay) return { ...stated, more: 'refund_under_way' };
  return { ...stated, more: Number(givenBack) > 0 ? 'partly_given_back' : null };
}

/** Still with the payment service, which promised a day. */
export const isOpen = (state: RefundState): boolean => state === 'due' || state === 'requested';

export const orderStates = ['placed', 'paid', 'fulfilled', 'cancelled', 'expired', 'refunded'] as const;

/** What the list is narrowed to. A refunded order's money may still be on its way. */
export const filterWordOf = (state: StaffOrderLineMessage['state']): StaffWordName =>
  state === 'refunded' ? 'only_refunded' : states[state].text;

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
} as const satisfies Record<RefundState, StaffWordName>;
