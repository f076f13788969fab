import { useEffect, useState } from 'preact/hooks';
import type { OrderMessage } from '../../order/order.message.ts';
import { formatInstant, formatMoney, formatPrice, formatVolume } from '../format.ts';
import { nameMethod } from './method-name.ts';
import type { OrderCalls } from './order-calls.ts';
import { orderWords } from './order-words.ts';
import { useWords } from './page-tools.ts';
import { Rows } from './rows.tsx';

/** What was ordered, for whom, at what price, what was paid and what the pump gave. */
export function OrderDetails({ order, calls }: { readonly order: OrderMessage; readonly calls: OrderCalls }) {
  const { words, language } = useWords(orderWords);
  const { station, currency, unit, dispensed } = order;
  const money = (text: string) => formatMoney(language, text, currency);
  const paidAt = order.payment?.paidAt ?? null;
  return (
    <section class="card" aria-labelledby="details">
      <h2 id="details">{words('details')}</h2>
      <p>
        <strong>{station.name}</strong>
        <br />
        <span class="muted">{station.address}</span>
      </p>
      <Rows
        rows={[
          order.pump === null ? null : [words('pump'), order.pump],
          [words('grade'), order.grade],
          [words('volume'), formatVolume(language, order.volume, unit)],
          [words('unit_price'), formatPrice(language, order.pumpPrice, currency, unit)],
          [words('money'), money(order.money)],
          Number(order.discount) === 0 ? null : [words('discount'), money(`-${order.discount}`)],
          [words(paidAt === null ? 'payable' : 'paid_amount'), <strong key="payable">{money(order.payable)}</strong>],
          paidAt === null ? null : [words('paid_by'), nameMethod(words, order.payment?.method ?? '')],
          paidAt === null ? null : [words('paid_at'), formatInstant(language, paidAt, station.timeZone)],
          dispensed === null
            ? null
            : [words('dispensed'), `${formatVolume(language, dispensed.volume, unit)} · ${money(dispensed.payable)}`],
          order.user.plate === null ? null : [words('plate'), order.user.plate],
          [
            words('order_number'),
            <span key="id" class="order-number">
              {order.orderId}
            </span>,
          ],
        ]}
      />
      {order.permit === null ? null : <Receipt calls={calls} />}
    </section>
  );
}

/** The slip as the station's printer makes it, fetched when asked for. */
function Receipt({ calls }: { readonly calls: OrderCalls }) {
  const { words } = useWords(orderWords);
  const [picture, setPicture] = useState<string | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => () => (picture === null ? undefined : URL.revokeObjectURL(picture)), [picture]);
  const show = async () => {
    setFailed(false);
    const receipt = await calls.readReceipt();
    if (receipt === null) setFailed(true);
    else setPicture(URL.createObjectURL(receipt));
  };
  if (picture !== null) return <img class="paper receipt" src={picture} alt={words('receipt_alt')} />;
  return (
    <>
      <button type="button" class="second wide" onClick={() => void show()}>
        {words('receipt')}
      </button>
      <p class="fault" aria-live="polite">
        {failed ? words('unanswered') : ''}
      </p>
    </>
  );
}
