import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One of the chain's own systems, as small as it can be: keeps what it is sent, and answers as a test says. */
export type Receiver = {
  readonly port: number;
  readonly url: string;
  /** What came so far, oldest first. */
  readonly received: Received[];
  /** How the next ones are answered; 204 at first. */
  answer: (response: ServerResponse, received: Received) => void;
  close(): Promise<void>;
};

export type Received = {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

const accept = (response: ServerResponse): void => void response.writeHead(204).end();

/** Answers with a status and nothing else. */
export const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): Receiver['answer'] =>
  (response) =>
    void response.writeHead(code, headers).end();

/** Never answers. */
export const silence: Receiver['answer'] = () => undefined;

export async function startReceiver(
  options: { readonly serve?: (listener: RequestListener) => Server; readonly scheme?: string } = {},
): Promise<Receiver> {
  const { serve = createServer, scheme = 'http' } = options;
  const received: Received[] = [];
  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const one = await readRequest(request);
    received.push(one);
    receiver.answer(response, one);
  }
  const server = serve((request, response) => void take(request, response));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  // A server that listens on TCP has an address of this kind.
  const { port } = server.address() as AddressInfo;
  const receiver: Receiver = {
    port,
    url: `${scheme}://127.0.0.1:${port}/events`,
    received,
    answer: accept,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
  return receiver;
}

async function readRequest(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  return { path: request.url ?? '', headers, body: Buffer.concat(chunks).toString() };
}
