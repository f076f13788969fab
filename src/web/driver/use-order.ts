import { useEffect, useRef, useState } from 'preact/hooks';
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
  /** Puts in what another call has just brought. */
  readonly change: (change: (order: OrderMessage) => OrderMessage) => void;
  /** Reads the order once more and shows it, unless something newer came while it was read. Null where it could not be read. */
  readonly reread: () => Promise<OrderMessage | null>;
};

/** The order as it changes, as long as the page is seen: a phone in a pocket asks nothing. */
export function useOrder(calls: OrderCalls, known: OrderMessage | null): FollowedOrder {
  const [order, setOrder] = useState(known);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [link, setLink] = useState<Link>('live');
  const [heardAt, setHeardAt] = useState<string | null>(null);
  const changes = useRef(0);
  const look = usePageSeen();

  function hear(next: OrderMessage): void {
    changes.current += 1;
    setOrder(next);
    setHeardAt(new Date().toISOString());
  }

  useEffect(() => {
    if (look === null) return undefined;
    const leaving = new AbortController();
    const ended = followOrder({
      readOrder: calls.read,
      openEvents: calls.openEvents,
      wait,
      onOrder: hear,
      onLink: setLink,
      signal: leaving.signal,
    });
    void ended.then(setProblem);
    return () => leaving.abort();
  }, [calls, look]);

  return {
    order,
    problem,
    link,
    heardAt,
    change(next) {
      changes.current += 1;
      setOrder((now) => (now === null ? null : next(now)));
    },
    async reread() {
      const before = changes.current;
      const answer = await calls.read();
      if (answer.kind !== 'answered') return null;
      if (changes.current === before) hear(answer.body);
      return answer.body;
    },
  };
}

/**
 * Null while nobody sees the page, else another number each time that it was brought back from the browser's memory: whatever it had open
 * is dead by then, and what it shows is old.
 */
function usePageSeen(): number | null {
  const [seen, setSeen] = useState(!document.hidden);
  const [revivals, setRevivals] = useState(0);
  useEffect(() => {
    const look = () => setSeen(!document.hidden);
    const revive = ({ persisted }: PageTransitionEvent) => (persisted ? setRevivals((count) => count + 1) : undefined);
    document.addEventListener('visibilitychange', look);
    window.addEventListener('pageshow', revive);
    return () => {
      document.removeEventListener('visibilitychange', look);
      window.removeEventListener('pageshow', revive);
    };
  }, []);
  return seen ? revivals : null;
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
