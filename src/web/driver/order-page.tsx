import './order.css';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { OrderMessage } from '../../order/order.message.ts';
import { formatInstant } from '../format.ts';
import type { Placed } from './app.tsx';
import { CancelOrder } from './cancel-order.tsx';
import { type Failure, textOf } from './failure-text.ts';
import { accessTokenOf } from './kept-orders.ts';
import { takeAction } from './next-action.ts';
import { Notice } from './notice.tsx';
import { callOrder, type OrderCalls, type OrderKey, writePayment } from './order-calls.ts';
import { OrderDetails } from './order-details.tsx';
import { OrderStatus } from './order-status.tsx';
import { isCancellable, stepOf } from './order-step.ts';
import { orderWords } from './order-words.ts';
import { usePage, useWords } from './page-tools.ts';
import { PaymentStep } from './payment-step.tsx';
import { PermitCard } from './permit-card.tsx';
import { sendOnce } from './send-once.ts';
import { surfaceFor } from './surface.ts';
import { useOrder } from './use-order.ts';

/** One order on its way, readable only with the token that this phone keeps. */
export function OrderPage({ orderId, placed }: { readonly orderId: string; readonly placed: Placed | null }) {
  const { store, go } = usePage();
  const { words } = useWords(orderWords);
  const accessToken = placed?.accessToken ?? accessTokenOf(store, orderId);
  if (accessToken === null) {
    return <Notice text={words('order_not_here')} action={words('start_again')} onAction={() => go({ at: 'find' })} />;
  }
  return <Followed orderKey={{ orderId, accessToken }} placed={placed} />;
}

function Followed({ orderKey, placed }: { readonly orderKey: OrderKey; readonly placed: Placed | null }) {
  const { cloud, go } = usePage();
  const { words, language } = useWords(orderWords);
  const calls = useMemo(() => callOrder(cloud, orderKey), [orderKey.orderId, orderKey.accessToken]);
  const { order, problem, link, heardAt, show } = useOrder(calls, placed?.order ?? null);
  const { pay, paying, failure, setFailure } = usePayment(calls, order, show);
  const begun = useRef(false);
  useEffect(() => {
    if (placed === null || begun.current) return;
    begun.current = true;
    void pay(placed.method);
  }, []);

  if (problem !== null) {
    return <Notice text={problem.text[language]} action={words('start_again')} onAction={() => go({ at: 'find' })} />;
  }
  if (order === null) return <p class="loading">{words(link === 'lost' ? 'unanswered' : 'loading')}</p>;
  const step = stepOf(order);
  return (
    <>
      {link === 'lost' ? <LinkLost order={order} heardAt={heardAt} /> : null}
      <OrderStatus order={order} step={step} />
      {failure === null ? null : <Notice text={textOf(failure, language)} />}
      {step === 'permit' && order.permit !== null ? <PermitCard order={order} permit={order.permit} /> : null}
      {step === 'choose_payment' || step === 'paying' ? (
        <PaymentStep order={order} step={step} busy={paying} onPay={(method) => void pay(method)} />
      ) : null}
      {step === 'checking' && canRepeat(order) ? (
        <button
          type="button"
          class="first wide"
          aria-disabled={paying}
          onClick={() => void pay(order.payment?.method ?? '')}
        >
          {words('try_again')}
        </button>
      ) : null}
      <OrderDetails order={order} calls={calls} />
      {isCancellable(order) && !paying ? <CancelOrder calls={calls} onCancelled={show} onFailure={setFailure} /> : null}
      {['cancelled', 'expired', 'refunding', 'refunded', 'permit_used'].includes(step) ? (
        <button
          type="button"
          class="second wide"
          onClick={() => go({ at: 'station', stationNumber: order.station.stationNumber })}
        >
          {words('order_again')}
        </button>
      ) : null}
    </>
  );
}

/** The payment service gave no way to pay that could be read. Asked again, the cloud repeats the same attempt, so nothing is paid twice. */
const canRepeat = ({ state, payment }: OrderMessage): boolean => state === 'placed' && payment?.next === null;

function LinkLost({ order, heardAt }: { readonly order: OrderMessage; readonly heardAt: string | null }) {
  const { words, language } = useWords(orderWords);
  return (
    <Notice
      text={words('link_lost', { time: formatInstant(language, heardAt ?? order.placedAt, order.station.timeZone) })}
    />
  );
}

/** Starts a payment and goes to the cashier. The body names the attempt before it, so that a further try is a new request, and a repeated tap is not. */
function usePayment(calls: OrderCalls, order: OrderMessage | null, show: (order: OrderMessage) => void) {
  const { shelf, userAgent } = usePage();
  const [paying, setPaying] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const payingNow = useRef(false);

  async function pay(method: string): Promise<void> {
    if (payingNow.current || order === null) return;
    payingNow.current = true;
    setPaying(true);
    setFailure(null);
    const surface = surfaceFor(method, userAgent);
    const body = writePayment(surface === undefined ? { method } : { method, surface });
    const name = `payment.${order.orderId}.${order.payment?.attemptRef ?? 'first'}`;
    const answer = await sendOnce(shelf, { name, body, send: calls.startPayment });
    payingNow.current = false;
    setPaying(false);
    if (answer.kind !== 'answered') return setFailure(answer);
    show({ ...order, payment: answer.body });
    if (answer.body.next !== null) takeAction(answer.body.next, window);
  }

  return { pay, paying, failure, setFailure };
}
