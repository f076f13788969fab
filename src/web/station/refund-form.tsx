import { useState } from 'preact/hooks';
import { formatMoneyMinor } from '../../base/money.ts';
import type { StaffOrderMessage } from '../../staff/staff.message.ts';
import { textOf } from '../driver/failure-text.ts';
import { sendOnce } from '../driver/send-once.ts';
import { formatMoney } from '../format.ts';
import { ConfirmPanel } from './confirm-panel.tsx';
import type { Done } from './deeds.tsx';
import { emptyDraft, planRefund, type RefundDraft, type RefundFault, type RefundPlan } from './refund-draft.ts';
import { RefundFields } from './refund-fields.tsx';
import { useStaff, useStaffWords } from './staff-tools.ts';

type RefundFormProps = {
  readonly order: StaffOrderMessage;
  readonly onDone: (done: Done) => void;
  readonly onLeave: () => void;
};

/** Gives money back: how much and why, then once more with all that follows. */
export function RefundForm({ order, onDone, onLeave }: RefundFormProps) {
  const [draft, setDraft] = useState<RefundDraft>(emptyDraft);
  const [faults, setFaults] = useState<readonly RefundFault[]>([]);
  const [plan, setPlan] = useState<RefundPlan | null>(null);
  const check = () => {
    const planned = planRefund(order, draft, (minor) => formatMoneyMinor(minor, order.currency));
    if ('wish' in planned) {
      setFaults([]);
      setPlan(planned);
    } else setFaults(planned);
  };
  if (plan !== null) return <RefundConfirm order={order} plan={plan} onDone={onDone} onChange={() => setPlan(null)} />;
  return (
    <RefundFields order={order} draft={draft} faults={faults} onDraft={setDraft} onSubmit={check} onLeave={onLeave} />
  );
}

type RefundConfirmProps = {
  readonly order: StaffOrderMessage;
  readonly plan: RefundPlan;
  readonly onDone: (done: Done) => void;
  readonly onChange: () => void;
};

function RefundConfirm({ order, plan, onDone, onChange }: RefundConfirmProps) {
  const { calls, shelf } = useStaff();
  const { words, language } = useStaffWords();
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const send = async () => {
    setBusy(true);
    const { orderId } = order;
    const answer = await sendOnce(shelf, {
      name: `refund.${orderId}`,
      body: JSON.stringify(plan.wish),
      send: (body, key) => calls.giveBack(orderId, body, key),
    });
    setBusy(false);
    if (answer.kind === 'answered') onDone(answer.body);
    else setFailure(answer.kind === 'unanswered' ? words('unanswered_deed') : textOf(answer, language));
  };
  const amount = formatMoney(language, plan.amount, order.currency);
  const kept = formatMoney(language, plan.kept, order.currency);
  const code = order.permit?.shortCode ?? '';
  const isLive = order.permit !== null && !['redeemed', 'expired', 'revoked'].includes(order.permit.state);
  return (
    <ConfirmPanel
      question={words(plan.isAll ? 'sure_all' : 'sure_part', { amount })}
      yes={words('give_amount_back', { amount })}
      isBusy={isBusy}
      failure={failure}
      onYes={() => void send()}
      onChange={onChange}
    >
      <p class={plan.isAll ? 'alert' : ''}>
        {plan.isAll
          ? words('void_follows', { code })
          : words(isLive ? 'permit_stays' : 'permit_as_is', { code, amount: kept })}
      </p>
      {plan.wish.evenIfRedeemed === true ? <p class="alert">{words('override_hint')}</p> : null}
      <p>{words('because', { reason: plan.wish.reason })}</p>
    </ConfirmPanel>
  );
}
