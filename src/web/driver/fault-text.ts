import type { StationMessage } from '../../station/station.message.ts';
import { formatMoney, formatVolume } from '../format.ts';
import { fillIn, type Language } from '../words.ts';
import type { Fault } from './quote.ts';
import { reckoningWords } from './reckoning-words.ts';

/** What is wrong with the typed quantity, with the station's limit in the unit of that limit. */
export function faultText(language: Language, station: StationMessage, fault: Fault): string {
  if (!('limit' in fault)) return reckoningWords[fault.fault][language];
  const limit =
    fault.of === 'volume'
      ? formatVolume(language, fault.limit, station.unit)
      : formatMoney(language, fault.limit, station.currency);
  return fillIn(reckoningWords[fault.fault][language], { limit });
}
