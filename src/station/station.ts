import type { RoundingMode } from '../base/rounding.ts';
import type { VolumeUnit } from '../base/volume.ts';

export type Nozzle = { readonly pump: number; readonly nozzle: number; readonly grade: string };

/**
 * Prices of one grade in thousandths of the currency's major unit. Official (国标价) is what the state or the board says, pump (枪价)
 * is what the dispenser counts with, member (会员价) is what the driver pays; the discount is the difference of the last two.
 */
export type GradePrice = {
  readonly grade: string;
  readonly officialPriceMilli: number | null;
  readonly pumpPriceMilli: number;
  readonly memberPriceMilli: number | null;
  /** Milliseconds since 1970. */
  readonly validFrom: number;
  readonly validUntil: number | null;
};

/** How the station measures and rounds; printed on every receipt. */
export type RoundingRules = {
  readonly currency: string;
  readonly unit: VolumeUnit;
  readonly priceResolutionMilli: number;
  readonly volumeStepMilli: number;
  /** How volume x price becomes money. Money to volume is always floored to the step. */
  readonly rounding: RoundingMode;
};

export type Station = RoundingRules & {
  readonly stationNumber: number;
  readonly name: string;
  readonly brand: string | null;
  readonly address: string;
  /** WGS-84 degrees. */
  readonly latitude: number;
  readonly longitude: number;
  /** IANA name, for example `Asia/Shanghai`. */
  readonly timeZone: string;
  readonly orderMoneyMinorMin: number;
  readonly orderMoneyMinorMax: number;
  readonly orderVolumeMilliMax: number;
  readonly state: 'open' | 'closed';
  /** Payment methods that the station takes, in the order in which it offers them. */
  readonly methods: readonly string[];
  /** Empty where the station's layout is not known: then any pump number of 1 to 99 may be named. */
  readonly nozzles: readonly Nozzle[];
  /** The prices that are valid now; a grade without one cannot be ordered. */
  readonly grades: readonly GradePrice[];
};
