import type { StationMessage } from '../../station/station.message.ts';
import type { Problem } from './cloud.ts';
import type { Fault } from './quote.ts';

/** The station with the price that the cloud told along with `price_changed`; null for any other problem. */
export function withNewPrice(station: StationMessage, grade: string, { code, hint }: Problem): StationMessage | null {
  const pumpPrice = hint?.['pumpPrice'];
  const memberPrice = hint?.['memberPrice'] ?? null;
  if (code !== 'price_changed' || typeof pumpPrice !== 'string') return null;
  if (memberPrice !== null && typeof memberPrice !== 'string') return null;
  const grades = station.grades.map((one) => (one.grade === grade ? { ...one, pumpPrice, memberPrice } : one));
  return { ...station, grades };
}

const limits = [
  ['orderMoneyMin', 'quantity_below', 'money'],
  ['orderMoneyMax', 'quantity_above', 'money'],
  ['orderVolumeMax', 'quantity_above', 'volume'],
] as const;

/** The limit that the cloud told along with its refusal, where the station's own has changed since the page read it. */
export function limitOf({ hint }: Problem): Fault | null {
  for (const [name, fault, of] of limits) {
    const limit = hint?.[name];
    if (typeof limit === 'string') return { fault, of, limit };
  }
  return null;
}
