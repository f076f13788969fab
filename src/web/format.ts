import type { VolumeUnit } from '../base/volume.ts';
import { unitWords } from './unit-words.ts';
import { fillIn, type Language } from './words.ts';

/**
 * How the pages write numbers for people. Amounts come as the wire's decimal strings; they become numbers here only to be shown, never
 * to be reckoned with.
 */

const narrowestSymbol = pickCurrencyDisplay();

/** WebKit before 14.1 throws on `narrowSymbol`, which alone writes a yuan as ¥ in English too. */
function pickCurrencyDisplay(): 'narrowSymbol' | 'symbol' {
  try {
    const { currencyDisplay } = new Intl.NumberFormat('en', {
      style: 'currency',
      currency: 'CNY',
      currencyDisplay: 'narrowSymbol',
    }).resolvedOptions();
    return currencyDisplay === 'narrowSymbol' ? 'narrowSymbol' : 'symbol';
  } catch {
    return 'symbol';
  }
}

/** `"200.00"` in CNY is `¥200.00`. */
export function formatMoney(language: Language, money: string, currency: string): string {
  return new Intl.NumberFormat(language, { style: 'currency', currency, currencyDisplay: narrowestSymbol }).format(
    Number(money),
  );
}

/** `"7.39"` CNY a litre is `¥7.39/L`; a third digit is shown where there is one. */
export function formatPrice(language: Language, price: string, currency: string, unit: VolumeUnit): string {
  const shown = new Intl.NumberFormat(language, {
    style: 'currency',
    currency,
    currencyDisplay: narrowestSymbol,
    maximumFractionDigits: 3,
  }).format(Number(price));
  return fillIn(unitWords[`price_${unit}`][language], { price: shown });
}

/** `"27.06"` litres is `27.06 L`; as many digits as the string has. */
export function formatVolume(language: Language, volume: string, unit: VolumeUnit): string {
  const digits = (volume.split('.')[1] ?? '').length;
  const shown = new Intl.NumberFormat(language, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(Number(volume));
  return fillIn(unitWords[`volume_${unit}`][language], { volume: shown });
}

/** Day and time of an RFC 3339 instant on the station's clock, whatever the phone's zone is. */
export function formatInstant(language: Language, instant: string, timeZone: string): string {
  return new Intl.DateTimeFormat(language, {
    timeZone,
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(new Date(instant));
}
