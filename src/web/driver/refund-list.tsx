import type { OrderMessage } from '../../order/order.message.ts';
import { formatMoney } from '../format.ts';
import { usePage, useWords } from './page-tools.ts';
import { refundText } from './refund-text.ts';
import { refundWords } from './refund-words.ts';

type Refund = OrderMessage['refunds'][number];

/** The money that goes back: how much, how it stands, why, by when at the latest, and what to do if it does not come. */
export function RefundList({ order }: { readonly order: OrderMessage }) {
  const { words } = useWords(refundWords);
  return (
    <section class="card" aria-labelledby="refunds">
      <h2 id="refunds">{words('refunds')}</h2>
      <ul class="refunds">
        {order.refunds.map((refund) => (
          <RefundItem key={refund.refundRef} order={order} refund={refund} />
        ))}
      </ul>
    </section>
  );
}

function RefundItem({ order, refund }: { readonly order: OrderMessage; readonly refund: Refund }) {
  const { language } = usePage();
  const { state, why, how, otherwise } = refundText(language, order, refund);
  return (
    <li>
      <div role="status">
        <p class="refund-head">
          <strong>{formatMoney(language, refund.amount, order.currency)}</strong>
          <span class={`state ${refund.state}`}>{state}</span>
        </p>
        {why === null ? null : <p>{why}</p>}
        <p>{how}</p>
        <p class="hint">{otherwise}</p>
      </div>
    </li>
  );
}
