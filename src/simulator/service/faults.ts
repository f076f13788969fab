import { z } from 'zod';
import { oneOf } from './one-of.ts';

/**
 * What can go wrong with a call to any service. `commit_then_…` does the work first, so that only the answer is lost; `unsigned`, `wrong_signature`
 * and `clock_skew` are for the service itself to apply, since only it knows how it signs.
 */
export const commonCallFaultKinds = [
  'hang',
  'commit_then_hang',
  'reset',
  'commit_then_reset',
  'rate_limited',
  'server_error',
  'commit_then_server_error',
  'html_502',
  'commit_then_html_502',
  'unsigned',
  'wrong_signature',
  'clock_skew',
  'oversize',
  'delay',
] as const;

/**
 * What can go wrong with one delivery of a notification. A dropped one counts as failed and is tried again on the schedule. From `unsigned` on they
 * are for the service itself to apply.
 */
export const commonNoticeFaultKinds = [
  'drop',
  'delay',
  'duplicate',
  'reorder',
  'unsigned',
  'wrong_signature',
  'clock_skew',
  'tampered',
] as const;

export const faultTimesMax = 10_000;
export const faultsMax = 100;
const faultMsMax = 86_400_000;

/** The words in which one service's faults are ordered: its operations, and its kinds (the common ones with its own). */
export type FaultWords = {
  readonly operations: readonly string[];
  readonly callKinds: readonly string[];
  readonly noticeKinds: readonly string[];
};

type CallKind<Words extends FaultWords> = Words['callKinds'][number];
type NoticeKind<Words extends FaultWords> = Words['noticeKinds'][number];

/** One kind of trouble for the next `times` calls of one operation. `ms`: the delay in simulated time, or by how much a clock is wrong. */
export type Fault<Words extends FaultWords> = { readonly times: number; readonly ms: number } & (
  | { readonly operation: Words['operations'][number]; readonly kind: CallKind<Words> }
  | { readonly operation: 'notify'; readonly kind: NoticeKind<Words> }
);

/** As it is ordered: once and without delay unless said. */
export type FaultWish<Words extends FaultWords> = { readonly times?: number; readonly ms?: number } & (
  | { readonly operation: Words['operations'][number]; readonly kind: CallKind<Words> }
  | { readonly operation: 'notify'; readonly kind: NoticeKind<Words> }
);

export type CallFault<Words extends FaultWords> = { readonly kind: CallKind<Words>; readonly ms: number };
export type NoticeFault<Words extends FaultWords> = { readonly kind: NoticeKind<Words>; readonly ms: number };

export type Faults<Words extends FaultWords> = {
  readonly words: Words;
  /** Throws a `ZodError` for a wish in other words, and an `Error` where `faultsMax` are waiting. */
  add(wish: unknown): void;
  list(): readonly Fault<Words>[];
  clear(): void;
  takeForCall(operation: Words['operations'][number]): CallFault<Words> | null;
  takeForNotification(): NoticeFault<Words> | null;
};

/** The troubles ordered, first come first served within an operation. */
export function createFaults<const Words extends FaultWords>(words: Words): Faults<Words> {
  const times = z.int().min(1).max(faultTimesMax).default(1);
  const ms = z.int().min(-faultMsMax).max(faultMsMax).default(0);
  const callFault = z.object({ operation: oneOf(words.operations), kind: oneOf(words.callKinds), times, ms });
  const noticeFault = z.object({ operation: z.literal('notify'), kind: oneOf(words.noticeKinds), times, ms });
  let calls: z.infer<typeof callFault>[] = [];
  let notices: z.infer<typeof noticeFault>[] = [];
  return {
    words,
    add(wish) {
      if (calls.length + notices.length >= faultsMax) throw new Error(`${faultsMax} faults are already waiting`);
      if (isForNotification(wish)) notices.push(noticeFault.parse(wish));
      else calls.push(callFault.parse(wish));
    },
    list: () => [...calls, ...notices],
    clear() {
      calls = [];
      notices = [];
    },
    takeForCall(operation) {
      const fault = calls.find((one) => one.operation === operation);
      if (fault === undefined) return null;
      calls = withoutOne(calls, fault);
      return fault;
    },
    takeForNotification() {
      const [fault] = notices;
      if (fault === undefined) return null;
      notices = withoutOne(notices, fault);
      return fault;
    },
  };
}

const isForNotification = (wish: unknown): boolean =>
  typeof wish === 'object' && wish !== null && 'operation' in wish && wish.operation === 'notify';

/** The list with one less of `fault`, which is gone after its last time. */
const withoutOne = <One extends { readonly times: number }>(faults: readonly One[], fault: One): One[] =>
  faults.flatMap((one) => (one !== fault ? [one] : one.times > 1 ? [{ ...one, times: one.times - 1 }] : []));
