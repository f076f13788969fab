import { useState } from 'preact/hooks';
import type { OrderMessage } from '../../order/order.message.ts';
import { formatMoney } from '../format.ts';
import { MethodChoice } from './method-choice.tsx';
import { nameMethod } from './method-name.ts';
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
  const { payment } = order;
  if (step === 'choose_payment' || otherwise || payment === null || payment.next === null)
    return <ChoosePayment order={order} busy={busy} onPay={onPay} />;
  return (
    <>
      {payment.next.kind === 'qr' ? (
        <ScanToPay order={order} method={payment.method} payload={payment.next.payload} />
      ) : (
        // Asks the cloud once more: it gives the same way, or a new one where that has run out.
        <button type="button" class="first wide" aria-disabled={busy} onClick={() => onPay(payment.method)}>
          {words('open_cashier', { method: nameMethod(words, payment.method) })}
        </button>
      )}
      {order.station.methods.length === 1 ? null : (
        <button type="button" class="second wide" onClick={() => setOtherwise(true)}>
          {words('pay_otherwise')}
        </button>
      )}
    </>
  );
}

type ScanToPayProps = { readonly order: OrderMessage; readonly method: string; readonly payload: string };

function ScanToPay({ order, method, payload }: ScanToPayProps) {
  const { userAgent } = usePage();
  const { words, language } = useWords(orderWords);
  const caption = words('scan_to_pay', {
    method: nameMethod(words, method),
    amount: formatMoney(language, order.payable, order.currency),
  });
  return (
    <figure class="paper">
      <QrCode text={payload} label={caption} />
      <figcaption>
        {caption}
        {isWechat(userAgent) ? <p class="faint">{words('scan_other_phone')}</p> : null}
      </figcaption>
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
