import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Till, writeWechatPayAccount } from './account-files.ts';

const program = fileURLToPath(new URL('../../bin/forecourt.js', import.meta.url));
const readyMsMax = 20_000;

/** A cloud as an operator runs it: a process of its own, which a test may kill and start again at the same address. */
export type CloudProcess = {
  readonly url: string;
  pid(): number | undefined;
  start(): Promise<void>;
  /** SIGKILL: no goodbye, nothing flushed. */
  kill(): Promise<void>;
  close(): Promise<void>;
};

export async function prepareCloudProcess(
  databaseUrl: string,
  wechatPay: Till,
  more: Readonly<Record<string, string>> = {},
): Promise<CloudProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'forecourt-cloud-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const environment = await writeConfiguration(folder, databaseUrl, port, wechatPay);
  let child: ChildProcess | undefined;
  async function kill(): Promise<void> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    child = undefined;
  }
  return {
    url,
    pid: () => child?.pid,
    kill,
    async start() {
      child = spawn(process.execPath, [program, 'cloud'], {
        env: { ...process.env, ...environment, ...more },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      await waitUntilReady(url, child);
    },
    async close() {
      await kill();
      await rm(folder, { recursive: true });
    },
  };
}

async function writeConfiguration(
  folder: string,
  databaseUrl: string,
  port: number,
  wechatPay: Till,
): Promise<Record<string, string>> {
  return {
    DATABASE_URL: databaseUrl,
    FORECOURT_PORT: String(port),
    ...(await writeWechatPayAccount(folder, wechatPay)),
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  return address.port;
}

async function waitUntilReady(url: string, child: ChildProcess): Promise<void> {
  const until = Date.now() + readyMsMax;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the cloud ended with ${child.exitCode}`);
    try {
      if ((await fetch(`${url}/readyz`)).ok) return;
    } catch {
      // Not listening yet.
    }
    if (Date.now() > until) throw new Error('the cloud did not get ready');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
