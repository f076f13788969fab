import { formatMoneyMinor } from '../../base/money.ts';
import type { StationMessage } from '../../station/station.message.ts';
import { formatMoney, formatVolume } from '../format.ts';
import type { Language } from '../words.ts';
import { formatStepped, type Quote } from './quote.ts';

/**
 * All that the order form needs only once something is chosen: it reckons, explains and sends. Fetched while the driver reads, so that
 * it does not stand between him and the form.
 */
export { withNewPrice } from './cloud-hint.ts';
export { faultText } from './fault-text.ts';
export { FormFailure } from './form-failure.tsx';
export { quoteOrder } from './quote.ts';
export { QuotePanel } from './quote-panel.tsx';
export { sendOrder } from './send-order.ts';

/** What is paid and what is got for it, as people read them. */
export function showQuote(language: Language, station: StationMessage, quote: Quote) {
  const { currency, unit } = station;
  return {
    payable: formatMoney(language, formatMoneyMinor(quote.payableMinor, currency), currency),
    volume: formatVolume(language, formatStepped(station, quote.volumeMilli), unit),
  };
}
