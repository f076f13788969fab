import { once } from 'node:events';
import { createServer } from 'node:net';

/** The address of a PostgreSQL that is not there: its port was free a moment ago, so nobody answers on it. */
export async function unreachableUrl(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error(`a TCP server has the address ${address}`);
  server.close();
  await once(server, 'close');
  return `postgres://nobody@127.0.0.1:${address.port}/nothing`;
}
