import { formatInstant } from '../format.ts';
import { findWords } from './find-words.ts';
import type { KeptOrder } from './kept-orders.ts';
import { usePage, useWords } from './page-tools.ts';

const shownMax = 3;

/** The way back to an order whose page was closed, perhaps in the middle of paying. */
export function KeptOrderList({ orders }: { readonly orders: readonly KeptOrder[] }) {
  const { go } = usePage();
  const { words, language } = useWords(findWords);
  return (
    <section aria-labelledby="kept-orders">
      <h2 id="kept-orders">{words('recent_heading')}</h2>
      <ul class="rows">
        {orders.slice(0, shownMax).map(({ orderId, stationName, placedAt, timeZone }) => (
          <li key={orderId}>
            <button type="button" class="row" onClick={() => go({ at: 'order', orderId })}>
              <strong class="row-text">{stationName}</strong>
              <span class="row-side">{formatInstant(language, placedAt, timeZone)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
