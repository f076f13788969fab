import type { StationMessage } from '../../station/station.message.ts';

/** Commonly bought amounts by currency, in major units. Others are left to the driver's own amount. */
const quickMoney: Readonly<Record<string, readonly number[]>> = {
  CNY: [100, 200, 300, 400],
  EUR: [20, 40, 60, 80],
  USD: [20, 30, 40, 60],
  GBP: [20, 40, 60, 80],
  JPY: [2000, 3000, 5000, 8000],
};
const quickVolume = {
  l: [20, 30, 40, 50],
  'gal-us': [5, 8, 10, 15],
  'gal-uk': [4, 6, 8, 10],
  kg: [5, 10, 15, 20],
} as const;

/** Quantities to choose with one tap, as decimal strings: those that `allowed` lets pass. */
export function quickQuantities(
  { currency, unit }: Pick<StationMessage, 'currency' | 'unit'>,
  by: 'money' | 'volume',
  allowed: (quantity: string) => boolean,
): readonly string[] {
  const offered: readonly number[] = by === 'money' ? (quickMoney[currency] ?? []) : quickVolume[unit];
  return offered.map(String).filter(allowed);
}
