import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { StaffDispensePreviewMessage, StaffOrderMessage } from '../../staff/staff.message.ts';
import { textOf } from '../driver/failure-text.ts';
import { formatMoney, formatVolume } from '../format.ts';
import { unitWords } from '../unit-words.ts';
import { ConfirmPanel } from './confirm-panel.tsx';
import type { Done } from './deeds.tsx';
import { useStaff, useStaffWords } from './staff-tools.ts';

type DispenseFormProps = {
  readonly order: StaffOrderMessage;
  readonly onDone: (done: Done) => void;
  readonly onLeave: () => void;
};

/** Tells what the pump gave. What follows from it the cloud says before anything is done. */
export function DispenseForm({ order, onDone, onLeave }: DispenseFormProps) {
  const { calls } = useStaff();
  const { words, language } = useStaffWords();
  const [typed, setTyped] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const [preview, setPreview] = useState<StaffDispensePreviewMessage | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => heading.current?.focus(), [preview]);
  useLayoutEffect(() => (fault === null ? undefined : field.current?.focus()), [fault]);
  const check = async () => {
    const volume = typed.trim().replace(',', '.');
    if (!/^\d{1,6}(\.\d{1,3})?$/.test(volume)) return setFault(words('volume_wrong', { example: '20.00' }));
    const answer = await calls.previewDispense(order.orderId, volume);
    if (answer.kind !== 'answered') return setFault(textOf(answer, language));
    setFault(null);
    setPreview(answer.body);
  };
  if (preview !== null)
    return <DispenseConfirm order={order} preview={preview} onDone={onDone} onChange={() => setPreview(null)} />;
  return (
    <form
      class="card form"
      aria-labelledby="pump-gave"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void check();
      }}
    >
      <h2 id="pump-gave" ref={heading} tabIndex={-1}>
        {words('less_dispensed')}
      </h2>
      <div>
        <label class="label" for="volume">
          {words('pump_gave')} ({unitWords[`unit_${order.unit}`][language]})
        </label>
        <p class="hint" id="volume-hint">
          {words('pump_gave_hint', { ordered: formatVolume(language, order.volume, order.unit) })}
        </p>
        <input
          id="volume"
          ref={field}
          class="number"
          inputMode="decimal"
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
          maxLength={12}
          autocomplete="off"
          aria-invalid={fault !== null}
          aria-describedby="volume-hint volume-fault"
        />
        <p class="fault" id="volume-fault" role="alert">
          {fault ?? ''}
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

type DispenseConfirmProps = {
  readonly order: StaffOrderMessage;
  readonly preview: StaffDispensePreviewMessage;
  readonly onDone: (done: Done) => void;
  readonly onChange: () => void;
};

function DispenseConfirm({ order, preview, onDone, onChange }: DispenseConfirmProps) {
  const { calls } = useStaff();
  const { words, language } = useStaffWords();
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const send = async () => {
    setBusy(true);
    // The same volume told twice is one telling, so it needs no key.
    const answer = await calls.tellDispensed(order.orderId, preview.volume);
    setBusy(false);
    if (answer.kind === 'answered') onDone(answer.body);
    else setFailure(answer.kind === 'unanswered' ? words('unanswered_deed') : textOf(answer, language));
  };
  const volume = formatVolume(language, preview.volume, order.unit);
  const amount = formatMoney(language, preview.back, order.currency);
  const kept = formatMoney(language, preview.kept, order.currency);
  const code = order.permit?.shortCode ?? '';
  const goesBack = Number(preview.back) > 0;
  return (
    <ConfirmPanel
      question={words(goesBack ? 'sure_dispensed' : 'sure_whole', { volume, amount })}
      yes={words(goesBack ? 'record_and_give' : 'record', { volume, amount })}
      isBusy={isBusy}
      failure={failure}
      onYes={() => void send()}
      onChange={onChange}
    >
      <p class={preview.voidsPermit ? 'alert' : ''}>
        {preview.voidsPermit
          ? words('void_follows', { code })
          : goesBack
            ? words('permit_as_is', { code, amount: kept })
            : words('nothing_goes_back')}
      </p>
    </ConfirmPanel>
  );
}
