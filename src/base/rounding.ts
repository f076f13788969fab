/** How a quotient that is no whole number becomes one. The mode is the station's data and stands on the receipt. */
export type RoundingMode = 'half-up' | 'half-even' | 'down' | 'up';

export const roundingModes = ['half-up', 'half-even', 'down', 'up'] as const satisfies readonly RoundingMode[];

/**
 * `numerator / denominator` as a whole number. Both are whole; the denominator is above zero, the numerator not below it.
 * BigInt inside, because price x volume passes 2^53 long before either does.
 */
export function divideRounded(numerator: bigint, denominator: bigint, mode: RoundingMode): bigint {
  if (denominator <= 0n || numerator < 0n) throw new RangeError(`cannot round ${numerator} / ${denominator}`);
  const quotient = numerator / denominator;
  const remainder = numerator % denominator;
  if (remainder === 0n) return quotient;
  switch (mode) {
    case 'down':
      return quotient;
    case 'up':
      return quotient + 1n;
    case 'half-up':
      return 2n * remainder >= denominator ? quotient + 1n : quotient;
    case 'half-even':
      if (2n * remainder === denominator) return quotient % 2n === 0n ? quotient : quotient + 1n;
      return 2n * remainder > denominator ? quotient + 1n : quotient;
  }
}

/** A BigInt as a number; throws where a number could not hold it exactly. */
export function exactNumber(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number))
    throw new RangeError(`${value} is beyond a whole number that a double holds exactly`);
  return number;
}
