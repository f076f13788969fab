import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Fields, HttpReply, NotificationResult, PaymentProvider } from '../../../payment/provider/provider.ts';
import { readText } from '../http-body.ts';
import type { ManualTimeline } from '../timeline.ts';

export type Arrived = {
  readonly atMs: number;
  readonly result: NotificationResult;
  readonly body: string;
  readonly headers: Fields;
};

export type Inbox = {
  readonly notifyUrl: string;
  /** What came in, as the client read it. */
  readonly received: Arrived[];
  close(): Promise<void>;
};

/** For tests: an address for notifications, answered in the client's own words as `answer` changes them. */
export async function openInbox(
  provider: PaymentProvider,
  timeline: ManualTimeline,
  answer: (reply: HttpReply) => HttpReply,
): Promise<Inbox> {
  const received: Arrived[] = [];
  const server = createServer((request, response) => void receive(request, response));
  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await readText(request)) ?? '';
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(request.headers)) headers[name] = String(value);
    const result = provider.parseNotification({ rawBody: Buffer.from(body), headers, receivedAt: timeline.now() });
    received.push({ atMs: timeline.now(), result, body, headers });
    const reply = answer(provider.reply(result.kind === 'rejected' ? 'rejected' : 'accepted'));
    response.writeHead(reply.status, reply.headers).end(reply.body);
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the inbox has no address');
  return {
    notifyUrl: `http://127.0.0.1:${address.port}/notify`,
    received,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
