import type { StationMessage } from '../../station/station.message.ts';
import { Choices } from './choices.tsx';
import { pumpsOf } from './draft.ts';
import { formWords } from './form-words.ts';
import { useWords } from './page-tools.ts';

type PumpChoiceProps = {
  readonly station: StationMessage;
  readonly pump: number | null;
  readonly fault: string | undefined;
  readonly onChoose: (pump: number | null) => void;
};

/** The pumps of the station; a number to type where its layout is not known. */
export function PumpChoice({ station, pump, fault, onChoose }: PumpChoiceProps) {
  const { words } = useWords(formWords);
  const pumps = pumpsOf(station);
  if (pumps.length > 0) {
    return (
      <Choices
        name="pump"
        legend={words('pump')}
        hint={words('pump_hint')}
        fault={fault}
        look="chips"
        choices={pumps.map((number) => ({ value: number, label: number }))}
        chosen={pump}
        onChoose={onChoose}
      />
    );
  }
  return (
    <div class="card">
      <label class="label" for="ask-pump">
        {words('pump')}
      </label>
      <p class="hint" id="pump-hint">
        {words('pump_hint')}
      </p>
      <input
        id="ask-pump"
        class="number"
        inputMode="numeric"
        pattern="[0-9]*"
        maxLength={2}
        autocomplete="off"
        value={pump ?? ''}
        onInput={(event) => onChoose(readPumpNumber(event.currentTarget.value))}
        aria-describedby={fault === undefined ? 'pump-hint' : 'pump-hint fault-pump'}
        aria-invalid={fault !== undefined}
      />
      {fault === undefined ? null : (
        <p class="fault" id="fault-pump">
          {fault}
        </p>
      )}
    </div>
  );
}

function readPumpNumber(typed: string): number | null {
  const digits = typed.normalize('NFKC').replace(/\D/g, '');
  return digits === '' ? null : Number(digits);
}
