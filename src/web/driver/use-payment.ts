import { useRef, useState } from 'preact/hooks';
import type { OrderMessage } from '../../order/order.message.ts';
import type { NextAction } from '../../payment/payment.message.ts';
import { leaveForCashier } from './cashier-trip.ts';
import type { Failure } from './failure-text.ts';
import { requireWeb, takeAction } from './next-action.ts';
import { type OrderCalls, writePayment } from './order-calls.ts';
import { usePage } from './page-tools.ts';
import { isOpenPayment, judgeAnswer, type PayOutcome, type PayWish, withPayment } from './pay-answer.ts';
import { sendOnce } from './send-once.ts';
import { lastSignIn, noteSignIn } from './sign-in.ts';
import type { FollowedOrder } from './use-order.ts';

/** Why nothing was started. `failure` is null where WeChat's own window did not open. */
export type Trouble = { readonly failure: Failure | null; readonly offersCode: boolean };

/** The driver wished to pay by `wanted`, but his earlier payment cannot be closed just now. */
export type Doubt = {
  readonly attemptRef: string;
  readonly wanted: PayWish;
  /** When the cloud said so last, RFC 3339 by the phone's clock. */
  readonly lookedAt: string;
};

export type Paying = {
  readonly isBusy: boolean;
  readonly trouble: Trouble | null;
  readonly doubt: Doubt | null;
  readonly pay: (wish: PayWish) => Promise<void>;
  /** Does what is next for a payment that was started before. */
  readonly act: (next: NextAction) => void;
  readonly forgetDoubt: () => void;
  readonly complain: (failure: Failure) => void;
};

type PayingOf = Pick<FollowedOrder, 'order' | 'change' | 'reread'> & {
  readonly calls: OrderCalls;
  /** The choice of a method has led somewhere. */
  readonly onChosen: () => void;
  /** WeChat's own window says that it was paid. */
  readonly onPaid: () => void;
};

/** A wish is asked for in the place of another at most so often: a sign-in again, then a code to scan. */
const asksMax = 3;

/** Starts a payment and takes the driver to it. */
export function usePayment({ order, change, reread, calls, onChosen, onPaid }: PayingOf): Paying {
  const { shelf, store } = usePage();
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [doubt, setDoubt] = useState<Doubt | null>(null);
  const busyNow = useRef(false);
  const endWaiting = useRef<() => void>(() => undefined);

  /** The name tells the attempt before, so that a further try is a new request, and a repeated tap is not. */
  async function ask(orderNow: OrderMessage, wish: PayWish): Promise<PayOutcome> {
    const name = `payment.${orderNow.orderId}.${orderNow.payment?.attemptRef ?? 'first'}`;
    const body = writePayment({ ...wish, insists: wish.insists ?? false });
    const answer = await sendOnce(shelf, { name, body, send: calls.startPayment });
    return judgeAnswer({ answer, wish, signedInAt: lastSignIn(store), now: Date.now() });
  }

  async function pay(wish: PayWish): Promise<void> {
    if (busyNow.current || order === null) return;
    busyNow.current = true;
    setBusy(true);
    setTrouble(null);
    let wanted = wish;
    let outcome = await ask(order, wanted);
    for (let asks = 1; outcome.kind === 'instead' && asks < asksMax; asks += 1) {
      wanted = outcome.wish;
      outcome = await ask(order, wanted);
    }
    await end(outcome, wanted);
    busyNow.current = false;
    setBusy(false);
  }

  async function end(outcome: PayOutcome, wanted: PayWish): Promise<void> {
    switch (outcome.kind) {
      case 'started':
        setDoubt(null);
        onChosen();
        change((now) => withPayment(now, outcome.payment));
        if (outcome.payment.next !== null) act(outcome.payment.next);
        return;
      case 'sign_in':
        noteSignIn(store, Date.now());
        window.location.assign(requireWeb(outcome.url));
        return;
      case 'in_doubt': {
        onChosen();
        const open = (await reread())?.payment ?? order?.payment ?? null;
        if (open === null) setTrouble({ failure: outcome.failure, offersCode: false });
        else if (isOpenPayment(open))
          setDoubt({ attemptRef: open.attemptRef, wanted, lookedAt: new Date().toISOString() });
        return;
      }
      case 'failed': {
        const { methods } = outcome;
        // Where nothing is left to pay by, the page says that in place of advising another way.
        if (methods?.length !== 0) setTrouble({ failure: outcome.failure, offersCode: outcome.offersCode });
        if (methods !== null) change((now) => ({ ...now, station: { ...now.station, methods: [...methods] } }));
        return;
      }
      case 'instead':
        throw new Error(`asked ${asksMax} times, and the cloud still wants another wish than ${wanted.method}`);
    }
  }

  function act(next: NextAction): void {
    endWaiting.current();
    setTrouble(null);
    if (next.kind === 'redirect' || next.kind === 'form') leaveForCashier(shelf.store);
    endWaiting.current = takeAction(next, window, (told) => {
      if (told === 'ok') onPaid();
      if (told === 'fail') setTrouble({ failure: null, offersCode: true });
    });
  }

  return {
    isBusy,
    trouble,
    doubt,
    pay,
    act,
    forgetDoubt: () => setDoubt(null),
    complain: (failure) => setTrouble({ failure, offersCode: false }),
  };
}
