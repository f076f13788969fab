import type { StaffOrderLineMessage } from '../../staff/staff.message.ts';

/**
 * The list after its newest page was read again: as the page tells it where it reaches, as it was known below. Orders that are in its reach and that it does not name
 * do not fit what is looked for any more. Order numbers of a station sort by time.
 */
export function mergeLines(
  known: readonly StaffOrderLineMessage[],
  fresh: readonly StaffOrderLineMessage[],
  reachesTheEnd: boolean,
): readonly StaffOrderLineMessage[] {
  const oldest = fresh.at(-1)?.orderId;
  if (reachesTheEnd || oldest === undefined) return fresh;
  return [...fresh, ...known.filter(({ orderId }) => orderId < oldest)];
}
