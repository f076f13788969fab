import { minorDigits } from '../../../base/money.ts';

/**
 * What Stripe takes from a payer and counts in hundredths, as our own table of ISO 4217 does (docs.stripe.com/currencies, November 2026). Left out: what
 * has no hundredths (JPY, KRW, …), what Stripe counts otherwise than ISO 4217 (MGA in whole ariary, UGX and ISK in hundredths that do not exist), and
 * what has thousandths (KWD), whose last digit Stripe wants to be 0.
 */
const inHundredths = `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CNY COP CRC CVE CZK DKK DOP
  DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR JMD KES KGS KHR KYD KZT LAK LBP LKR LRD LSL MAD MDL MKD MMK MNT
  MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SEK SGD SHP SLE SOS SRD SZL THB TJS
  TOP TRY TTD TWD TZS UAH USD UYU UZS WST XCD XCG YER ZAR ZMW`;

export const currencies: readonly string[] = inHundredths.split(/\s+/).filter((code) => minorDigits(code) === 2);
