import type { Draft } from './draft.ts';
import { formWords } from './form-words.ts';
import { useWords } from './page-tools.ts';

type PayBarProps = {
  readonly draft: Draft;
  /** What is paid and what is got for it, as people read them; null while nothing is reckoned. */
  readonly shown: { readonly payable: string; readonly volume: string } | null;
  /** What the driver has to wait for. */
  readonly busy: string | null;
  /** The price has changed, so the button asks for consent to the new amount. */
  readonly confirming: boolean;
};

/** The one button, always in reach, bearing what it costs, beside what it buys. */
export function PayBar({ draft, shown, busy, confirming }: PayBarProps) {
  const { words } = useWords(formWords);
  const summary = [
    draft.pump === null ? null : words('pump_number', { pump: draft.pump }),
    draft.grade,
    shown === null ? null : shown.volume,
  ].filter((part) => part !== null);
  const label =
    shown === null ? words('pay') : words(confirming ? 'confirm_amount' : 'pay_amount', { amount: shown.payable });
  return (
    <div class="pay-bar">
      <p class="muted">{summary.join(' · ')}</p>
      <button type="submit" class="first wide" aria-disabled={busy !== null}>
        {busy ?? label}
      </button>
    </div>
  );
}
