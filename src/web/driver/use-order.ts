import { useEffect, useState } from 'preact/hooks';
import type { OrderMessage } from '../../order/order.message.ts';
import type { Problem } from './cloud.ts';
import { followOrder, type Link } from './follow-order.ts';
import type { OrderCalls } from './order-calls.ts';

export type FollowedOrder = {
  readonly order: OrderMessage | null;
  readonly problem: Problem | null;
  readonly link: Link;
  /** When the cloud was last heard, RFC 3339 by the phone's clock: the age of what is shown. */
  readonly heardAt: string | null;
  /** Shows an order that another call has just brought. */
  readonly show: (order: OrderMessage) => void;
};

/** The order as it changes, as long as the page is seen: a phone in a pocket asks nothing. */
export function useOrder(calls: OrderCalls, known: OrderMessage | null): FollowedOrder {
  const [order, setOrder] = useState(known);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [link, setLink] = useState<Link>('live');
  const [heardAt, setHeardAt] = useState<string | null>(null);
  const seen = usePageSeen();

  useEffect(() => {
    if (!seen) return undefined;
    const leaving = new AbortController();
    const ended = followOrder({
      readOrder: calls.read,
      openEvents: calls.openEvents,
      wait,
      onOrder(next) {
        setOrder(next);
        setHeardAt(new Date().toISOString());
      },
      onLink: setLink,
      signal: leaving.signal,
    });
    void ended.then(setProblem);
    return () => leaving.abort();
  }, [calls, seen]);

  return { order, problem, link, heardAt, show: setOrder };
}

function usePageSeen(): boolean {
  const [seen, setSeen] = useState(!document.hidden);
  useEffect(() => {
    const look = () => setSeen(!document.hidden);
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  return seen;
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener('abort', end, { once: true });
  });
}
