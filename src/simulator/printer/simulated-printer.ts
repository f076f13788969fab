import { createServer, type Server, type Socket } from 'node:net';
import { type Clock, systemClock } from '../../base/clock.ts';
import type { Behaviour } from './behaviour.ts';
import { createPaperRoll, type PrintedImage, type PrintedRow } from './paper.ts';
import { startPrinterPage } from './printer-page.ts';
import { createSession, type PrinterSession } from './printer-session.ts';
import { imagePng, slipSvg, slipText } from './slip-picture.ts';

export type SimulatedPrinterOptions = {
  readonly host?: string;
  /** 0 lets the system choose. */
  readonly port?: number;
  readonly pagePort?: number;
  readonly columns?: number;
  readonly behaviour?: Behaviour;
  /** From the last byte of a slip until the printer calls it printed. */
  readonly printTimeMs?: number;
  readonly clock?: Clock;
};

export type PrintedPicture = { readonly widthDots: number; readonly heightDots: number; readonly png: Uint8Array };

/** One piece of paper. `cuts` is 1, or 0 where it was torn off because the paper ended. */
export type PrintedSlip = {
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly columns: number;
  readonly cuts: 0 | 1;
  readonly text: string;
  readonly svg: string;
  readonly pictures: readonly PrintedPicture[];
};

export type SimulatedPrinter = {
  readonly host: string;
  readonly port: number;
  readonly pageUrl: string;
  readonly behaviour: () => Behaviour;
  setBehaviour(behaviour: Behaviour): Promise<void>;
  /** Oldest first, at most `slipsMax`. */
  slips(): readonly PrintedSlip[];
  /** The next slip that comes out after this call. */
  nextSlip(): Promise<PrintedSlip>;
  /** Calls `listener` for each slip and each change of behaviour; gives the function that ends it. */
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
};

/** Older slips are thrown away. */
export const slipsMax = 200;

/**
 * A receipt printer on TCP that answers byte for byte, one connection at a time as the real ones, with a web page that shows what it
 * printed and lets a person pull out the paper.
 */
export async function startSimulatedPrinter(options: SimulatedPrinterOptions = {}): Promise<SimulatedPrinter> {
  const {
    host = '127.0.0.1',
    port: wantedPort = 0,
    pagePort = 0,
    columns = 48,
    printTimeMs = 50,
    clock = systemClock,
  } = options;
  const paper = createPaperRoll(columns);
  const listeners = new Set<(slip: PrintedSlip | null) => void>();
  const slips: PrintedSlip[] = [];
  let behaviour: Behaviour = 'ok';
  let slipCount = 0;
  let current: { readonly socket: Socket; readonly session: PrinterSession } | null = null;

  const server = createServer({ noDelay: true }, accept);
  server.maxConnections = 1;
  const port = await listen(server, { host, port: wantedPort });

  function accept(socket: Socket): void {
    const session = createSession({
      paper,
      printTimeMs,
      behaviour: () => behaviour,
      runOut: () => change('paper-out'),
      answer: (bytes) => void (socket.writable && socket.write(Buffer.from(bytes))),
      hangUp: () => socket.destroy(),
      emit,
    });
    current = { socket, session };
    socket.on('data', (chunk: Uint8Array) => session.receive(chunk));
    // A host that resets the connection has its reasons; 'close' follows.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      session.end();
      if (current?.socket === socket) current = null;
    });
  }

  function emit(rows: readonly PrintedRow[], cut: boolean): void {
    slipCount += 1;
    const slip = describeSlip({ rows, columns, number: slipCount, at: clock(), cuts: cut ? 1 : 0 });
    slips.push(slip);
    if (slips.length > slipsMax) slips.shift();
    for (const listener of listeners) listener(slip);
  }

  function change(next: Behaviour): void {
    behaviour = next;
    current?.session.pushStatus();
    for (const listener of listeners) listener(null);
  }

  async function setBehaviour(next: Behaviour): Promise<void> {
    change(next);
    if (next === 'port-closed') await stop(server, current?.socket);
    else if (!server.listening) await listen(server, { host, port });
  }

  function onChange(listener: () => void): () => void {
    const heard = () => listener();
    listeners.add(heard);
    return () => void listeners.delete(heard);
  }

  function nextSlip(): Promise<PrintedSlip> {
    const { promise, resolve } = Promise.withResolvers<PrintedSlip>();
    const heard = (slip: PrintedSlip | null) => {
      if (slip === null) return;
      listeners.delete(heard);
      resolve(slip);
    };
    listeners.add(heard);
    return promise;
  }

  const shown = { behaviour: () => behaviour, setBehaviour, slips: () => slips, onChange };
  const page = await startPrinterPage({ host, port: pagePort, printer: { ...shown, host, port } });
  if (options.behaviour !== undefined) await setBehaviour(options.behaviour);

  async function close(): Promise<void> {
    await page.close();
    await stop(server, current?.socket);
  }

  return { host, port, pageUrl: page.url, ...shown, nextSlip, close };
}

type SlipOnPaper = Pick<PrintedSlip, 'number' | 'at' | 'columns' | 'cuts'> & { readonly rows: readonly PrintedRow[] };

function describeSlip({ rows, ...slip }: SlipOnPaper): PrintedSlip {
  const images = rows.flatMap((row) => row.pieces).filter((piece): piece is PrintedImage => piece.kind === 'image');
  const pictures = images.map((image) => ({
    widthDots: image.widthDots,
    heightDots: image.heightDots,
    png: imagePng(image),
  }));
  return {
    ...slip,
    text: slipText({ columns: slip.columns, rows }),
    svg: slipSvg({ columns: slip.columns, rows }),
    pictures,
  };
}

/** Gives the port that was taken. */
function listen(server: Server, { host, port }: { readonly host: string; readonly port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      if (address === null || typeof address === 'string')
        reject(new Error(`the printer listens on ${String(address)}, which is no TCP port`));
      else resolve(address.port);
    });
  });
}

function stop(server: Server, socket: Socket | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) return resolve();
    server.close(() => resolve());
    socket?.destroy();
  });
}
