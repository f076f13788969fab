import type { OrderMessage } from '../../order/order.message.ts';
import { ChoosePayment } from './choose-payment.tsx';
import { isCard, methodInText } from './method-in-text.ts';
import type { OrderStep } from './order-step.ts';
import { orderWords } from './order-words.ts';
import { usePage, useWords } from './page-tools.ts';
import { isOpenPayment } from './pay-answer.ts';
import { PayInsist } from './pay-insist.tsx';
import { ScanToPay } from './scan-to-pay.tsx';
import { lastSignIn } from './sign-in.ts';
import type { Paying } from './use-payment.ts';
import { walletOf } from './wallet.ts';

type PaymentStepProps = {
  readonly order: OrderMessage;
  readonly step: OrderStep;
  readonly paying: Paying;
  /** He has come back from the cashier just now, and may have paid: nothing is asked of him. */
  readonly isBack: boolean;
  readonly choosing: Choosing;
};

/** Whether the driver looks for another way than the payment that is under way. */
export type Choosing = { readonly isChoosing: boolean; readonly choose: (isChoosing: boolean) => void };

/** The way to the cashier: go on with the payment that is under way, choose how to pay, or pay in another way than the one that is in doubt. */
export function PaymentStep({ order, step, paying, isBack, choosing }: PaymentStepProps) {
  const { words } = useWords(orderWords);
  const { payment } = order;
  const open = payment !== null && isOpenPayment(payment) ? payment : null;
  const { doubt } = paying;
  if (open !== null && doubt?.attemptRef === open.attemptRef)
    return <PayInsist open={open} timeZone={order.station.timeZone} doubt={doubt} paying={paying} />;
  if (step === 'choose_payment' || (choosing.isChoosing && open !== null))
    return <ChoosePayment order={order} open={open} paying={paying} onBack={() => choosing.choose(false)} />;
  if (open === null || (isBack && step === 'checking')) return null;
  return (
    <>
      <GoOn order={order} payment={open} paying={paying} />
      {order.station.methods.every((method) => method === open.method) ? null : (
        <button type="button" class="second wide" onClick={() => choosing.choose(true)}>
          {words('pay_otherwise')}
        </button>
      )}
    </>
  );
}

type GoOnProps = {
  readonly order: OrderMessage;
  readonly payment: NonNullable<OrderMessage['payment']>;
  readonly paying: Paying;
};

/** On with the payment that is under way. */
function GoOn({ order, payment, paying }: GoOnProps) {
  const { userAgent, store } = usePage();
  const { words } = useWords(orderWords);
  const { method, next } = payment;
  const ask = () => void paying.pay({ method });
  // Asked again, the cloud repeats the same attempt, so nothing is paid twice.
  if (next === null) return <MainButton text={words('try_again')} paying={paying} onPress={ask} />;
  switch (next.kind) {
    case 'qr': {
      const wallet = walletOf(userAgent);
      // The code stood in for WeChat's own window, which may open the next time.
      const canOpen = method === 'wechat-pay' && wallet === method && lastSignIn(store) !== null;
      return (
        <>
          <ScanToPay order={order} payload={next.payload} method={method} wallet={wallet} />
          {canOpen ? (
            <button type="button" class="second wide" aria-disabled={paying.isBusy} onClick={ask}>
              {words('pay_in_wechat')}
            </button>
          ) : null}
        </>
      );
    }
    case 'jsapi':
      return <MainButton text={words('pay_in_wechat')} paying={paying} onPress={() => paying.act(next)} />;
    // The cloud gives the same way once more, or a new one where that has run out.
    case 'redirect':
    case 'form':
      return (
        <MainButton
          text={words(isCard(method) ? 'open_card_page' : 'open_cashier', { method: methodInText(words, method) })}
          paying={paying}
          onPress={ask}
        />
      );
  }
}

type MainButtonProps = { readonly text: string; readonly paying: Paying; readonly onPress: () => void };

function MainButton({ text, paying, onPress }: MainButtonProps) {
  const { words } = useWords(orderWords);
  return (
    <button type="button" class="first wide" aria-disabled={paying.isBusy} onClick={onPress}>
      {paying.isBusy ? words('opening') : text}
    </button>
  );
}
