import type { OrderMessage } from '../../order/order.message.ts';
import type { PaymentMessage } from '../../payment/payment.message.ts';
import type { Answer } from './cloud.ts';
import type { Failure } from './failure-text.ts';

/** What the driver wishes to pay by. The surface is the cloud's choice, but for the code that is left where WeChat does not say who pays. */
export type PayWish = {
  readonly method: string;
  readonly surface?: 'wechat.native';
  /** What WeChat sent him back with. */
  readonly signInCode?: string;
  /** He was told that a double payment goes back by itself. */
  readonly insists?: boolean;
};

export type PayOutcome =
  | { readonly kind: 'started'; readonly payment: PaymentMessage }
  /** WeChat has to say first who pays; it does so at this address. */
  | { readonly kind: 'sign_in'; readonly url: string }
  /** This wish cannot be had; the page asks for that one in its place. */
  | { readonly kind: 'instead'; readonly wish: PayWish }
  /** An earlier payment cannot be closed just now, and may yet turn out to be paid. */
  | { readonly kind: 'in_doubt'; readonly failure: Failure }
  | {
      readonly kind: 'failed';
      readonly failure: Failure;
      /** What can be paid by instead of a service that is down, where the cloud said so. */
      readonly methods: readonly string[] | null;
      /** WeChat's own call is not to be had: a code for another phone may be. */
      readonly offersCode: boolean;
    };

/** So long a sign-in counts as fresh: at most so often the page goes to WeChat by itself. Whoever taps may go again. */
export const signInEveryMs = 60_000;

type Asked = {
  readonly answer: Answer<PaymentMessage>;
  readonly wish: PayWish;
  /** When this phone last went to WeChat's sign-in, and now: ms since 1970. */
  readonly signedInAt: number | null;
  readonly now: number;
};

/** What the page does after the cloud's answer to a wish to pay. */
export function judgeAnswer(asked: Asked): PayOutcome {
  const { answer, wish } = asked;
  if (answer.kind === 'answered') return { kind: 'started', payment: answer.body };
  const failed = {
    kind: 'failed',
    failure: answer,
    methods: null,
    offersCode: wish.signInCode !== undefined,
  } as const;
  if (answer.kind === 'unanswered') return failed;
  const { code, hint } = answer.problem;
  if (code === 'payment_in_progress') return { kind: 'in_doubt', failure: answer };
  if (code === 'payer_missing' && wish.surface === undefined) return askWhoPays(asked, hint?.['signInUrl']) ?? failed;
  return code === 'payment_service_down' ? { ...failed, methods: readMethods(hint?.['methods']) } : failed;
}

/**
 * A code that WeChat gave and the cloud could not use is used up or too old. Another one is fetched, but for the case that this one is fresh, lest that
 * go round for ever.
 */
function askWhoPays({ wish, signedInAt, now }: Asked, url: unknown): PayOutcome | null {
  const { method } = wish;
  if (wish.signInCode !== undefined)
    return signedInAt !== null && now - signedInAt < signInEveryMs ? null : { kind: 'instead', wish: { method } };
  // Nobody here can say who pays, so a code is all that is left.
  return typeof url === 'string'
    ? { kind: 'sign_in', url }
    : { kind: 'instead', wish: { method, surface: 'wechat.native' } };
}

const readMethods = (hint: unknown): readonly string[] | null =>
  Array.isArray(hint) ? hint.filter((one) => typeof one === 'string') : null;

/** The order with a payment that a call has started. What the order's stream told of it in the meantime is newer than the call's answer. */
export function withPayment(order: OrderMessage, payment: PaymentMessage): OrderMessage {
  const known = order.payment;
  // The references of one order end in the attempt's number, so they sort by age.
  const isOvertaken =
    known !== null &&
    (known.attemptRef > payment.attemptRef || (known.attemptRef === payment.attemptRef && !isOpenPayment(known)));
  return order.state !== 'placed' || isOvertaken ? order : { ...order, payment };
}

/** It may still be paid. */
export const isOpenPayment = ({ state }: Pick<PaymentMessage, 'state'>): boolean =>
  state === 'created' || state === 'pending';
