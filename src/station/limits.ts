import { formatMoneyMinor } from '../base/money.ts';
import { type Refusal, refuse } from '../base/problem.ts';
import { formatVolumeMilli } from '../base/volume.ts';
import type { PricedOrder } from './price.ts';
import type { Station } from './station.ts';

type Limits = Pick<Station, 'currency' | 'orderMoneyMinorMin' | 'orderMoneyMinorMax' | 'orderVolumeMilliMax'>;

/**
 * Is the order within what the station takes at once? Limits are for money at the pump, before the discount; each limit itself is allowed.
 * Refuses, in this order, with the limit as a decimal string: money_below_limit, money_above_limit, volume_above_limit.
 */
export function checkLimits(station: Limits, priced: Pick<PricedOrder, 'moneyMinor' | 'volumeMilli'>): Refusal | null {
  const { currency, orderMoneyMinorMin, orderMoneyMinorMax, orderVolumeMilliMax } = station;
  if (priced.moneyMinor < orderMoneyMinorMin) {
    return refuse('money_below_limit', { orderMoneyMin: formatMoneyMinor(orderMoneyMinorMin, currency) });
  }
  if (priced.moneyMinor > orderMoneyMinorMax) {
    return refuse('money_above_limit', { orderMoneyMax: formatMoneyMinor(orderMoneyMinorMax, currency) });
  }
  if (priced.volumeMilli > orderVolumeMilliMax) {
    return refuse('volume_above_limit', { orderVolumeMax: formatVolumeMilli(orderVolumeMilliMax) });
  }
  return null;
}
