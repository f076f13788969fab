import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { StaffOrderMessage } from '../../staff/staff.message.ts';
import { type Failure, textOf } from '../driver/failure-text.ts';
import { Notice } from '../driver/notice.tsx';
import { useLostFocus } from '../driver/use-lost-focus.ts';
import { formatMoney } from '../format.ts';
import { Deeds } from './deeds.tsx';
import { DriverRows, FuelRows, MoneyRows } from './order-rows.tsx';
import { OrderProof } from './order-proof.tsx';
import { stateOf } from './order-state.ts';
import { PermitSection } from './permit-section.tsx';
import { RefundSection } from './refund-section.tsx';
import { useStaff, useStaffWords } from './staff-tools.ts';
import { volumeText } from './volume-text.ts';
import { refreshMs, useRefresh } from './use-refresh.ts';

type OrderCardProps = {
  readonly orderId: string;
  /** Something was done with the order. */
  readonly onChange: () => void;
  readonly onBack: () => void;
  /** The token opens nothing any more. */
  readonly onShut: () => void;
};

/** One order: how it stands, what can be done with it, and what proves it. */
export function OrderCard({ orderId, onChange, onBack, onShut }: OrderCardProps) {
  const { words, language } = useStaffWords();
  const { order, failure, show } = useOrder(orderId, onShut);
  const showChanged = (next: StaffOrderMessage) => {
    show(next);
    onChange();
  };
  return (
    <>
      <button type="button" class="link back" onClick={onBack}>
        <span aria-hidden="true">←</span> {words('back_to_list')}
      </button>
      {failure === null ? null : <Notice text={textOf(failure, language)} />}
      {order === null ? (
        failure === null ? (
          <p class="loading">{words('loading')}</p>
        ) : null
      ) : (
        <>
          <Head order={order} />
          <Deeds order={order} onOrder={showChanged} />
          <div class="sections">
            <MoneyRows order={order} />
            <FuelRows order={order} />
            <PermitSection order={order} />
            <RefundSection order={order} />
            <DriverRows order={order} />
          </div>
          <OrderProof order={order} />
        </>
      )}
    </>
  );
}

function useOrder(orderId: string, onShut: () => void) {
  const { calls } = useStaff();
  const [order, setOrder] = useState<StaffOrderMessage | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  // What a deed brought must not be covered by a reading that began before it.
  const shown = useRef(0);
  const show = (next: StaffOrderMessage) => {
    shown.current += 1;
    setOrder(next);
  };
  useRefresh(
    async (isCurrent) => {
      const before = shown.current;
      const answer = await calls.readOrder(orderId);
      if (!isCurrent() || before !== shown.current) return;
      if (answer.kind === 'answered') {
        setOrder(answer.body);
        setFailure(null);
      } else if (answer.kind === 'refused' && answer.problem.status === 401) onShut();
      else setFailure(answer);
    },
    refreshMs,
    [calls, orderId],
  );
  return { order, failure, show };
}

/** What a glance must tell: pump, plate, whether it is paid, how much. */
function Head({ order }: { readonly order: StaffOrderMessage }) {
  const { words, language } = useStaffWords();
  const unknown = order.attempts.some((attempt) => attempt.unknown);
  const refundStates = order.refunds.map((refund) => refund.state);
  const { text, mark, tone, more } = stateOf({ ...order, unknown, refundStates });
  const heading = useRef<HTMLHeadingElement>(null);
  // Whoever opened the order with the keyboard goes on here.
  useLayoutEffect(() => heading.current?.focus({ preventScroll: true }), []);
  useLostFocus(heading);
  return (
    <section class={`head ${tone}`}>
      <span class="pump-sign large">
        <span class="visually-hidden">{words('pump')} </span>
        {order.pump ?? '–'}
      </span>
      <div class="head-text">
        <h1 ref={heading} tabIndex={-1}>
          {order.user.plate ?? words('no_plate')}
        </h1>
        <p role="status" class="head-state">
          <span aria-hidden="true">{mark}</span> {words(text)}
          {more === null ? '' : `\u00a0· ${words(more)}`}
        </p>
        {order.permit === null ? <p>{words('no_permit')}</p> : null}
      </div>
      <p class="head-sum">
        <strong>{formatMoney(language, order.payable, order.currency)}</strong>
        <span>
          {order.grade} · {volumeText(words, language, { ...order, dispensed: order.dispensed?.volume ?? null })}
        </span>
      </p>
    </section>
  );
}
