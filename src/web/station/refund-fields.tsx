import { useLayoutEffect, useRef } from 'preact/hooks';
import { formatMoneyMinor } from '../../base/money.ts';
import type { StaffOrderMessage } from '../../staff/staff.message.ts';
import { formatMoney } from '../format.ts';
import { type RefundDraft, type RefundFault, reasonLengthMax } from './refund-draft.ts';
import { useStaff, useStaffWords } from './staff-tools.ts';

type RefundFieldsProps = {
  readonly order: StaffOrderMessage;
  readonly draft: RefundDraft;
  readonly faults: readonly RefundFault[];
  readonly onDraft: (draft: RefundDraft) => void;
  readonly onSubmit: () => void;
  readonly onLeave: () => void;
};

const commonReasons = ['reason_mind', 'reason_pump', 'reason_fault', 'reason_goodwill'] as const;

export function RefundFields({ order, draft, faults, onDraft, onSubmit, onLeave }: RefundFieldsProps) {
  const { words, language } = useStaffWords();
  const reason = useRef<HTMLInputElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const form = useRef<HTMLFormElement>(null);
  useLayoutEffect(() => heading.current?.focus(), []);
  // What is wrong first is put right first.
  useLayoutEffect(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(), [faults]);
  const money = (amount: string) => formatMoney(language, amount, order.currency);
  return (
    <form
      ref={form}
      class="card form"
      aria-labelledby="give-back"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <h2 id="give-back" ref={heading} tabIndex={-1}>
        {words('give_back')}
      </h2>
      <fieldset>
        <legend class="label">{words('how_much')}</legend>
        <div class="options">
          <Option
            text={words('all_that_is_left', { amount: money(order.left) })}
            isChosen={draft.howMuch === 'all'}
            onChoose={() => onDraft({ ...draft, howMuch: 'all' })}
          />
          <Option
            text={words('a_part')}
            isChosen={draft.howMuch === 'part'}
            onChoose={() => onDraft({ ...draft, howMuch: 'part' })}
          />
        </div>
      </fieldset>
      {draft.howMuch === 'all' ? (
        <Override order={order} draft={draft} onDraft={onDraft} />
      ) : (
        <div>
          <label class="label" for="part">
            {words('part_amount', { currency: order.currency })}
          </label>
          <input
            id="part"
            class="number"
            inputMode="decimal"
            value={draft.part}
            onInput={(event) => onDraft({ ...draft, part: event.currentTarget.value })}
            maxLength={24}
            autocomplete="off"
            aria-invalid={faults.includes('amount_wrong')}
            aria-describedby="part-fault"
          />
          <p class="fault" id="part-fault" role="alert">
            {faults.includes('amount_wrong')
              ? words('amount_wrong', { min: money(formatMoneyMinor(1, order.currency)), max: money(order.left) })
              : ''}
          </p>
        </div>
      )}
      <div>
        <label class="label" for="reason">
          {words('reason')}
        </label>
        <p class="hint" id="reason-hint">
          {words('reason_hint')}
        </p>
        <div class="options reasons">
          {commonReasons.map((name) => (
            <button
              key={name}
              type="button"
              class="chip"
              aria-pressed={draft.reason === words(name)}
              onClick={() => {
                onDraft({ ...draft, reason: words(name) });
                reason.current?.focus();
              }}
            >
              {words(name)}
            </button>
          ))}
        </div>
        <input
          id="reason"
          ref={reason}
          value={draft.reason}
          onInput={(event) => onDraft({ ...draft, reason: event.currentTarget.value })}
          maxLength={reasonLengthMax}
          autocomplete="off"
          aria-invalid={faults.includes('reason_wrong')}
          aria-describedby="reason-hint reason-fault"
        />
        <p class="fault" id="reason-fault" role="alert">
          {faults.includes('reason_wrong') ? words('reason_wrong') : ''}
        </p>
      </div>
      <div class="deeds">
        <button type="submit" class="first">
          {words('go_on')}
        </button>
        <button type="button" class="second" onClick={onLeave}>
          {words('leave')}
        </button>
      </div>
    </form>
  );
}

type OptionProps = { readonly text: string; readonly isChosen: boolean; readonly onChoose: () => void };

function Option({ text, isChosen, onChoose }: OptionProps) {
  return (
    <label class="option">
      <input type="radio" name="how-much" checked={isChosen} onChange={onChoose} />
      <span>{text}</span>
    </label>
  );
}

type OverrideProps = Pick<RefundFieldsProps, 'order' | 'draft' | 'onDraft'>;

/** Of a used permit only an operator gives all of the money back, and says so. */
function Override({ order, draft, onDraft }: OverrideProps) {
  const { me } = useStaff();
  const { words } = useStaffWords();
  if (order.permit?.state !== 'redeemed') return null;
  if (!me.rights.includes('override')) return <p class="alert">{words('permit_used_hint')}</p>;
  return (
    <label class="option">
      <input
        type="checkbox"
        checked={draft.override}
        onChange={(event) => onDraft({ ...draft, override: event.currentTarget.checked })}
      />
      <span>
        {words('override')}
        <small>{words('override_hint')}</small>
      </span>
    </label>
  );
}
