import { type Clock, systemClock } from '../../base/clock.ts';
import { crockfordAlphabet } from '../../base/crockford.ts';
import { type Random, systemRandom } from '../../base/random.ts';
import type { DeviceResult, DeviceStatus, PermitDevice } from '../device.ts';
import type { PermitSlip } from '../receipt.message.ts';
import { climb, fallSilent, type Ladder, ladderStart, type PrintOutcome } from './acknowledgement-ladder.ts';
import { composeReceipt, type PaperColumns, type PrinterCharset } from './compose-receipt.ts';
import {
  automaticStatusOn,
  processIdLength,
  requestAllStatus,
  requestPaperStatus,
  requestProcessId,
} from './escpos.ts';
import { connectPrinter, type PrinterConnection } from './printer-connection.ts';

export type TcpPrinterOptions = {
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly columns: PaperColumns;
  /** `gb18030` for printers with a Chinese font, `multilingual` for western code pages (then the slip is in English). */
  readonly encoding?: PrinterCharset;
  /** How long the printer may be silent after the questions, and again after the job. */
  readonly answerTimeoutMs?: number;
  /** How much longer "printed" is waited for once the printer said "processed". */
  readonly printedTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
  readonly closeTimeoutMs?: number;
  readonly clock?: Clock;
  readonly random?: Random;
};

/** Slips waiting for one printer beyond this are refused (`queue-full`): the terminal keeps its own journal. */
export const queuedJobsMax = 64;
const answerBytesMax = 65_536;

/**
 * A receipt printer on a raw ESC/POS port (TCP 9100). One owner, one short connection a job, one job at a time in order.
 * Results: `printed`; `processed`; `unconfirmed` (`no-answer`, `disconnect`); `failed` with `cover-open`, `paper-empty`, `error`,
 * `offline` (each also `-mid`: begun but not finished), `no-status`, `disconnect`, and before any contact `slip-unprintable`,
 * `queue-full`, `closed`. Nothing is ever sent twice.
 */
export function createTcpPrinter(options: TcpPrinterOptions): PermitDevice {
  const { id, host, port, columns, encoding = 'gb18030', clock = systemClock, random = systemRandom } = options;
  const { answerTimeoutMs = 3_000, printedTimeoutMs = 400, connectTimeoutMs = 3_000, closeTimeoutMs = 1_000 } = options;
  const limits = { connectTimeoutMs, closeTimeoutMs, answerBytesMax };
  const timeouts = { answerTimeoutMs, printedTimeoutMs };
  let queue: Promise<void> = Promise.resolve();
  let queuedJobs = 0;
  let closed = false;
  let lastProcessId = '';

  /** Runs `job` with a connection once all before it have closed theirs, or with null where the printer cannot be reached. */
  async function enqueue<Answer>(job: (connection: PrinterConnection | null) => Promise<Answer>): Promise<Answer> {
    const before = queue;
    const { promise, resolve } = Promise.withResolvers<void>();
    queue = promise;
    queuedJobs += 1;
    await before;
    const connection = await connectPrinter({ host, port }, limits);
    const answer = await job(connection);
    // The answer does not wait for the printer to close its side, the next job does.
    void (connection?.close() ?? Promise.resolve()).finally(() => {
      queuedJobs -= 1;
      resolve();
    });
    return answer;
  }

  function makeProcessId(): string {
    const processId = Array.from(random(processIdLength), (byte) => crockfordAlphabet.charAt(byte & 31)).join('');
    // A printer that was not listened to repeats its latest answer: two jobs in a row never bear one name.
    if (processId === lastProcessId) return makeProcessId();
    lastProcessId = processId;
    return processId;
  }

  async function submit(slip: PermitSlip, { copy = 0 }: { readonly copy?: number } = {}): Promise<DeviceResult> {
    const processId = makeProcessId();
    const result = (outcome: PrintOutcome | LocalRefusal): DeviceResult => ({
      ...outcome,
      deviceRef: processId,
      at: clock(),
    });
    if (closed) return result(refusals.closed);
    if (queuedJobs >= queuedJobsMax) return result(refusals.queueFull);
    const receipt = tryCompose(slip, { columns, copy, charset: encoding });
    if (receipt === null) return result(refusals.slipUnprintable);
    const job = Buffer.from([...automaticStatusOn, ...receipt, ...requestProcessId(processId), ...requestPaperStatus]);
    return result(await enqueue((connection) => printJob(connection, { job, processId, ...timeouts })));
  }

  async function status(): Promise<DeviceStatus> {
    if (closed) return { ready: false, reason: 'closed' };
    if (queuedJobs >= queuedJobsMax) return { ready: false, reason: 'queue-full' };
    return enqueue((connection) => askStatus(connection, answerTimeoutMs));
  }

  async function close(): Promise<void> {
    closed = true;
    await queue;
  }

  return { id, ack: 'print-complete', submit, status, close };
}

type LocalRefusal = { readonly state: 'failed'; readonly reason: 'closed' | 'queue-full' | 'slip-unprintable' };

const refusals = {
  closed: { state: 'failed', reason: 'closed' },
  queueFull: { state: 'failed', reason: 'queue-full' },
  slipUnprintable: { state: 'failed', reason: 'slip-unprintable' },
} as const satisfies Record<string, LocalRefusal>;

/** Null where the slip cannot be a receipt at all (a token that is no QR, a time that is none): a device never throws. */
function tryCompose(slip: PermitSlip, options: Parameters<typeof composeReceipt>[1]): Uint8Array | null {
  try {
    return composeReceipt(slip, options);
  } catch {
    return null;
  }
}

type PrintJob = {
  readonly job: Uint8Array;
  readonly processId: string;
  readonly answerTimeoutMs: number;
  readonly printedTimeoutMs: number;
};

/** Climbs the ladder on one connection: asks, sends the job in one write if the answers are good, listens. */
async function printJob(connection: PrinterConnection | null, print: PrintJob): Promise<PrintOutcome> {
  if (connection === null) return fallSilent(ladderStart, 'disconnect');
  let ladder: Ladder = ladderStart;
  let deadlineMs = performance.now() + print.answerTimeoutMs;
  connection.send(Buffer.from(requestAllStatus));
  while (ladder.rung !== 'done') {
    const heard = await connection.next(Math.max(0, deadlineMs - performance.now()));
    if (heard === 'timeout' || heard === 'disconnect') return fallSilent(ladder, heard);
    const before: Ladder = ladder;
    ladder = climb(ladder, heard.answers, print.processId);
    if (ladder.rung !== 'printing') continue;
    if (before.rung === 'checking') {
      connection.send(print.job);
      deadlineMs = performance.now() + print.answerTimeoutMs;
    } else if (ladder.processed && before.rung === 'printing' && !before.processed) {
      deadlineMs = performance.now() + print.printedTimeoutMs;
    }
  }
  return ladder.outcome;
}

/** Asks the four questions and nothing else. */
async function askStatus(connection: PrinterConnection | null, answerTimeoutMs: number): Promise<DeviceStatus> {
  if (connection === null) return { ready: false, reason: 'disconnect' };
  let ladder: Ladder = ladderStart;
  const deadlineMs = performance.now() + answerTimeoutMs;
  connection.send(Buffer.from(requestAllStatus));
  while (ladder.rung === 'checking') {
    const heard = await connection.next(Math.max(0, deadlineMs - performance.now()));
    if (heard === 'timeout' || heard === 'disconnect')
      return { ready: false, reason: fallSilent(ladder, heard).reason };
    ladder = climb(ladder, heard.answers, '');
  }
  return ladder.rung === 'printing' ? { ready: true, reason: null } : { ready: false, reason: ladder.outcome.reason };
}
