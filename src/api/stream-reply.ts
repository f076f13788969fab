import type { Server } from 'node:http';
import type { FastifyReply } from 'fastify';
import { securityHeaders } from './pages.ts';
import type { EventStream } from './route.ts';

/** Proxies and terminals take silence for death; a comment every 15 seconds says otherwise. */
const heartbeatMs = 15_000;

/** A reader that is so far behind is cut off; it comes back with its cursor and loses nothing. */
const unreadBytesMax = 1_048_576;

const openStreams = new WeakMap<Server, Set<() => void>>();

/** Server-Sent Events (WHATWG HTML, section 9.2) on a raw response, which leaves the framework's hands. */
export function writeStream(reply: FastifyReply, stream: EventStream): FastifyReply {
  reply.hijack();
  const response = reply.raw;
  // Whoever went away while we looked up who he is has closed already, and would never be heard to close.
  if (response.destroyed) return reply;
  response.writeHead(200, {
    ...securityHeaders,
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  response.write(':\n\n');
  const heartbeat = setInterval(() => response.write(':\n\n'), heartbeatMs);
  const stop = stream(({ id, event, data }) => {
    if (response.writableLength > unreadBytesMax) response.destroy();
    else
      response.write(
        `${id === undefined ? '' : `id: ${id}\n`}${event === undefined ? '' : `event: ${event}\n`}data: ${data}\n\n`,
      );
  });
  const streams = openStreams.get(reply.server.server) ?? new Set();
  openStreams.set(reply.server.server, streams);
  const end = (): void => void response.end();
  streams.add(end);
  response.on('close', () => {
    clearInterval(heartbeat);
    streams.delete(end);
    stop();
  });
  return reply;
}

/** Ends every stream of a server that stops. */
export function closeStreams(server: Server): void {
  for (const end of openStreams.get(server) ?? []) end();
}
