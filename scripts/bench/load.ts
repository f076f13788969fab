import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { startWechatPaySimulator } from '../../src/simulator/wechat-pay/simulator.ts';
import { terminalIdOf } from '../../src/terminal/terminal-key.ts';
import { signRequest } from '../../src/terminal/terminal-signature.ts';
import { call, follow } from './http-call.ts';
import { placeOrder } from './place-order.ts';
import { firstStation } from './stations.ts';

/**
 * The second process of the bench: drivers, terminals and WeChat Pay. It speaks to the parent in lines of JSON on its standard streams:
 * tells credentials and terminal keys, is told where the cloud is, drives it, tells what it measured.
 */
export type LoadWish = {
  readonly cloudUrl: string;
  readonly drivers: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
};

/** Milliseconds of each step of each journey that ended in the measured time. */
export type LoadResult = {
  readonly journeys: number;
  readonly seconds: number;
  readonly failures: number;
  readonly steps: Readonly<Record<'place' | 'pay' | 'permit' | 'report' | 'whole', readonly number[]>>;
  readonly cpuSeconds: number;
};

export type LoadHello = {
  readonly wechatPay: { readonly url: string; readonly credentials: object };
  readonly terminalKeys: readonly { terminalId: string; publicKey: string }[];
};

type TerminalKey = { readonly terminalId: string; readonly publicKey: string; readonly privateKey: KeyObject };

const stationCount = Number(process.argv[2] ?? '200');
const tell = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

function makeKey(): TerminalKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const x = publicKey.export({ format: 'jwk' }).x ?? '';
  return { terminalId: terminalIdOf(x), publicKey: x, privateKey };
}

/** Who waits for the permit of an order at its station, and for the report of it. */
type Waiting = { permit(): void; reported(): void };
const waiting = new Map<string, Waiting>();

const reportsPath = '/v1/terminal/reports';

/** A terminal in memory: follows its station, and reports each permit as printed, all that wait in one call. */
async function startTerminal(cloudUrl: string, key: TerminalKey): Promise<{ stop(): void }> {
  let unsent: { reportId: string; permitId: string; orderId: string }[] = [];
  let sending = false;
  async function send(): Promise<void> {
    sending = true;
    while (unsent.length > 0) {
      const batch = unsent;
      unsent = [];
      const at = new Date().toISOString();
      const reports = batch.map(({ reportId, permitId }) => ({
        reportId,
        permitId,
        state: 'printed',
        reason: null,
        deviceId: 'bench',
        deviceRef: null,
        at,
      }));
      const body = Buffer.from(JSON.stringify({ reports }));
      const answer = await call(
        'POST',
        new URL(reportsPath, cloudUrl),
        signRequest(key, { method: 'POST', target: reportsPath, body }, Date.now()),
        body,
      );
      if (answer.status !== 200) throw new Error(`reports were answered ${answer.status}: ${answer.text}`);
      for (const { orderId } of batch) waiting.get(orderId)?.reported();
    }
    sending = false;
  }
  const feed = new URL('/v1/terminal/feed', cloudUrl);
  return follow(feed, signRequest(key, { method: 'GET', target: feed.pathname }, Date.now()), (data) => {
    const event = JSON.parse(data) as { slip: { permitId: string; receipt: { orderId: string } } };
    const { permitId, receipt } = event.slip;
    waiting.get(receipt.orderId)?.permit();
    unsent.push({ reportId: randomUUID(), permitId, orderId: receipt.orderId });
    if (!sending) void send();
  });
}

type Steps = Record<keyof LoadResult['steps'], number[]>;

/** One journey over HTTP, as a phone and its station make it. */
async function makeJourney(cloudUrl: string, stationNumber: number, steps: Steps | null): Promise<void> {
  const began = performance.now();
  const { order, accessToken } = await placeOrder(cloudUrl, stationNumber);
  const atPlaced = performance.now();
  let atPermit = 0;
  const done = new Promise<void>((resolve) => {
    waiting.set(order.orderId, {
      permit() {
        atPermit = performance.now();
      },
      reported: resolve,
    });
  });
  const headers = { authorization: `Bearer ${accessToken}`, 'idempotency-key': randomUUID() };
  const paid = await call(
    'POST',
    new URL(`/v1/orders/${order.orderId}/payments`, cloudUrl),
    headers,
    '{"method":"wechat-pay","surface":"wechat.native"}',
  );
  if (paid.status !== 201) throw new Error(`a payment was answered ${paid.status}: ${paid.text}`);
  const atPaid = performance.now();
  await done;
  waiting.delete(order.orderId);
  if (steps === null) return;
  const ended = performance.now();
  steps.place.push(atPlaced - began);
  steps.pay.push(atPaid - atPlaced);
  steps.permit.push(Math.max(0, atPermit - atPaid));
  steps.report.push(ended - atPermit);
  steps.whole.push(ended - began);
}

async function drive(wish: LoadWish, keys: readonly TerminalKey[]): Promise<LoadResult> {
  const terminals = await Promise.all(keys.map((key) => startTerminal(wish.cloudUrl, key)));
  const steps: Steps = { place: [], pay: [], permit: [], report: [], whole: [] };
  const measureFrom = performance.now() + wish.warmUpMs;
  const until = measureFrom + wish.measureMs;
  let failures = 0;
  let cpuBefore = process.cpuUsage();
  setTimeout(() => {
    cpuBefore = process.cpuUsage();
  }, wish.warmUpMs);
  const driver = async (index: number): Promise<void> => {
    for (let turn = index; performance.now() < until; turn += wish.drivers) {
      try {
        await makeJourney(
          wish.cloudUrl,
          firstStation + (turn % keys.length),
          performance.now() >= measureFrom ? steps : null,
        );
      } catch (error) {
        failures += 1;
        if (failures < 5) process.stderr.write(`${String(error)}\n`);
      }
    }
  };
  await Promise.all(Array.from({ length: wish.drivers }, (_, index) => driver(index)));
  const { user, system } = process.cpuUsage(cpuBefore);
  for (const terminal of terminals) terminal.stop();
  return {
    journeys: steps.whole.length,
    seconds: (performance.now() - measureFrom) / 1000,
    failures,
    steps,
    cpuSeconds: (user + system) / 1e6,
  };
}

const wechatPay = await startWechatPaySimulator({ autoPay: { delayMs: 0 } });
const keys = Array.from({ length: stationCount }, makeKey);
tell({
  wechatPay: { url: wechatPay.url, credentials: wechatPay.credentials },
  terminalKeys: keys.map(({ terminalId, publicKey }) => ({ terminalId, publicKey })),
} satisfies LoadHello);
let text = '';
for await (const chunk of process.stdin) {
  text += String(chunk);
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n')) {
    const line = text.slice(0, end);
    text = text.slice(end + 1);
    // The parent writes only `LoadWish` lines.
    tell(await drive(JSON.parse(line) as LoadWish, keys));
  }
}
await wechatPay.close();
