import { formatMoneyMinor, minorDigits } from '../base/money.ts';

/** 20000 in CNY is `200.00`; of a currency that is none, which only a payment service can have named, the number of its smallest parts. */
export const decimalText = (minor: number, currency: string): string =>
  minorDigits(currency) === null ? String(minor) : formatMoneyMinor(minor, currency);

/** 20000 in CNY is `200.00 CNY`. */
export const moneyText = (minor: number, currency: string): string =>
  minorDigits(currency) === null
    ? `${minor} smallest parts of ${currency}`
    : `${decimalText(minor, currency)} ${currency}`;
