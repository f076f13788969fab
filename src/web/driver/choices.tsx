import type { ComponentChildren } from 'preact';

export type Choice<Value> = {
  readonly value: Value;
  readonly label: ComponentChildren;
  readonly side?: ComponentChildren;
};

type ChoicesProps<Value> = {
  /** Names the group in the form; the fieldset's id is `ask-` and this. */
  readonly name: string;
  readonly legend: string;
  readonly hint?: string | undefined;
  readonly fault?: string | undefined;
  readonly look: 'chips' | 'rows' | 'halves';
  readonly choices: readonly Choice<Value>[];
  readonly chosen: Value | null;
  readonly onChoose: (value: Value) => void;
  readonly children?: ComponentChildren;
};

/** One out of several, as radio buttons, so that keyboard and screen reader work as the browser brings it. */
export function Choices<Value extends string | number>(props: ChoicesProps<Value>) {
  const { name, legend, hint, fault, look, choices, chosen, onChoose, children } = props;
  return (
    <fieldset
      id={`ask-${name}`}
      tabIndex={-1}
      class="card"
      aria-describedby={fault === undefined ? undefined : `fault-${name}`}
    >
      <legend class="label">{legend}</legend>
      {hint === undefined ? null : <p class="hint">{hint}</p>}
      <div class={look}>
        {choices.map(({ value, label, side }) => (
          <label key={value} class="choice">
            <input type="radio" name={name} checked={value === chosen} onChange={() => onChoose(value)} />
            <span class="face">
              <span>{label}</span>
              {side === undefined ? null : <span class="side">{side}</span>}
            </span>
          </label>
        ))}
      </div>
      {children}
      {fault === undefined ? null : (
        <p class="fault" id={`fault-${name}`}>
          {fault}
        </p>
      )}
    </fieldset>
  );
}
