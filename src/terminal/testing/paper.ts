import type { DeviceResult, PermitDevice } from '../../device/device.ts';
import type { PermitSlip } from '../../device/receipt.message.ts';

type Said = Pick<DeviceResult, 'state' | 'reason'>;

/** A device whose answers a test writes: each slip is answered by the next of `answers`, then by `printed`. */
export type Paper = PermitDevice & {
  /** Permit ids in the order in which they were submitted. */
  readonly submitted: string[];
  readonly answers: (Said | ((slip: PermitSlip) => Said | Promise<Said>))[];
};

export function createPaper(clock: () => number): Paper {
  const paper: Paper = {
    id: 'printer-1',
    ack: 'print-complete',
    submitted: [],
    answers: [],
    async submit(slip) {
      paper.submitted.push(slip.permitId);
      const answer = paper.answers.shift() ?? { state: 'printed', reason: null };
      const said = typeof answer === 'function' ? await answer(slip) : answer;
      return { ...said, deviceRef: `job-${paper.submitted.length}`, at: clock() };
    },
    status: async () => ({ ready: true, reason: null }),
    close: async () => undefined,
  };
  return paper;
}
