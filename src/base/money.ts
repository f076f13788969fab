import { formatDecimal, parseDecimal } from './decimal.ts';

/** Money in minor units (CNY fen, EUR cent, JPY yen) of an ISO 4217 currency. */
export type Money = { readonly minor: number; readonly currency: string };

/** One order, refund or ledger line is never above this, whatever a station allows. */
export const moneyMinorMax = 1_000_000_000_000;

/**
 * The active currencies of ISO 4217 (list one) by their digits after the point. A table of our own, because `Intl` follows CLDR, which
 * gives cash digits for some currencies (IQD 0 instead of 3), changes between engines, and takes any three letters for a
 * currency: cloud and phone must never disagree on the point.
 */
const currenciesByDigits: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK
    DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP
    LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD
    RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD XCG
    YER ZAR ZMW ZWG`,
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
};

const digitsByCurrency = new Map<string, number>(
  Object.entries(currenciesByDigits).flatMap(([digits, codes]) =>
    codes.split(/\s+/).map((code): [string, number] => [code, Number(digits)]),
  ),
);

/** Digits after the point of an ISO 4217 currency (CNY 2, JPY 0, KWD 3), or null for a code that is none. */
export const minorDigits = (currency: string): number | null => digitsByCurrency.get(currency) ?? null;

/** The same where the currency is known to be one; throws for a code that is none. */
export function requireMinorDigits(currency: string): number {
  const digits = minorDigits(currency);
  if (digits === null) throw new RangeError(`${currency} is no ISO 4217 currency code`);
  return digits;
}

/** `"200.00"` in CNY is 20000; null where the text is no amount of that currency. */
export function parseMoneyMinor(text: string, currency: string): number | null {
  return parseDecimal(text, requireMinorDigits(currency));
}

/** 20000 in CNY is `"200.00"`. */
export function formatMoneyMinor(minor: number, currency: string): string {
  return formatDecimal(minor, requireMinorDigits(currency));
}
