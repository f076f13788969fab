import { connect, type Socket } from 'node:net';
import { type PrinterAnswer, readAnswers } from './printer-answers.ts';

export type PrinterAddress = { readonly host: string; readonly port: number };

export type ConnectionLimits = {
  readonly connectTimeoutMs: number;
  /** How long a printer may take to close its side after ours, before the connection is cut. */
  readonly closeTimeoutMs: number;
  /** A printer that sends more than this in one connection is heard no longer: it floods. */
  readonly answerBytesMax: number;
};

export type PrinterConnection = {
  /** What arrived since the last call: answers of at least one packet, or null at the end of the time or of the connection. */
  next(timeoutMs: number): Promise<{ readonly answers: readonly PrinterAnswer[] } | 'timeout' | 'disconnect'>;
  send(bytes: Uint8Array): void;
  /** Closes with FIN and waits until the printer has closed too: many printers take only one connection and count unclean ends. */
  close(): Promise<void>;
};

/** One connection to a raw ESC/POS port, or null where none was made in time. */
export async function connectPrinter(
  address: PrinterAddress,
  limits: ConnectionLimits,
): Promise<PrinterConnection | null> {
  const socket = await openSocket(address, limits.connectTimeoutMs);
  return socket === null ? null : createConnection(socket, limits);
}

function openSocket(address: PrinterAddress, timeoutMs: number): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: address.host, port: address.port, noDelay: true });
    const timer = setTimeout(giveUp, timeoutMs);
    socket.once('error', giveUp);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', giveUp);
      resolve(socket);
    });
    function giveUp(): void {
      clearTimeout(timer);
      // An error may follow the giving up; it has nobody left to tell.
      socket.on('error', () => undefined);
      socket.destroy();
      resolve(null);
    }
  });
}

function createConnection(socket: Socket, limits: ConnectionLimits): PrinterConnection {
  let rest: Uint8Array = new Uint8Array();
  let arrived: PrinterAnswer[] = [];
  let byteCount = 0;
  let ended = false;
  let wake: () => void = () => undefined;

  const end = (): void => {
    ended = true;
    wake();
  };
  // After an error comes 'close', which ends the connection here.
  socket.on('error', () => undefined);
  socket.on('end', end);
  socket.on('close', end);
  socket.on('data', (chunk: Uint8Array) => {
    byteCount += chunk.length;
    if (byteCount > limits.answerBytesMax) return;
    const read = readAnswers(Buffer.concat([rest, chunk]));
    rest = read.rest;
    arrived.push(...read.answers);
    if (arrived.length > 0) wake();
  });

  return {
    async next(timeoutMs) {
      if (arrived.length === 0 && !ended) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        const timer = setTimeout(resolve, timeoutMs);
        await promise;
        clearTimeout(timer);
      }
      if (arrived.length === 0) return ended ? 'disconnect' : 'timeout';
      const answers = arrived;
      arrived = [];
      return { answers };
    },
    send(bytes) {
      socket.write(bytes);
    },
    async close() {
      if (socket.closed) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      socket.once('close', () => resolve());
      const timer = setTimeout(() => socket.destroy(), limits.closeTimeoutMs);
      socket.end();
      await promise;
      clearTimeout(timer);
    },
  };
}
