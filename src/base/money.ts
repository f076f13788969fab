import { formatDecimal, parseDecimal } from './decimal.ts';

/** Money in minor units (CNY fen, EUR cent, JPY yen) of an ISO 4217 currency. */
export type Money = { readonly minor: number; readonly currency: string };

/** One order, refund or ledger line is never above this, whatever a station allows. */
export const moneyMinorMax = 1_000_000_000_000;

const digitsByCurrency = new Map<string, number>();

/** Digits after the point of an ISO 4217 currency (CNY 2, JPY 0, KWD 3), or null for a code that is none. */
export function minorDigits(currency: string): number | null {
  const known = digitsByCurrency.get(currency);
  if (known !== undefined) return known;
  if (!/^[A-Z]{3}$/.test(currency)) return null;
  const digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
  digitsByCurrency.set(currency, digits);
  return digits;
}

function requireDigits(currency: string): number {
  const digits = minorDigits(currency);
  if (digits === null) throw new RangeError(`${currency} is no ISO 4217 currency code`);
  return digits;
}

/** `"200.00"` in CNY is 20000; null where the text is no amount of that currency. */
export function parseMoneyMinor(text: string, currency: string): number | null {
  return parseDecimal(text, requireDigits(currency));
}

/** 20000 in CNY is `"200.00"`. */
export function formatMoneyMinor(minor: number, currency: string): string {
  return formatDecimal(minor, requireDigits(currency));
}
