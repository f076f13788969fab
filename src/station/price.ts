import { moneyMinorMax, requireMinorDigits } from '../base/money.ts';
import { type Refusal, refuse } from '../base/problem.ts';
import { divideRounded, exactNumber } from '../base/rounding.ts';
import { priceMilliMax, volumeMilliMax } from '../base/volume.ts';
import type { GradePrice, RoundingRules } from './station.ts';

/** What the driver wants of one grade: money, volume, or both. Prices in thousandths of the major unit. */
export type PricingRequest = {
  readonly rules: RoundingRules;
  readonly pumpPriceMilli: number;
  readonly memberPriceMilli: number | null;
  readonly moneyMinor: number | null;
  readonly volumeMilli: number | null;
};

/** `payableMinor = moneyMinor - discountMinor`, and all but the discount are above zero. */
export type PricedOrder = {
  readonly moneyMinor: number;
  readonly volumeMilli: number;
  readonly discountMinor: number;
  readonly payableMinor: number;
};

/**
 * Volume, money, discount and what is to be paid. Runs in the cloud, in the page and on the command line, so that all three show one number.
 *
 * By money: volume = money / pump price, floored to the volume step; money stays what the driver gave, because a dispenser stops on
 * money. By volume: money = volume x pump price, rounded as the station rounds. Both: they must agree within one volume step,
 * |volume x price - money| <= step x price. Discount = volume x (pump price - member price), half up (field.md section 8).
 *
 * Refuses, in this order: quantity_missing, money_not_positive, volume_not_positive, money_above_limit and volume_above_limit (what
 * any order may hold), volume_step, money_volume_disagree; volume_not_positive where the money buys less than one step, and
 * money_not_positive where nothing is left to pay.
 */
export function priceOrder(request: PricingRequest): PricedOrder | Refusal {
  const { rules, pumpPriceMilli, memberPriceMilli, moneyMinor, volumeMilli } = request;
  requirePrices(pumpPriceMilli, memberPriceMilli);
  const refusal = refuseQuantity(request);
  if (refusal !== null) return refusal;
  const volume = volumeMilli ?? volumeForMoney(rules, pumpPriceMilli, moneyMinor ?? 0);
  if (volume <= 0) return refuse('volume_not_positive');
  if (volume > volumeMilliMax) return refuse('volume_above_limit');
  const money = moneyMinor ?? moneyForVolume(rules, pumpPriceMilli, volume);
  if (money > moneyMinorMax) return refuse('money_above_limit');
  const discountMinor = discountForVolume(rules, pumpPriceMilli - (memberPriceMilli ?? pumpPriceMilli), volume);
  const payableMinor = money - discountMinor;
  if (payableMinor <= 0) return refuse('money_not_positive');
  return { moneyMinor: money, volumeMilli: volume, discountMinor, payableMinor };
}

function refuseQuantity({ rules, pumpPriceMilli, moneyMinor, volumeMilli }: PricingRequest): Refusal | null {
  if (moneyMinor === null && volumeMilli === null) return refuse('quantity_missing');
  if (moneyMinor !== null && moneyMinor <= 0) return refuse('money_not_positive');
  if (volumeMilli !== null && volumeMilli <= 0) return refuse('volume_not_positive');
  if (moneyMinor !== null && moneyMinor > moneyMinorMax) return refuse('money_above_limit');
  if (volumeMilli !== null && volumeMilli > volumeMilliMax) return refuse('volume_above_limit');
  if (volumeMilli !== null && volumeMilli % rules.volumeStepMilli !== 0) return refuse('volume_step');
  if (moneyMinor === null || volumeMilli === null) return null;
  return checkReceipt({ rules, pumpPriceMilli, moneyMinor, volumeMilli }).agrees
    ? null
    : refuse('money_volume_disagree');
}

export type Receipt = {
  readonly rules: RoundingRules;
  readonly pumpPriceMilli: number;
  readonly moneyMinor: number;
  readonly volumeMilli: number;
};

/** Differences in millionths of the major unit, exact: thousandths of a price times thousandths of a volume. */
export type ReceiptCheck = {
  readonly agrees: boolean;
  /** Money - volume x price; above zero where the money is too much for the volume. */
  readonly differenceMicro: bigint;
  /** One volume step x price. */
  readonly toleranceMicro: bigint;
  readonly expectedMoneyMinor: number;
  readonly expectedVolumeMilli: number;
};

/** Do money, volume and price of a receipt agree within one volume step, and if not, by how much? */
export function checkReceipt({ rules, pumpPriceMilli, moneyMinor, volumeMilli }: Receipt): ReceiptCheck {
  requirePrices(pumpPriceMilli, null);
  const differenceMicro = BigInt(moneyMinor) * microPerMinor(rules) - BigInt(volumeMilli) * BigInt(pumpPriceMilli);
  const toleranceMicro = BigInt(rules.volumeStepMilli) * BigInt(pumpPriceMilli);
  return {
    agrees: (differenceMicro < 0n ? -differenceMicro : differenceMicro) <= toleranceMicro,
    differenceMicro,
    toleranceMicro,
    expectedMoneyMinor: moneyForVolume(rules, pumpPriceMilli, volumeMilli),
    expectedVolumeMilli: volumeForMoney(rules, pumpPriceMilli, moneyMinor),
  };
}

/**
 * The price of `grade` that is valid at `now`: of those begun and not ended the one that began last. Refuses grade_unknown where the
 * grade has no price at all, price_missing where none is valid now.
 */
export function priceAt(prices: readonly GradePrice[], grade: string, now: number): GradePrice | Refusal {
  const ofGrade = prices.filter((price) => price.grade === grade);
  if (ofGrade.length === 0) return refuse('grade_unknown');
  const valid = ofGrade.filter(
    (price) => price.validFrom <= now && (price.validUntil === null || price.validUntil > now),
  );
  return valid.sort((a, b) => b.validFrom - a.validFrom)[0] ?? refuse('price_missing');
}

/** Floored to the step, whatever the station's mode: money never buys more than it pays for. */
function volumeForMoney(rules: RoundingRules, priceMilli: number, moneyMinor: number): number {
  const step = BigInt(rules.volumeStepMilli);
  const steps = divideRounded(BigInt(moneyMinor) * microPerMinor(rules), BigInt(priceMilli) * step, 'down');
  return exactNumber(steps * step);
}

function moneyForVolume(rules: RoundingRules, priceMilli: number, volumeMilli: number): number {
  return exactNumber(divideRounded(BigInt(volumeMilli) * BigInt(priceMilli), microPerMinor(rules), rules.rounding));
}

function discountForVolume(rules: RoundingRules, offMilli: number, volumeMilli: number): number {
  return exactNumber(divideRounded(BigInt(volumeMilli) * BigInt(offMilli), microPerMinor(rules), 'half-up'));
}

/** Price x volume is in millionths of the major unit; a minor unit holds 10^(6 - digits) of them (CNY 10,000, JPY 1,000,000). */
const microPerMinor = (rules: RoundingRules): bigint => 10n ** BigInt(6 - requireMinorDigits(rules.currency));

function requirePrices(pumpPriceMilli: number, memberPriceMilli: number | null): void {
  const possible = Number.isInteger(pumpPriceMilli) && pumpPriceMilli > 0 && pumpPriceMilli <= priceMilliMax;
  if (!possible) throw new RangeError(`${pumpPriceMilli} is no pump price in thousandths`);
  if (memberPriceMilli === null) return;
  if (!(memberPriceMilli > 0 && memberPriceMilli <= pumpPriceMilli)) {
    throw new RangeError(`member price ${memberPriceMilli} is not between zero and the pump price ${pumpPriceMilli}`);
  }
}
