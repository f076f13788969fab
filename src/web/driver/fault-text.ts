import type { StationMessage } from '../../station/station.message.ts';
import { formatMoney, formatVolume } from '../format.ts';
import { fillIn, type Language } from '../words.ts';
import type { Missing } from './draft.ts';
import { formWords } from './form-words.ts';
import type { Fault } from './quote.ts';

/** What is wrong with the typed quantity, with the station's limit in the unit of that limit. */
export function faultText(language: Language, station: StationMessage, fault: Fault): string {
  if (!('limit' in fault)) return formWords[fault.fault][language];
  const limit =
    fault.of === 'volume'
      ? formatVolume(language, fault.limit, station.unit)
      : formatMoney(language, fault.limit, station.currency);
  return fillIn(formWords[fault.fault][language], { limit });
}

const missingWords = {
  pump: 'pump_missing',
  grade: 'grade_missing',
  quantity: 'quantity_missing',
  method: 'method_missing',
} as const satisfies Record<Missing, keyof typeof formWords>;

export const missingText = (words: (name: keyof typeof formWords) => string, missing: Missing): string =>
  words(missingWords[missing]);
