import { useEffect, useRef } from 'preact/hooks';
import type { OrderMessage } from '../../order/order.message.ts';

export const rereadMs = 15_000;

/** So often an order is read anew for its methods: every 15 s of the time that it has from the cloud to be paid. */
export const rereadsMax = ({ placedAt, expiresAt }: Pick<OrderMessage, 'placedAt' | 'expiresAt'>): number =>
  Math.ceil((Date.parse(expiresAt) - Date.parse(placedAt)) / rereadMs);

/** Reads the order anew as long as it is `wanted` and the page is seen: which methods are offered changes without a change of the order, so its stream does not tell. */
export function useRereading(order: OrderMessage | null, wanted: boolean, reread: () => void): void {
  const reads = useRef(0);
  const latest = useRef(reread);
  latest.current = reread;
  useEffect(() => {
    if (!wanted || order === null) return undefined;
    const timer = setInterval(() => {
      if (document.hidden) return;
      reads.current += 1;
      if (reads.current > rereadsMax(order)) clearInterval(timer);
      else latest.current();
    }, rereadMs);
    return () => clearInterval(timer);
  }, [wanted]);
}
