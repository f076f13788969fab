import { useEffect, useState } from 'preact/hooks';
import type { StaffOrderListMessage } from '../../staff/staff.message.ts';
import type { Failure } from '../driver/failure-text.ts';
import { mergeLines } from './merge-lines.ts';
import type { OrderQuery } from './staff-calls.ts';
import { useStaff } from './staff-tools.ts';
import { refreshMs, searchAgainMs, useRefresh } from './use-refresh.ts';

export type OrderListState = {
  /** Null until the first page has come. */
  readonly list: StaffOrderListMessage | null;
  /** Why the last reading brought nothing; the list is as it was before. */
  readonly failure: Failure | null;
  /** When the list was read last, RFC 3339. */
  readonly readAt: string | null;
  readonly readOlder: () => Promise<void>;
  readonly isReadingOlder: boolean;
};

type Wanted = {
  readonly stationNumber: number;
  readonly query: OrderQuery;
  /** At each change the list is read again at once. */
  readonly changes: number;
  readonly onShut: () => void;
};

/** A station's orders that fit the query, kept fresh; older pages are added below. */
export function useOrderList({ stationNumber, query, changes, onShut }: Wanted): OrderListState {
  const { calls } = useStaff();
  const [list, setList] = useState<StaffOrderListMessage | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [readAt, setReadAt] = useState<string | null>(null);
  const [isReadingOlder, setReadingOlder] = useState(false);
  // What was found by another query does not belong here.
  useEffect(() => setList(null), [query.search, query.state]);

  useRefresh(
    async (isCurrent) => {
      const answer = await calls.listOrders(stationNumber, query, null);
      if (!isCurrent()) return;
      if (answer.kind !== 'answered') return fail(answer);
      const fresh = answer.body;
      setFailure(null);
      setReadAt(new Date().toISOString());
      setList((known) => ({
        ...fresh,
        orders: [...mergeLines(known?.orders ?? [], fresh.orders, fresh.next === null)],
        next:
          known !== null && known.orders.length > fresh.orders.length && fresh.next !== null ? known.next : fresh.next,
      }));
    },
    query.search === '' ? refreshMs : searchAgainMs,
    [calls, stationNumber, query.search, query.state, changes],
  );

  function fail(why: Failure): void {
    if (why.kind === 'refused' && why.problem.status === 401) onShut();
    else setFailure(why);
  }

  async function readOlder(): Promise<void> {
    if (list === null || list.next === null || isReadingOlder) return;
    setReadingOlder(true);
    const answer = await calls.listOrders(stationNumber, query, list.next);
    setReadingOlder(false);
    if (answer.kind !== 'answered') return fail(answer);
    const { orders, next } = answer.body;
    setList((known) => (known === null ? known : { ...known, orders: [...known.orders, ...orders], next }));
  }

  return { list, failure, readAt, readOlder, isReadingOlder };
}
