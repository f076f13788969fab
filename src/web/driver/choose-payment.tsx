import { useEffect, useState } from 'preact/hooks';
import type { OrderMessage } from '../../order/order.message.ts';
import type { PaymentMessage } from '../../payment/payment.message.ts';
import { formatMoney } from '../format.ts';
import { MethodChoice } from './method-choice.tsx';
import { methodInText } from './method-in-text.ts';
import { Notice } from './notice.tsx';
import { orderWords } from './order-words.ts';
import { usePage, useWords } from './page-tools.ts';
import type { Paying } from './use-payment.ts';
import { usualMethod } from './usual-method.ts';
import { walletOf } from './wallet.ts';

type ChoosePaymentProps = {
  readonly order: OrderMessage;
  /** The payment that is under way; the cloud closes it before it opens another. */
  readonly open: PaymentMessage | null;
  readonly paying: Paying;
  readonly onBack: () => void;
};

/** The ways that the cloud offers just now. One that is gone comes back by itself; meanwhile no other is chosen in its place, unless it is the only one. */
export function ChoosePayment({ order, open, paying, onBack }: ChoosePaymentProps) {
  const { userAgent } = usePage();
  const { words, language } = useWords(orderWords);
  const { methods } = order.station;
  const [picked, setPicked] = useState<string | null>(null);
  const [asked, setAsked] = useState(false);
  // Whoever changes his way of paying is not put back on the old one.
  const usual = usualMethod(
    methods,
    open === null ? [paying.doubt?.wanted.method, order.payment?.method, walletOf(userAgent)] : [],
  );
  const chosen = picked === null ? usual : usualMethod(methods, [picked]);
  // Whoever pressed "another way" stands at what takes its place.
  useEffect(() => (open === null ? undefined : document.getElementById('ask-method')?.focus()), []);
  const submit = (event: Event) => {
    event.preventDefault();
    setAsked(chosen === null);
    if (chosen === null) document.getElementById('ask-method')?.focus();
    else if (!paying.isBusy) void paying.pay({ method: chosen });
  };
  const back =
    open === null ? null : (
      <button type="button" class="link" onClick={onBack}>
        {words('stay_with', { method: methodInText(words, open.method) })}
      </button>
    );
  if (methods.length === 0) {
    return (
      <>
        <Notice text={words('no_method_now')} />
        {back}
      </>
    );
  }
  return (
    <form class="order" onSubmit={submit}>
      <MethodChoice
        methods={methods}
        chosen={chosen}
        fault={asked && chosen === null ? words('method_missing') : undefined}
        onChoose={setPicked}
      />
      {open === null ? null : <p class="hint">{words('closed_first', { method: methodInText(words, open.method) })}</p>}
      <button type="submit" class="first wide" aria-disabled={paying.isBusy}>
        {paying.isBusy
          ? words('opening')
          : words('pay_amount', { amount: formatMoney(language, order.payable, order.currency) })}
      </button>
      {back}
    </form>
  );
}
