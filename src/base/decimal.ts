/**
 * Decimal strings on the wire (`"27.06"`), whole numbers inside (27060 thousandths).
 * No float ever stands between the two.
 */

/**
 * The whole number of 1/10^digits in `text`, or null where it is no plain decimal (no sign, no exponent, a point) or is finer than that
 * many digits after the point; zeros at the end do not count as finer.
 */
export function parseDecimal(text: string, digits: number): number | null {
  const match = /^(\d{1,15})(?:\.(\d{1,12}))?$/.exec(text);
  if (match === null) return null;
  const whole = match[1] ?? '';
  const fraction = (match[2] ?? '').replace(/0+$/, '');
  if (fraction.length > digits) return null;
  const value = Number(whole + fraction.padEnd(digits, '0'));
  return Number.isSafeInteger(value) ? value : null;
}

/**
 * `value` / 10^digits as a decimal string with at least `digitsShown` digits after the point and no more than needed:
 * `formatDecimal(7390, 3, 2)` is `"7.39"`, `formatDecimal(1379, 3, 2)` is `"1.379"`. Throws for a number that is not whole.
 */
export function formatDecimal(value: number | bigint, digits: number, digitsShown: number = digits): string {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number`);
  const sign = value < 0 ? '-' : '';
  const text = String(value < 0 ? -value : value).padStart(digits + 1, '0');
  const whole = text.slice(0, text.length - digits);
  let fraction = text.slice(text.length - digits);
  while (fraction.length > digitsShown && fraction.endsWith('0')) fraction = fraction.slice(0, -1);
  return fraction === '' ? sign + whole : `${sign}${whole}.${fraction}`;
}
