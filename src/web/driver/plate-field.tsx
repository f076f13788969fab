import { plateLengthMax } from './draft.ts';
import { formWords } from './form-words.ts';
import { useWords } from './page-tools.ts';

type PlateFieldProps = { readonly plate: string; readonly onPlate: (plate: string) => void };

/** The number plate, for whoever wants it on the permit. */
export function PlateField({ plate, onPlate }: PlateFieldProps) {
  const { words } = useWords(formWords);
  return (
    <div class="card">
      <label class="label" for="plate">
        {words('plate')} <span class="muted">({words('optional')})</span>
      </label>
      <p class="hint" id="plate-hint">
        {words('plate_hint')}
      </p>
      <input
        id="plate"
        value={plate}
        onInput={(event) => onPlate(event.currentTarget.value)}
        maxLength={plateLengthMax}
        autocomplete="off"
        autocapitalize="characters"
        spellcheck={false}
        aria-describedby="plate-hint"
      />
    </div>
  );
}
