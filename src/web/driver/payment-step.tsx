import { useState } from 'preact/hooks';
import type { OrderMessage } from '../../order/order.message.ts';
import { formatMoney } from '../format.ts';
import { MethodChoice } from './method-choice.tsx';
import { nameMethod } from './method-name.ts';
import { takeAction } from './next-action.ts';
import { orderWords } from './order-words.ts';
import { usePage, useWords } from './page-tools.ts';
import { QrCode } from './qr-code.tsx';
import { isWechat } from './surface.ts';

type PaymentStepProps = {
  readonly order: OrderMessage;
  readonly step: 'choose_payment' | 'paying';
  readonly busy: boolean;
  readonly onPay: (method: string) => void;
};

/** The way to the cashier: go on with the payment that is under way, or choose how to pay. */
export function PaymentStep({ order, step, busy, onPay }: PaymentStepProps) {
  const { words } = useWords(orderWords);
  const [otherwise, setOtherwise] = useState(false);
  if (step === 'choose_payment' || otherwise) return <ChoosePayment order={order} busy={busy} onPay={onPay} />;
  return (
    <>
      <GoOn order={order} />
      <button type="button" class="second wide" onClick={() => setOtherwise(true)}>
        {words('pay_otherwise')}
      </button>
    </>
  );
}

function GoOn({ order }: { readonly order: OrderMessage }) {
  const { words, language } = useWords(orderWords);
  const next = order.payment?.next ?? null;
  if (next === null) return null;
  const method = nameMethod(words, order.payment?.method ?? '');
  if (next.kind !== 'qr') {
    return (
      <button type="button" class="first wide" onClick={() => takeAction(next, window)}>
        {words('open_cashier', { method })}
      </button>
    );
  }
  const caption = words('scan_to_pay', { method, amount: formatMoney(language, order.payable, order.currency) });
  return (
    <figure class="paper">
      <QrCode text={next.payload} label={caption} />
      <figcaption>{caption}</figcaption>
    </figure>
  );
}

function ChoosePayment({ order, busy, onPay }: Omit<PaymentStepProps, 'step'>) {
  const { userAgent } = usePage();
  const { words, language } = useWords(orderWords);
  const { methods } = order.station;
  const usual = methods.length === 1 || isWechat(userAgent) ? methods[0] : order.payment?.method;
  const [chosen, setChosen] = useState<string | null>(usual ?? null);
  const [asked, setAsked] = useState(false);
  const submit = (event: Event) => {
    event.preventDefault();
    setAsked(true);
    if (chosen === null) document.getElementById('ask-method')?.focus();
    else if (!busy) onPay(chosen);
  };
  return (
    <form class="order" onSubmit={submit}>
      <MethodChoice
        methods={methods}
        chosen={chosen}
        fault={asked && chosen === null ? words('method_missing') : undefined}
        onChoose={setChosen}
      />
      <button type="submit" class="first wide" aria-disabled={busy}>
        {words('pay_amount', { amount: formatMoney(language, order.payable, order.currency) })}
      </button>
    </form>
  );
}
