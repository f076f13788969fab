import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { StaffOrderMessage, StaffRefundMessage } from '../../staff/staff.message.ts';
import { formatDay } from '../driver/format-moment.ts';
import { formatMoney } from '../format.ts';
import { DispenseForm } from './dispense-form.tsx';
import { isOpen } from './order-state.ts';
import { RefundForm } from './refund-form.tsx';
import { useStaff, useStaffWords } from './staff-tools.ts';

/** What came of a deed. */
export type Done = { readonly order: StaffOrderMessage; readonly refund: StaffRefundMessage | null };

type DeedsProps = {
  readonly order: StaffOrderMessage;
  /** Shows the order as it is after the deed. */
  readonly onOrder: (order: StaffOrderMessage) => void;
};

/** What the member may do with the order: give money back, tell what was dispensed. */
export function Deeds({ order, onOrder }: DeedsProps) {
  const { me } = useStaff();
  const { words } = useStaffWords();
  const [doing, setDoing] = useState<'nothing' | 'refund' | 'dispense'>('nothing');
  const [done, setDone] = useState<Done | null>(null);
  const isMoneyLeft = Number(order.left) > 0;
  const mayRefund = me.rights.includes('refund') && isMoneyLeft;
  const mayDispense = me.rights.includes('dispense') && isMoneyLeft && order.dispensed === null;
  const finish = (next: Done) => {
    setDoing('nothing');
    setDone(next);
    onOrder(next.order);
  };
  const start = (next: 'refund' | 'dispense') => {
    setDone(null);
    setDoing(next);
  };
  const leave = () => setDoing('nothing');
  const buttons = useRef<HTMLDivElement>(null);
  const before = useRef(doing);
  // Whoever leaves a form is back at the buttons.
  useLayoutEffect(() => {
    if (before.current !== 'nothing' && doing === 'nothing' && done === null)
      buttons.current?.querySelector('button')?.focus();
    before.current = doing;
  }, [doing]);
  return (
    <>
      {done === null || !isStillSo(done, order) ? null : <Outcome done={done} />}
      {doing === 'refund' ? <RefundForm order={order} onDone={finish} onLeave={leave} /> : null}
      {doing === 'dispense' ? <DispenseForm order={order} onDone={finish} onLeave={leave} /> : null}
      {doing !== 'nothing' || (!mayRefund && !mayDispense) ? null : (
        <div class="deeds" ref={buttons}>
          {mayRefund ? (
            <button type="button" class="second" onClick={() => start('refund')}>
              {words('give_back')}
            </button>
          ) : null}
          {mayDispense ? (
            <button type="button" class="second" onClick={() => start('dispense')}>
              {words('less_dispensed')}
            </button>
          ) : null}
        </div>
      )}
    </>
  );
}

/** A day is promised only as long as the refund is on its way; then the order itself says what became of it. */
const isStillSo = ({ refund }: Done, order: StaffOrderMessage): boolean =>
  refund === null || isOpen(order.refunds.find((one) => one.refundRef === refund.refundRef)?.state ?? refund.state);

function Outcome({ done }: { readonly done: Done }) {
  const { words, language } = useStaffWords();
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => place.current?.focus(), [done]);
  const { order, refund } = done;
  return (
    <div class="notice calm" role="status" tabIndex={-1} ref={place}>
      {refund === null ? (
        <p>{words('done_recorded')}</p>
      ) : (
        <>
          <p>
            <strong>
              {words('done_back', {
                amount: formatMoney(language, refund.amount, refund.currency),
                date: formatDay(language, refund.promisedBy, order.station.timeZone),
              })}
            </strong>
          </p>
          {order.permit?.state === 'revoked' ? <p>{words('done_void')}</p> : null}
          <p class="mono faint-text">{words('reference', { reference: refund.refundRef })}</p>
        </>
      )}
    </div>
  );
}
