import { useState } from 'preact/hooks';
import type { StaffOrderLineMessage } from '../../staff/staff.message.ts';
import { textOf } from '../driver/failure-text.ts';
import { formatClock } from '../driver/format-moment.ts';
import { Notice } from '../driver/notice.tsx';
import { formatInstant, formatMoney } from '../format.ts';
import { OrderSearch } from './order-search.tsx';
import { isDoubtful, permitWords, stateOf } from './order-state.ts';
import type { OrderQuery } from './staff-calls.ts';
import { useStaffWords } from './staff-tools.ts';
import { volumeText } from './volume-text.ts';
import { useOrderList } from './use-order-list.ts';

type OrderListProps = {
  readonly stationNumber: number;
  readonly openId: string | null;
  /** How many orders were changed here: at each the list is read again. */
  readonly changes: number;
  readonly onOpen: (orderId: string) => void;
  /** The token opens nothing any more. */
  readonly onShut: () => void;
};

const everything: OrderQuery = { search: '', state: '' };

/** A station's orders, the newest first, with what is looked for. */
export function OrderList({ stationNumber, openId, changes, onOpen, onShut }: OrderListProps) {
  const { words, language } = useStaffWords();
  const [query, setQuery] = useState(everything);
  const { list, failure, readAt, readOlder, isReadingOlder } = useOrderList({ stationNumber, query, changes, onShut });
  const isFiltered = query.search !== '' || query.state !== '';
  const zone = list?.station.timeZone ?? 'UTC';
  const time = readAt === null ? '' : formatClock(language, readAt, zone);
  return (
    <>
      <OrderSearch query={query} onQuery={setQuery} />
      <section aria-label={words('orders')}>
        {failure === null ? (
          <p class="hint as-of">{readAt === null ? words('loading') : words('as_of', { time })}</p>
        ) : (
          <Notice
            text={
              failure.kind === 'unanswered' && readAt !== null ? words('stale', { time }) : textOf(failure, language)
            }
          />
        )}
        {list === null ? null : list.orders.length === 0 ? (
          <p class="empty">{words(isFiltered ? 'none_found' : 'no_orders')}</p>
        ) : (
          <ul class="lines">
            {list.orders.map((line) => (
              <Line key={line.orderId} line={line} timeZone={zone} isOpen={line.orderId === openId} onOpen={onOpen} />
            ))}
          </ul>
        )}
        {list === null || list.next === null ? null : (
          <button type="button" class="second wide" aria-disabled={isReadingOlder} onClick={() => void readOlder()}>
            {words('older')}
          </button>
        )}
      </section>
    </>
  );
}

type LineProps = {
  readonly line: StaffOrderLineMessage;
  readonly timeZone: string;
  readonly isOpen: boolean;
  readonly onOpen: (orderId: string) => void;
};

function Line({ line, timeZone, isOpen, onOpen }: LineProps) {
  const { words, language } = useStaffWords();
  const { text, mark, tone, more } = stateOf(line);
  const doubtful = line.permit !== null && isDoubtful(line.permit.state) ? line.permit.state : null;
  return (
    <li>
      <button type="button" class="line" aria-current={isOpen} onClick={() => onOpen(line.orderId)}>
        <span class="pump-sign" title={words('pump')}>
          <span class="visually-hidden">{words('pump')} </span>
          {line.pump ?? '–'}
        </span>
        <span class="line-text">
          <strong>{line.plate ?? words('no_plate')}</strong>
          <span class="muted">
            {line.grade} · {volumeText(words, language, line)}
          </span>
          <span class={`badge ${doubtful === null ? tone : 'warn'}`}>
            <span aria-hidden="true">{doubtful === null ? mark : '!'}</span>{' '}
            {doubtful === null ? words(text) : words(permitWords[doubtful])}
            {more === null ? '' : `\u00a0· ${words(more)}`}
          </span>
        </span>
        <span class="line-side">
          <strong>{formatMoney(language, line.payable, line.currency)}</strong>
          <span class="muted">{formatInstant(language, line.paidAt ?? line.placedAt, timeZone)}</span>
        </span>
      </button>
    </li>
  );
}
