import { formatMoneyMinor } from '../../base/money.ts';
import type { StationMessage } from '../../station/station.message.ts';
import { formatMoney, formatVolume } from '../format.ts';
import type { Draft } from './draft.ts';
import { formWords } from './form-words.ts';
import { useWords } from './page-tools.ts';
import { formatStepped, type Quote } from './quote.ts';

type PayBarProps = {
  readonly station: StationMessage;
  readonly draft: Draft;
  readonly quote: Quote | null;
  readonly sending: boolean;
  /** The price has changed, so the button asks for consent to the new amount. */
  readonly confirming: boolean;
};

/** The one button, always in reach, bearing what it costs, beside what it buys. */
export function PayBar({ station, draft, quote, sending, confirming }: PayBarProps) {
  const { words, language } = useWords(formWords);
  const amount =
    quote === null
      ? null
      : formatMoney(language, formatMoneyMinor(quote.payableMinor, station.currency), station.currency);
  const summary = [
    draft.pump === null ? null : words('pump_number', { pump: draft.pump }),
    draft.grade,
    quote === null ? null : formatVolume(language, formatStepped(station, quote.volumeMilli), station.unit),
  ].filter((part) => part !== null);
  const label = amount === null ? words('pay') : words(confirming ? 'confirm_amount' : 'pay_amount', { amount });
  return (
    <div class="pay-bar">
      <p class="muted">{summary.join(' · ')}</p>
      <button type="submit" class="first wide" aria-disabled={sending}>
        {sending ? words('sending') : label}
      </button>
    </div>
  );
}
