import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { openDatabase } from '../../src/database/database.ts';
import { createTcpPrinter } from '../../src/device/printer/tcp-printer.ts';
import { startSimulatedPrinter } from '../../src/simulator/printer/simulated-printer.ts';
import { startWechatPaySimulator } from '../../src/simulator/wechat-pay/simulator.ts';
import { enrolTerminal } from '../../src/station/terminal.sql.ts';
import { startTerminal } from '../../src/terminal/terminal.ts';
import { prepareCloudProcess } from '../../src/testing/cloud-process.ts';
import { saveSampleStations } from '../../src/testing/sample-stations.ts';
import { call, follow } from './http-call.ts';
import { placeOrder } from './place-order.ts';

const orders = 100;
const warmUp = 100;

/**
 * Milliseconds from POST to the printed report, one order after the other on an idle cloud: real terminal with its durable journal, real printer
 * protocol. The simulated driver pays at once and the simulated printer needs no time for its paper; both are in this process.
 */
export async function measureIdleOrder(databaseUrl: string, folder: string): Promise<readonly number[]> {
  await saveSampleStations(databaseUrl);
  const wechatPay = await startWechatPaySimulator({ autoPay: { delayMs: 0 } });
  const cloud = await prepareCloudProcess(databaseUrl, wechatPay, { FORECOURT_SIGNAL: 'local' });
  await cloud.start();
  const printer = await startSimulatedPrinter({ printTimeMs: 0 });
  const device = createTcpPrinter({
    id: 'bench',
    host: printer.host,
    port: printer.port,
    columns: 48,
    clock: systemClock,
  });
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const terminal = await startTerminal({
    folder: join(folder, 'terminal'),
    cloudUrl: new URL(cloud.url),
    device,
    clock: systemClock,
    random: systemRandom,
    fetch,
    log: quiet,
  });
  const db = openDatabase({ url: databaseUrl, connectionsMax: 1 });
  await enrolTerminal(db, {
    terminalId: terminal.terminalId,
    stationNumber: 1003,
    publicKeyRaw: Buffer.from(terminal.publicKey, 'base64url'),
  });
  await db.close();
  const tookMs: number[] = [];
  for (let count = 0; count < orders + warmUp; count += 1) {
    const took = await makeOneOrder(cloud.url);
    if (count >= warmUp) tookMs.push(took);
  }
  await terminal.stop();
  await device.close();
  await printer.close();
  await cloud.close();
  await wechatPay.close();
  return tookMs;
}

async function makeOneOrder(cloudUrl: string): Promise<number> {
  const began = performance.now();
  const { order, accessToken } = await placeOrder(cloudUrl, 1003);
  const authorization = `Bearer ${accessToken}`;
  let printed: (ms: number) => void = () => undefined;
  const done = new Promise<number>((resolve) => {
    printed = resolve;
  });
  const following = await follow(new URL(`/v1/orders/${order.orderId}/events`, cloudUrl), { authorization }, (data) => {
    if ((JSON.parse(data) as { state: string }).state === 'fulfilled') printed(performance.now() - began);
  });
  await call(
    'POST',
    new URL(`/v1/orders/${order.orderId}/payments`, cloudUrl),
    { authorization, 'idempotency-key': randomUUID() },
    '{"method":"wechat-pay","surface":"wechat.native"}',
  );
  const took = await done;
  following.stop();
  return took;
}
