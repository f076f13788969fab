import './order.css';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { OrderMessage } from '../../order/order.message.ts';
import { formatInstant } from '../format.ts';
import { writeAddress } from './address.ts';
import type { Placed } from './app.tsx';
import { CancelOrder } from './cancel-order.tsx';
import { accessTokenOf } from './kept-orders.ts';
import { lazy } from './lazy.tsx';
import { Notice } from './notice.tsx';
import { callOrder, type OrderKey } from './order-calls.ts';
import { OrderDetails } from './order-details.tsx';
import { OrderStatus } from './order-status.tsx';
import { isCancellable, type OrderStep, stepShown } from './order-step.ts';
import { orderWords } from './order-words.ts';
import { usePage, useWords } from './page-tools.ts';
import { PayTrouble } from './pay-trouble.tsx';
import { PaymentStep } from './payment-step.tsx';
import { PermitCard } from './permit-card.tsx';
import { readSignInCode } from './sign-in.ts';
import { useFirstPayment } from './use-first-payment.ts';
import { useOrder } from './use-order.ts';
import { usePayment } from './use-payment.ts';
import { useRereading } from './use-rereading.ts';
import { useReturn } from './use-return.ts';

/** Few orders have any. */
const LazyRefundList = lazy(async () => (await import('./refund-list.tsx')).RefundList);

type OrderPageProps = { readonly orderId: string; readonly placed: Placed | null };

/** One order on its way, readable only with the token that this phone keeps. */
export function OrderPage({ orderId, placed }: OrderPageProps) {
  const { store, go } = usePage();
  const { words } = useWords(orderWords);
  const [search] = useState(window.location.search);
  // A cashier's words are for nobody, and WeChat's code works once: a reload must not bring either again.
  useEffect(() => {
    if (search !== '') window.history.replaceState(null, '', writeAddress({ at: 'order', orderId }));
  }, []);
  const accessToken = placed?.accessToken ?? accessTokenOf(store, orderId);
  if (accessToken === null) {
    return <Notice text={words('order_not_here')} action={words('start_again')} onAction={() => go({ at: 'find' })} />;
  }
  return <Followed orderKey={{ orderId, accessToken }} placed={placed} search={search} />;
}

type FollowedProps = {
  readonly orderKey: OrderKey;
  readonly placed: Placed | null;
  /** What a payment service put into the address when it sent the driver back. */
  readonly search: string;
};

function Followed(props: FollowedProps) {
  const { go } = usePage();
  const { words, language } = useWords(orderWords);
  const { calls, followed, paying, isBack, choosing, step } = useOrderPage(props);
  const { order, problem, link, heardAt, change } = followed;
  if (problem !== null) {
    return <Notice text={problem.text[language]} action={words('start_again')} onAction={() => go({ at: 'find' })} />;
  }
  if (order === null || step === null)
    return <p class="loading">{words(link === 'lost' ? 'unanswered' : 'loading')}</p>;
  return (
    <>
      {link === 'lost' ? <LinkLost order={order} heardAt={heardAt} /> : null}
      <OrderStatus order={order} step={step} doubt={paying.doubt} />
      {order.state === 'placed' ? (
        <>
          <PayTrouble paying={paying} />
          <PaymentStep order={order} step={step} paying={paying} isBack={isBack} choosing={choosing} />
        </>
      ) : null}
      {step === 'permit' && order.permit !== null ? <PermitCard order={order} permit={order.permit} /> : null}
      {order.refunds.length === 0 ? null : <LazyRefundList order={order} />}
      <OrderDetails order={order} calls={calls} />
      {isCancellable(step) && !paying.isBusy ? (
        <CancelOrder calls={calls} onCancelled={(next) => change(() => next)} onFailure={paying.complain} />
      ) : null}
      {ended.includes(step) ? <OrderAgain order={order} /> : null}
    </>
  );
}

/** What the page knows of the order, and what the driver does on it. */
function useOrderPage({ orderKey, placed, search }: FollowedProps) {
  const { cloud, shelf } = usePage();
  const calls = useMemo(() => callOrder(cloud, orderKey), [orderKey.orderId, orderKey.accessToken]);
  const followed = useOrder(calls, placed?.order ?? null);
  const { order, reread } = followed;
  const [isChoosing, choose] = useState(false);
  const signInCode = readSignInCode(search, orderKey.orderId);
  const back = useReturn(shelf.store, search !== '' && signInCode === null);
  // What he paid stands in the stream when the cloud has asked; a call that fails costs only that it is asked a little later.
  useEffect(() => void (back.isFresh && calls.tellReturned()), [back.isFresh, calls]);
  const paying = usePayment({ ...followed, calls, onChosen: () => choose(false), onPaid: back.note });
  useFirstPayment({ order, method: placed?.method ?? null, signInCode, pay: paying.pay });
  const doubts = { isBack: back.isFresh, attemptRef: paying.doubt?.attemptRef ?? null };
  const step = order === null ? null : stepShown(order, doubts);
  const seesMethods = isChoosing || step === 'choose_payment' || order?.station.methods.length === 0;
  useRereading(order, seesMethods && order?.state === 'placed', () => void reread());
  return { calls, followed, paying, isBack: back.isFresh, choosing: { isChoosing, choose }, step };
}

const ended: readonly OrderStep[] = ['cancelled', 'expired', 'refunding', 'refund_held_up', 'refunded', 'permit_used'];

function OrderAgain({ order }: { readonly order: OrderMessage }) {
  const { go } = usePage();
  const { words } = useWords(orderWords);
  const { stationNumber } = order.station;
  return (
    <button type="button" class="second wide" onClick={() => go({ at: 'station', stationNumber })}>
      {words('order_again')}
    </button>
  );
}

function LinkLost({ order, heardAt }: { readonly order: OrderMessage; readonly heardAt: string | null }) {
  const { words, language } = useWords(orderWords);
  return (
    <Notice
      text={words('link_lost', { time: formatInstant(language, heardAt ?? order.placedAt, order.station.timeZone) })}
    />
  );
}
