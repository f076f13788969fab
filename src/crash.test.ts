import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { systemClock } from './base/clock.ts';
import { systemRandom } from './base/random.ts';
import { openDatabase } from './database/database.ts';
import { createTcpPrinter } from './device/printer/tcp-printer.ts';
import type { OrderMessage, PlacedOrderMessage } from './order/order.message.ts';
import { findBalances } from './payment/ledger.sql.ts';
import { type SimulatedPrinter, startSimulatedPrinter } from './simulator/printer/simulated-printer.ts';
import { startWechatPaySimulator, type WechatPaySimulator } from './simulator/wechat-pay/simulator.ts';
import { enrolTerminal } from './station/terminal.sql.ts';
import { openTerminalKey } from './terminal/terminal-key.ts';
import { startTerminal } from './terminal/terminal.ts';
import { type CloudProcess, prepareCloudProcess } from './testing/cloud-process.ts';
import { bearer, newKey, placePlainOrder, post, waitForOrder } from './testing/cloud.ts';
import { testDatabaseUrl } from './testing/database.ts';
import { saveSampleStations } from './testing/sample-stations.ts';

/** The cloud is killed with SIGKILL between any two steps of one order, and the journey goes on. */

let databaseUrl: string;
let wechatPay: WechatPaySimulator;
let cloud: CloudProcess;
let printer: SimulatedPrinter;
let folder: string;
let placed: PlacedOrderMessage;
const paymentKey = newKey();
const timeScale = 50;

before(async () => {
  databaseUrl = await testDatabaseUrl();
  await saveSampleStations(databaseUrl);
  wechatPay = await startWechatPaySimulator({ timeScale });
  cloud = await prepareCloudProcess(databaseUrl, wechatPay);
  printer = await startSimulatedPrinter({ printTimeMs: 0 });
  folder = await mkdtemp(join(tmpdir(), 'forecourt-terminal-'));
});

after(async () => {
  await cloud.close();
  await wechatPay.close();
  await printer.close();
  await rm(folder, { recursive: true });
});

const startPaying = () =>
  post(
    `${cloud.url}/v1/orders/${placed.order.orderId}/payments`,
    { method: 'wechat-pay', surface: 'wechat.native' },
    { ...bearer(placed.accessToken), 'idempotency-key': paymentKey },
  );

test('killed after the order was placed: the order stands', async () => {
  await cloud.start();
  placed = await placePlainOrder(cloud.url);
  await cloud.kill();
  await cloud.start();
  assert.equal((await waitForOrder<OrderMessage>(cloud.url, placed, () => true)).state, 'placed');
});

test('killed while the payment service is being called: the same attempt goes on, no second one is made', async () => {
  wechatPay.control.addFault({ operation: 'create', kind: 'commit_then_hang', times: 1 });
  const hanging = startPaying().catch(() => null);
  await until(() => wechatPay.control.payments().length === 1);
  await cloud.kill();
  assert.equal(await hanging, null);
  await cloud.start();
  const answer = await startPaying();
  assert.equal(answer.status, 201, JSON.stringify(answer.json));
  assert.equal(answer.json['attemptRef'], `${placed.order.orderId}01`);
  assert.equal(wechatPay.control.payments().length, 1);
});

test('killed when the driver pays: the notification comes again, or the poll finds it', async () => {
  await cloud.kill();
  assert.equal(wechatPay.control.pay(`${placed.order.orderId}01`).kind, 'paid');
  await until(() => wechatPay.control.notifications().some((notice) => notice.tries > 0));
  await cloud.start();
  const order = await waitForOrder<OrderMessage>(cloud.url, placed, (one) => one.permit !== null);
  assert.equal(order.state, 'paid');
});

test('killed before the station heard of it: the permit is printed after the restart, once, and reported though the cloud dies again', async () => {
  await cloud.kill();
  const key = await openTerminalKey(folder);
  const db = openDatabase({ url: databaseUrl, connectionsMax: 1 });
  await enrolTerminal(db, {
    terminalId: key.terminalId,
    stationNumber: 1003,
    publicKeyRaw: Buffer.from(key.publicKey, 'base64url'),
  });
  const device = createTcpPrinter({
    id: 'printer-1',
    host: printer.host,
    port: printer.port,
    columns: 48,
    clock: systemClock,
  });
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const terminal = await startTerminal({
    folder,
    cloudUrl: new URL(cloud.url),
    device,
    clock: systemClock,
    random: systemRandom,
    fetch,
    log: quiet,
  });
  const slip = printer.nextSlip();
  await cloud.start();
  await slip;
  await cloud.kill();
  await cloud.start();
  const order = await waitForOrder<OrderMessage>(cloud.url, placed, (one) => one.state === 'fulfilled', 30_000);
  assert.equal(order.permit?.state, 'printed');
  assert.equal(printer.slips().length, 1);
  assert.deepEqual(
    (await findBalances(db, placed.order.orderId)).map((balance) => balance.debitMinor + balance.creditMinor),
    [19442, 19442],
  );
  await terminal.stop();
  await device.close();
  await db.close();
});

const untilMsMax = 10_000;

async function until(done: () => boolean): Promise<void> {
  const end = Date.now() + untilMsMax;
  while (!done()) {
    if (Date.now() > end) throw new Error('waited too long');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
