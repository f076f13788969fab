import type { StationMessage } from '../../station/station.message.ts';
import { formatMoney, formatVolume } from '../format.ts';
import { unitWords } from '../unit-words.ts';
import { Choices } from './choices.tsx';
import type { Draft } from './draft.ts';
import { formWords } from './form-words.ts';
import { useWords } from './page-tools.ts';
import { quickQuantities } from './quick-quantities.ts';

const quantityLengthMax = 16;

type AmountChoiceProps = {
  readonly station: StationMessage;
  readonly draft: Draft;
  readonly fault: string | undefined;
  /** May this quantity be ordered? All may, as long as that is not known. */
  readonly allowed: (quantity: string) => boolean;
  readonly onKind: (by: Draft['by']) => void;
  readonly onQuantity: (quantity: string) => void;
};

/** How much: by money or by volume, with a tap or typed. */
export function AmountChoice({ station, draft, fault, allowed, onKind, onQuantity }: AmountChoiceProps) {
  const { words, language } = useWords(formWords);
  const { by, quantity } = draft;
  const show = (text: string) =>
    by === 'money'
      ? formatMoney(language, text, station.currency).replace(/[.,]00?$/, '')
      : formatVolume(language, text, station.unit);
  // The cloud writes money with all the digits that the currency has.
  const wholeOnly = by === 'money' && !station.orderMoneyMin.includes('.');
  return (
    <Choices
      name="kind"
      legend={words('quantity')}
      look="halves"
      choices={[
        { value: 'money', label: words('by_money') },
        { value: 'volume', label: words('by_volume') },
      ]}
      chosen={by}
      onChoose={onKind}
    >
      <div class="chips quick">
        {quickQuantities(station, by, allowed).map((text) => (
          <button
            type="button"
            class="chip"
            key={text}
            aria-pressed={quantity === text}
            onClick={() => onQuantity(text)}
          >
            {show(text)}
          </button>
        ))}
      </div>
      <label class="field-label" for="ask-quantity">
        {words(by === 'money' ? 'own_money' : 'own_volume')}{' '}
        <span class="muted">({by === 'money' ? station.currency : unitWords[`unit_${station.unit}`][language]})</span>
      </label>
      <input
        id="ask-quantity"
        class="number"
        inputMode={wholeOnly ? 'numeric' : 'decimal'}
        autocomplete="off"
        maxLength={quantityLengthMax}
        value={quantity}
        onInput={(event) => onQuantity(event.currentTarget.value)}
        aria-describedby={fault === undefined ? undefined : 'fault-quantity'}
        aria-invalid={fault !== undefined}
      />
      <p class="fault" id="fault-quantity" aria-live="polite">
        {fault}
      </p>
    </Choices>
  );
}
