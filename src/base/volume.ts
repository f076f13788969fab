import { formatDecimal, parseDecimal } from './decimal.ts';

/** What a station measures in. US gallon = 3.785411784 l, imperial gallon = 4.54609 l; gas and hydrogen are sold by kg. */
export type VolumeUnit = 'l' | 'gal-us' | 'gal-uk' | 'kg';

export const volumeUnits = ['l', 'gal-us', 'gal-uk', 'kg'] as const satisfies readonly VolumeUnit[];

/** Volumes are whole thousandths of the station's unit. */
export const volumeDigits = 3;

/** Unit prices are whole thousandths of the currency's major unit (the EU and the USA price with three decimals). */
export const priceDigits = 3;

/** One order is never above this, whatever a station allows: 100,000 of the unit. */
export const volumeMilliMax = 100_000_000;

/** No unit price is above this: 1,000,000 of the major unit. */
export const priceMilliMax = 1_000_000_000;

export const parseVolumeMilli = (text: string): number | null => parseDecimal(text, volumeDigits);

/** 27060 is `"27.06"`; a third digit is shown only where there is one. */
export const formatVolumeMilli = (milli: number): string => formatDecimal(milli, volumeDigits, 2);

export const parsePriceMilli = (text: string): number | null => parseDecimal(text, priceDigits);

/** 7390 is `"7.39"`, 1379 is `"1.379"`. */
export const formatPriceMilli = (milli: number): string => formatDecimal(milli, priceDigits, 2);
