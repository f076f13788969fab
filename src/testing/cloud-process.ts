import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WechatPaySimulator } from '../simulator/wechat-pay/simulator.ts';

type Till = Pick<WechatPaySimulator, 'url' | 'credentials'>;

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
  const { credentials } = wechatPay;
  const put = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const serials = [
    credentials.preferredSerial,
    ...Object.keys(credentials.platformKeys).filter((serial) => serial !== credentials.preferredSerial),
  ];
  const keys = await Promise.all(
    serials.map(
      async (serial, index) =>
        `${serial}=${await put(`platform-${index}.pem`, credentials.platformKeys[serial] ?? '')}`,
    ),
  );
  return {
    DATABASE_URL: databaseUrl,
    FORECOURT_PORT: String(port),
    WECHAT_PAY_MERCHANT_ID: credentials.merchantId,
    WECHAT_PAY_APP_ID: credentials.appId,
    WECHAT_PAY_MERCHANT_SERIAL: credentials.merchantSerial,
    WECHAT_PAY_MERCHANT_KEY_FILE: await put('merchant.pem', credentials.merchantPrivateKey),
    WECHAT_PAY_API_V3_KEY_FILE: await put('api-v3-key', credentials.apiV3Key),
    WECHAT_PAY_PLATFORM_KEYS: keys.join(','),
    WECHAT_PAY_URL: wechatPay.url,
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
