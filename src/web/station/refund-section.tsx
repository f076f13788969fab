import type { StaffOrderMessage } from '../../staff/staff.message.ts';
import { formatDay } from '../driver/format-moment.ts';
import { formatInstant, formatMoney } from '../format.ts';
import { isOpen, refundStateWords } from './order-state.ts';
import { useStaffWords, wordOr } from './staff-tools.ts';

type Refund = StaffOrderMessage['refunds'][number];

/** The money that goes back: how much, why, who said so, and by when it is there. */
export function RefundSection({ order }: { readonly order: StaffOrderMessage }) {
  const { words } = useStaffWords();
  if (order.refunds.length === 0) return null;
  return (
    <section class="card" aria-labelledby="refunds">
      <h2 id="refunds">{words('refunds')}</h2>
      <ul class="events refunds">
        {order.refunds.map((refund) => (
          <RefundItem key={refund.refundRef} refund={refund} timeZone={order.station.timeZone} />
        ))}
      </ul>
    </section>
  );
}

function RefundItem({ refund, timeZone }: { readonly refund: Refund; readonly timeZone: string }) {
  const { words, language } = useStaffWords();
  const why = wordOr(words, `reason_${refund.reason}`, refund.reason);
  return (
    <li>
      <p class="refund-head">
        <strong>{formatMoney(language, refund.amount, refund.currency)}</strong>
        <strong class={refund.state === 'abnormal' ? 'alert' : ''}>{words(refundStateWords[refund.state])}</strong>
      </p>
      <p>{refund.note === null ? why : words('why_and_note', { why, note: refund.note })}</p>
      {refund.overridden ? <p class="alert">{words('overridden')}</p> : null}
      <p class="muted">
        {refund.by === null
          ? formatInstant(language, refund.dueAt, timeZone)
          : words('ordered_by', { by: refund.by, time: formatInstant(language, refund.dueAt, timeZone) })}
        {isOpen(refund.state)
          ? ` · ${words('with_driver_by', { date: formatDay(language, refund.promisedBy, timeZone) })}`
          : ''}
      </p>
      <p class="mono faint-text">{refund.refundRef}</p>
    </li>
  );
}
