import { useEffect, useRef } from 'preact/hooks';
import type { OrderMessage } from '../../order/order.message.ts';
import { usePage } from './page-tools.ts';
import type { PayWish } from './pay-answer.ts';

type FirstPayment = {
  readonly order: OrderMessage | null;
  /** Chosen on the order form; null where the page was opened in another way. */
  readonly method: string | null;
  /** WeChat has just said who pays. */
  readonly signInCode: string | null;
  readonly pay: (wish: PayWish) => Promise<void>;
};

const name = 'forecourt.begun';

/** Goes on to pay without another tap: once after the order form, so that the way back to this page does not lead to the cashier again, and once after WeChat's sign-in. */
export function useFirstPayment({ order, method, signInCode, pay }: FirstPayment): void {
  const { shelf } = usePage();
  const begun = useRef(false);
  useEffect(() => {
    if (order === null || begun.current) return;
    begun.current = true;
    if (order.state !== 'placed') return;
    if (signInCode !== null) return void pay({ method: 'wechat-pay', signInCode });
    if (method === null || shelf.store.getItem(name) === order.orderId) return;
    shelf.store.setItem(name, order.orderId);
    void pay({ method });
  }, [order === null]);
}
