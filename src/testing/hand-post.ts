import { once } from 'node:events';
import { connect } from 'node:net';
import type { SentNotification } from './journey.ts';

/** A post written by hand onto a socket of its own, so that a test says which of its bytes are there, and when. */
export type HandPost = {
  /** Resolves when the text has left. */
  write(text: string): Promise<void>;
  /** Resolves when the server has read the head and waits for the body; needs `expect: 100-continue`. */
  isAwaited(): Promise<void>;
  /** The status of the answer, when it comes. */
  status(): Promise<number>;
  /** Neither answered nor hung up on. */
  isOpen(): boolean;
  close(): void;
};

const answerMsMax = 10_000;
const goOn = /^HTTP\/1\.1 100 [^]*?\r\n\r\n/;
const answer = /^HTTP\/1\.1 ([2-5]\d\d) /;

/** Sends the head of a notification with these further headers, and no body. */
export async function openPost(
  { url, headers }: Pick<SentNotification, 'url' | 'headers'>,
  further: Readonly<Record<string, string>>,
): Promise<HandPost> {
  const { hostname, host, port, pathname } = new URL(url);
  const socket = connect(Number(port), hostname);
  let heard = '';
  socket.setEncoding('utf8').on('data', (text: string) => (heard += text));
  // A server that has refused may hang up before it has read everything.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const write = (text: string) => new Promise<void>((resolve) => socket.write(text, () => resolve()));
  const hear = async (pattern: RegExp): Promise<string | undefined> => {
    const signal = AbortSignal.timeout(answerMsMax);
    while (!pattern.test(heard)) await once(socket, 'data', { signal });
    return pattern.exec(heard)?.[1];
  };
  const lines = Object.entries({ ...headers, ...further, host }).map(([name, value]) => `${name}: ${value}\r\n`);
  await write(`POST ${pathname} HTTP/1.1\r\n${lines.join('')}\r\n`);
  return {
    write,
    async isAwaited() {
      await hear(goOn);
      heard = heard.replace(goOn, '');
    },
    status: async () => Number(await hear(answer)),
    isOpen: () => heard === '' && socket.readyState === 'open',
    close: () => socket.destroy(),
  };
}

/** One chunk of a body whose length is not said; an empty one is the last. */
export const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
