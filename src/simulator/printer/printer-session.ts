import { automaticStatus, type Behaviour, isOffline, midJobBytes, realTimeStatus } from './behaviour.ts';
import { commandBytesMax, type EscPosCommand, readEscPos } from './escpos-reader.ts';
import type { PaperRoll, PrintedRow } from './paper.ts';

/** What one connection does to the printer, and what the printer does to it. */
export type SessionSurroundings = {
  readonly paper: PaperRoll;
  readonly printTimeMs: number;
  readonly behaviour: () => Behaviour;
  /** Paper has run out: the behaviour is `paper-out` from now on, for every connection to come. */
  readonly runOut: () => void;
  readonly answer: (bytes: readonly number[]) => void;
  /** Breaks the connection without a word. */
  readonly hangUp: () => void;
  readonly emit: (rows: readonly PrintedRow[], cut: boolean) => void;
};

export type PrinterSession = {
  receive(chunk: Uint8Array): void;
  /** Tells the host of a change, where it asked to be told. */
  pushStatus(): void;
  end(): void;
};

const maker = '_EPSON\0';
const model = '_TM-T88VI\0';

/** The printer's side of one connection: reads commands as they arrive, prints, and answers byte for byte (devices.md 3.2, 3.3). */
export function createSession(around: SessionSurroundings): PrinterSession {
  const { paper, behaviour } = around;
  const timers = new Set<NodeJS.Timeout>();
  let unread: Uint8Array = new Uint8Array();
  let readBytes = 0;
  let automatic = false;

  function receive(chunk: Uint8Array): void {
    unread = Buffer.concat([unread, chunk]);
    while (unread.length > 0) {
      const read = readEscPos(unread);
      if (read === 'incomplete') break;
      unread = unread.subarray(read.length);
      readBytes += read.length;
      obey(read.command);
    }
    if (unread.length > 2 * commandBytesMax) around.hangUp();
  }

  function obey(command: EscPosCommand): void {
    if (behaviour() === 'paper-out-mid' && readBytes > midJobBytes) runOut();
    if (command.kind === 'command') {
      if (command.name === 'DLE EOT') return say([realTimeStatus(behaviour(), command.parameters[0] ?? 0)]);
      if (command.name === 'ESC @') automatic = false;
      if (command.name === 'GS a') return setAutomatic((command.parameters[0] ?? 0) !== 0);
      if (isOffline(behaviour())) return;
      if (command.name === 'GS I') return say(Buffer.from(command.parameters[0] === 0x42 ? maker : model, 'latin1'));
      if (command.name === 'GS r') return confirm([0x00]);
      if (command.name === 'GS ( H') return confirmPrinted(command.parameters);
    }
    if (!isOffline(behaviour())) print(command);
  }

  function runOut(): void {
    if (paper.begun) around.emit(paper.tear(), false);
    around.runOut();
  }

  function print(command: EscPosCommand): void {
    const slip = paper.print(command);
    if (slip === null) return;
    around.emit(slip, true);
    if (behaviour() === 'hang-up') around.hangUp();
  }

  function say(bytes: Iterable<number>): void {
    if (behaviour() !== 'dumb') around.answer([...bytes]);
  }

  function confirm(bytes: readonly number[]): void {
    if (behaviour() !== 'drop-ack') say(bytes);
  }

  /** `GS ( H` function 48: the answer comes when all before it is on paper. */
  function confirmPrinted(parameters: Uint8Array): void {
    if (behaviour() === 'gsr-only' || parameters[0] !== 0x30) return;
    const answer = [0x37, 0x22, ...parameters.subarray(2, 6), 0x00];
    const timer = setTimeout(() => {
      timers.delete(timer);
      if (!isOffline(behaviour())) confirm(answer);
    }, around.printTimeMs);
    timers.add(timer);
  }

  function setAutomatic(on: boolean): void {
    automatic = on;
    pushStatus();
  }

  function pushStatus(): void {
    if (automatic) say(automaticStatus(behaviour()));
  }

  function end(): void {
    for (const timer of timers) clearTimeout(timer);
    // Half a command that nobody will finish must not begin the next job.
    unread = new Uint8Array();
  }

  return { receive, pushStatus, end };
}
