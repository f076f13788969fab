import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { afterEach, describe, it } from 'node:test';
import type { OrderMessage } from '../../order/order.message.ts';
import { connectCloud } from './cloud.ts';
import { followOrder, type Link } from './follow-order.ts';
import { callOrder } from './order-calls.ts';
import { sampleOrder, samplePermit } from './testing/samples.ts';

type Life = {
  order: OrderMessage;
  readonly streams: (response: ServerResponse) => void;
  readonly reads?: (response: ServerResponse) => boolean;
};

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

/** A cloud on loopback that knows one order. `streams` answers the events, `reads` may answer a reading in the order's place. */
async function serve(life: Life): Promise<string> {
  const server = createServer((request, response) => {
    assert.equal(request.headers.authorization, 'Bearer secret');
    if (request.url?.endsWith('/events') === true) return life.streams(response);
    if (life.reads?.(response) === true) return undefined;
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(life.order));
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return `http://127.0.0.1:${address.port}`;
}

const orderKey = { orderId: sampleOrder.orderId, accessToken: 'secret' };
const used: OrderMessage = { ...sampleOrder, state: 'fulfilled', permit: { ...samplePermit, state: 'redeemed' } };
const paid: OrderMessage = { ...sampleOrder, state: 'paid', permit: samplePermit };
const eventOf = (order: OrderMessage) => `event: order\ndata: ${JSON.stringify(order)}\n\n`;
const openStream = (response: ServerResponse) =>
  response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': here\n\n');

/** Follows until the order is over; `onOrder` may act on what it sees. */
async function follow(origin: string, onOrder: (order: OrderMessage) => void = () => undefined) {
  const calls = callOrder(connectCloud(origin), orderKey);
  const seen: string[] = [];
  const links: Link[] = [];
  const waits: number[] = [];
  const problem = await followOrder({
    readOrder: calls.read,
    openEvents: calls.openEvents,
    wait: async (ms) => void waits.push(ms),
    onOrder(order) {
      seen.push(order.permit?.state ?? order.state);
      onOrder(order);
    },
    onLink: (link) => links.push(link),
    signal: new AbortController().signal,
  });
  return { problem, seen, links, waits };
}

void describe('following an order', () => {
  it('tells what the stream brings, piece by piece, until the permit is used', async () => {
    let stream: ServerResponse | undefined;
    const origin = await serve({
      order: sampleOrder,
      streams(response) {
        stream = response;
        openStream(response);
      },
    });
    const { seen, waits } = await follow(origin, (order) => {
      if (order.state === 'fulfilled') return;
      const text = eventOf(order.state === 'placed' ? paid : used);
      stream?.write(text.slice(0, 50));
      stream?.write(text.slice(50));
    });
    assert.deepEqual(seen, ['placed', 'issued', 'redeemed']);
    assert.deepEqual(waits, [], 'nothing was asked twice');
  });

  it('reads the order again when the stream breaks, so that nothing between is lost', async () => {
    const life: Life = {
      order: sampleOrder,
      streams: (response) => {
        openStream(response);
        life.order = life.order === sampleOrder ? paid : used;
        response.end();
      },
    };
    const { seen } = await follow(await serve(life));
    assert.deepEqual(seen, ['issued', 'redeemed']);
  });

  it('goes on by polling where no stream comes through', async () => {
    let reads = 0;
    let opened = 0;
    const life: Life = {
      order: sampleOrder,
      streams: (response) => {
        opened += 1;
        response.writeHead(404).end();
      },
      reads: () => {
        reads += 1;
        life.order = reads === 1 ? sampleOrder : reads < 4 ? paid : used;
        return false;
      },
    };
    const { seen, problem } = await follow(await serve(life));
    assert.deepEqual(seen, ['placed', 'issued', 'issued', 'redeemed']);
    assert.equal(problem, null);
    assert.ok(opened >= 1);
  });

  it('says that the link is lost and waits longer each time, until the cloud answers', async () => {
    let reads = 0;
    const life: Life = {
      order: used,
      streams: (response) => void response.writeHead(502).end('<html>'),
      reads: (response) => {
        reads += 1;
        if (reads < 4) response.writeHead(502).end('<html>bad gateway</html>');
        return reads < 4;
      },
    };
    const { seen, links, waits } = await follow(await serve(life));
    assert.deepEqual(links, ['lost', 'lost', 'lost', 'live']);
    assert.deepEqual(waits, [6_000, 12_000, 15_000]);
    assert.deepEqual(seen, ['redeemed']);
  });

  it('ends with the problem where the token is refused', async () => {
    const origin = await serve({
      order: sampleOrder,
      streams: (response) => void openStream(response),
      reads: (response) => {
        response.writeHead(401, { 'content-type': 'application/problem+json' });
        response.end(
          JSON.stringify({ code: 'unauthorized', status: 401, title: 'x', text: { 'zh-CN': '无权', en: 'no right' } }),
        );
        return true;
      },
    });
    const { problem, seen } = await follow(origin);
    assert.equal(problem?.code, 'unauthorized');
    assert.deepEqual(seen, []);
  });
});
