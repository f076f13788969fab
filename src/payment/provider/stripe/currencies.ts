import { minorDigits } from '../../../base/money.ts';

/**
 * What Stripe takes from a payer and counts as our own table of ISO 4217 does, in hundredths or in whole (docs.stripe.com/currencies, November 2026). Left
 * out: what Stripe counts otherwise (MGA in whole ariary, UGX and ISK in hundredths that do not exist), and what has thousandths (KWD), whose last
 * digit Stripe wants to be 0.
 */
const inHundredths = `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CNY COP CRC CVE CZK DKK DOP
  DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR JMD KES KGS KHR KYD KZT LAK LBP LKR LRD LSL MAD MDL MKD MMK MNT
  MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SEK SGD SHP SLE SOS SRD SZL THB TJS
  TOP TRY TTD TWD TZS UAH USD UYU UZS WST XCD XCG YER ZAR ZMW`;

const inWhole = 'BIF CLP DJF GNF JPY KMF KRW PYG RWF VND VUV XAF XOF XPF';

const of = (codes: string, digits: number): readonly string[] =>
  codes.split(/\s+/).filter((code) => minorDigits(code) === digits);

export const currencies: readonly string[] = [...of(inHundredths, 2), ...of(inWhole, 0)];
