import { z } from 'zod';

export const apiOperations = ['create', 'query', 'close', 'refund', 'queryRefund', 'bill', 'billDownload'] as const;
export type ApiOperation = (typeof apiOperations)[number];

/** What can go wrong with a call to the service. `commit_then_…` does the work first, so that only the answer is lost. */
export const apiFaultKinds = [
  'hang',
  'commit_then_hang',
  'reset',
  'commit_then_reset',
  'rate_limited',
  'server_error',
  'commit_then_server_error',
  'html_502',
  'commit_then_html_502',
  'accepted_202',
  'unsigned',
  'wrong_signature',
  'unknown_serial',
  'clock_skew',
  'oversize',
  'delay',
] as const;

/** What can go wrong with one delivery of a notification. A dropped one counts as failed and is tried again on the schedule. */
export const notifyFaultKinds = [
  'drop',
  'delay',
  'duplicate',
  'reorder',
  'unsigned',
  'wrong_signature',
  'unknown_serial',
  'clock_skew',
  'tampered',
  'probe',
] as const;

export type ApiFaultKind = (typeof apiFaultKinds)[number];
export type NotifyFaultKind = (typeof notifyFaultKinds)[number];

export const faultTimesMax = 10_000;
export const faultsMax = 100;

const times = z.int().min(1).max(faultTimesMax).default(1);
/** Delay in simulated milliseconds, or by how much the signature's clock is wrong. */
const ms = z.int().min(-86_400_000).max(86_400_000).default(0);

export const faultMessage = z.union([
  z.object({ operation: z.enum(apiOperations), kind: z.enum(apiFaultKinds), times, ms }),
  z.object({ operation: z.literal('notify'), kind: z.enum(notifyFaultKinds), times, ms }),
]);

/** One kind of trouble for the next `times` calls of one operation. */
export type Fault = z.infer<typeof faultMessage>;
export type FaultWish = z.input<typeof faultMessage>;

type ApiFault = { readonly kind: ApiFaultKind; readonly ms: number };
type NotifyFault = { readonly kind: NotifyFaultKind; readonly ms: number };

export type Faults = {
  add(wish: FaultWish): void;
  list(): readonly Fault[];
  clear(): void;
  takeForCall(operation: ApiOperation): ApiFault | null;
  takeForNotification(): NotifyFault | null;
};

/** The troubles ordered, first come first served within an operation. */
export function createFaults(): Faults {
  let waiting: Fault[] = [];
  const takeOne = (fault: Fault): void => {
    waiting = waiting.flatMap((one) =>
      one !== fault ? [one] : one.times > 1 ? [{ ...one, times: one.times - 1 }] : [],
    );
  };
  return {
    add(wish) {
      if (waiting.length >= faultsMax) throw new Error(`${faultsMax} faults are already waiting`);
      waiting.push(faultMessage.parse(wish));
    },
    list: () => waiting,
    clear() {
      waiting = [];
    },
    takeForCall(operation) {
      for (const fault of waiting) {
        if (fault.operation === 'notify' || fault.operation !== operation) continue;
        takeOne(fault);
        return fault;
      }
      return null;
    },
    takeForNotification() {
      for (const fault of waiting) {
        if (fault.operation !== 'notify') continue;
        takeOne(fault);
        return fault;
      }
      return null;
    },
  };
}
