import { formatMoneyMinor, parseMoneyMinor } from '../../base/money.ts';
import { parsePriceMilli, parseVolumeMilli, volumeDigits } from '../../base/volume.ts';
import { formatDecimal } from '../../base/decimal.ts';
import { priceOrder } from '../../station/price.ts';
import type { RoundingRules } from '../../station/station.ts';
import type { GradeMessage, StationMessage } from '../../station/station.message.ts';

/** What the driver will get and pay, reckoned on the phone by the same rule as in the cloud, which decides. */
export type Quote = {
  readonly moneyMinor: number;
  readonly volumeMilli: number;
  readonly discountMinor: number;
  readonly payableMinor: number;
};

/** Why what was typed is no quantity, with the limit as a decimal string where there is one. */
export type Fault =
  | { readonly fault: 'quantity_malformed' | 'quantity_zero' }
  | {
      readonly fault: 'quantity_too_fine' | 'quantity_below' | 'quantity_above';
      readonly of: 'money' | 'volume';
      readonly limit: string;
    };

export type Quantity = { readonly by: 'money' | 'volume'; readonly typed: string };

/** The quote for a typed quantity of a grade, or what is wrong with it. */
export function quoteOrder(station: StationMessage, grade: GradeMessage, quantity: Quantity): Quote | Fault {
  const text = readDecimalText(quantity.typed);
  if (text === null) return { fault: 'quantity_malformed' };
  const given = quantity.by === 'money' ? readMoney(station, text) : readVolume(station, text);
  if ('fault' in given) return given;
  const quote = priceOrder({
    rules: rulesOf(station),
    pumpPriceMilli: readPrice(grade.pumpPrice),
    memberPriceMilli: grade.memberPrice === null ? null : readPrice(grade.memberPrice),
    ...given,
  });
  if ('refusal' in quote) return faultOf(station, quote.refusal);
  return quoteWithin(station, quote) ?? quote;
}

/**
 * What was typed as a plain decimal: full-width digits of a Chinese keyboard and a decimal comma are read as meant. A comma before exactly
 * three digits may part thousands, so it is not guessed at: 1,000 must never become 1.
 */
export function readDecimalText(typed: string): string | null {
  const text = typed.normalize('NFKC').replace(/\s/g, '').replace('。', '.');
  if (/^\d+$|^\d+\.\d*$/.test(text)) return text.replace(/\.$/, '');
  if (/^\.\d+$/.test(text)) return `0${text}`;
  return /^\d+,(\d{1,2}|\d{4,})$/.test(text) ? text.replace(',', '.') : null;
}

type Given = { readonly moneyMinor: number | null; readonly volumeMilli: number | null };

function readMoney(station: StationMessage, text: string): Given | Fault {
  const moneyMinor = parseMoneyMinor(text, station.currency);
  if (moneyMinor === null)
    return { fault: 'quantity_too_fine', of: 'money', limit: formatMoneyMinor(1, station.currency) };
  return moneyMinor === 0 ? { fault: 'quantity_zero' } : { moneyMinor, volumeMilli: null };
}

function readVolume(station: StationMessage, text: string): Given | Fault {
  const volumeMilli = parseVolumeMilli(text);
  if (volumeMilli === null || volumeMilli % readVolumeStep(station) !== 0)
    return { fault: 'quantity_too_fine', of: 'volume', limit: station.volumeStep };
  return volumeMilli === 0 ? { fault: 'quantity_zero' } : { moneyMinor: null, volumeMilli };
}

/** Steps and zero are checked before; what is left is an order beyond all measure, or one that a station would give away. */
const faultOf = (station: StationMessage, refusal: string): Fault =>
  refusal.endsWith('_above_limit')
    ? { fault: 'quantity_above', of: 'money', limit: station.orderMoneyMax }
    : { fault: 'quantity_zero' };

function quoteWithin(station: StationMessage, quote: Quote): Fault | null {
  const money = (text: string) => parseMoneyMinor(text, station.currency) ?? wireFault(text);
  if (quote.moneyMinor < money(station.orderMoneyMin))
    return { fault: 'quantity_below', of: 'money', limit: station.orderMoneyMin };
  if (quote.moneyMinor > money(station.orderMoneyMax))
    return { fault: 'quantity_above', of: 'money', limit: station.orderMoneyMax };
  const volumeMilliMax = parseVolumeMilli(station.orderVolumeMax) ?? wireFault(station.orderVolumeMax);
  if (quote.volumeMilli > volumeMilliMax)
    return { fault: 'quantity_above', of: 'volume', limit: station.orderVolumeMax };
  return null;
}

function rulesOf(station: StationMessage): RoundingRules {
  return {
    currency: station.currency,
    unit: station.unit,
    priceResolutionMilli: readPrice(station.priceResolution),
    volumeStepMilli: readVolumeStep(station),
    rounding: station.rounding,
  };
}

const readPrice = (text: string): number => parsePriceMilli(text) ?? wireFault(text);

function readVolumeStep(station: StationMessage): number {
  const stepMilli = parseVolumeMilli(station.volumeStep) ?? 0;
  return stepMilli > 0 ? stepMilli : wireFault(station.volumeStep);
}

/** The station's volumes with as many digits as its step has: 27.06 at a step of 0.01, 27.060 at 0.001. */
export function formatStepped(station: { readonly volumeStep: string }, volumeMilli: number): string {
  const digits = (station.volumeStep.split('.')[1] ?? '').length;
  return formatDecimal(volumeMilli, volumeDigits, Math.min(digits, volumeDigits));
}

function wireFault(text: string): never {
  throw new Error(`the cloud sent ${JSON.stringify(text)} where a decimal was due`);
}
