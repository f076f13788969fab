import { formatMoneyMinor } from '../../base/money.ts';
import type { GradeMessage, StationMessage } from '../../station/station.message.ts';
import { formatMoney, formatPrice, formatVolume } from '../format.ts';
import { useWords } from './page-tools.ts';
import { formatStepped, type Quote } from './quote.ts';
import { reckoningWords } from './reckoning-words.ts';
import { Rows } from './rows.tsx';

type QuotePanelProps = {
  readonly station: StationMessage;
  readonly grade: GradeMessage;
  readonly by: 'money' | 'volume';
  readonly quote: Quote;
};

const moneyRounding = {
  'half-up': 'money_rounding_half_up',
  'half-even': 'money_rounding_half_even',
  down: 'money_rounding_down',
  up: 'money_rounding_up',
} as const satisfies Record<StationMessage['rounding'], keyof typeof reckoningWords>;

/** What the driver gets for what he pays, and how the station rounds it. Read aloud as it changes. */
export function QuotePanel({ station, grade, by, quote }: QuotePanelProps) {
  const { words, language } = useWords(reckoningWords);
  const { currency, unit, volumeStep, rounding } = station;
  const money = (minor: number) => formatMoney(language, formatMoneyMinor(minor, currency), currency);
  const discounted = quote.discountMinor > 0;
  return (
    <section class="card quote" aria-live="polite">
      <Rows
        rows={[
          [words('volume'), formatVolume(language, formatStepped(station, quote.volumeMilli), unit)],
          [words('unit_price'), formatPrice(language, grade.pumpPrice, currency, unit)],
          discounted ? [words('money'), money(quote.moneyMinor)] : null,
          discounted ? [words('discount'), money(-quote.discountMinor)] : null,
          [words('payable'), <strong key="payable">{money(quote.payableMinor)}</strong>],
        ]}
      />
      <p class="hint">
        {by === 'money'
          ? words('volume_rounding', { step: formatVolume(language, volumeStep, unit) })
          : words(moneyRounding[rounding], { step: money(1) })}
      </p>
    </section>
  );
}
