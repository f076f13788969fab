import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { systemClock } from './base/clock.ts';
import { systemRandom } from './base/random.ts';
import { createTcpPrinter } from './device/printer/tcp-printer.ts';
import type { OrderMessage, PlacedOrderMessage } from './order/order.message.ts';
import { findFacts } from './payment/fact.sql.ts';
import { findBalances } from './payment/ledger.sql.ts';
import { readKeyList } from './permit/permit-key-list.ts';
import { findReports } from './permit/report.sql.ts';
import { verifyPermit } from './permit/verify-permit.ts';
import { type SimulatedPrinter, startSimulatedPrinter } from './simulator/printer/simulated-printer.ts';
import { sampleStations } from './station/sample-stations.ts';
import { enrolTerminal } from './station/terminal.sql.ts';
import { startTerminal, type Terminal } from './terminal/terminal.ts';
import { bearer, get, newKey, post, priceAt, startTestCloud, type TestCloud, waitForOrder } from './testing/cloud.ts';

/** THE STORY: one order, from the driver's wish to the paper that lets him leave. Each test is the next page. */

let forecourt: TestCloud;
let printer: SimulatedPrinter;
let terminal: Terminal;
let folder: string;
const lujiazui = sampleStations(0).find((station) => station.stationNumber === 1003) ?? assert.fail('no station 1003');

before(async () => {
  forecourt = await startTestCloud();
  printer = await startSimulatedPrinter({ printTimeMs: 0 });
  folder = await mkdtemp(join(tmpdir(), 'forecourt-terminal-'));
  const device = createTcpPrinter({
    id: 'printer-1',
    host: printer.host,
    port: printer.port,
    columns: 48,
    clock: systemClock,
  });
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
  terminal = await startTerminal({
    folder,
    cloudUrl: new URL(forecourt.url),
    device,
    clock: systemClock,
    random: systemRandom,
    fetch,
    log: quiet,
  });
  await enrolTerminal(forecourt.cloud.journey.db, {
    terminalId: terminal.terminalId,
    stationNumber: 1003,
    publicKeyRaw: Buffer.from(terminal.publicKey, 'base64url'),
  });
});

after(async () => {
  await terminal.stop();
  await printer.close();
  await forecourt.stop();
  await rm(folder, { recursive: true });
});

let placed: PlacedOrderMessage;
let attemptRef: string;

test("1. a driver stops at a pump, and the phone's position finds the station", async () => {
  const { json } = await get(
    `${forecourt.url}/v1/stations/nearby?latitude=${lujiazui.latitude}&longitude=${lujiazui.longitude}&accuracy=20`,
  );
  assert.equal(json['selected'], 1003);
});

test('2. he orders 200 yuan of 95 at pump 3, and the cloud keeps the updated order before money moves', async () => {
  const wish = {
    position: { latitude: lujiazui.latitude, longitude: lujiazui.longitude, accuracyMeters: 20 },
    grade: '95',
    pump: 3,
    money: '200.00',
    priceSeen: await priceAt(forecourt.url, 1003, '95'),
    user: { plate: '京A12345' },
    locale: 'zh-CN',
  };
  const answer = await post(`${forecourt.url}/v1/orders`, wish, { 'idempotency-key': newKey() });
  assert.equal(answer.status, 201);
  placed = answer.json as PlacedOrderMessage;
  const { order } = placed;
  assert.deepEqual([order.state, order.station.stationNumber, order.station.name], ['placed', 1003, lujiazui.name]);
  assert.deepEqual([order.money, order.volume, order.discount, order.payable], ['200.00', '25.38', '5.58', '194.42']);
});

test('3. the payment service is called, and nobody calls the order paid yet', async () => {
  const answer = await post(
    `${forecourt.url}/v1/orders/${placed.order.orderId}/payments`,
    { method: 'wechat-pay', surface: 'wechat.h5' },
    { ...bearer(placed.accessToken), 'idempotency-key': newKey() },
  );
  assert.equal(answer.status, 201);
  attemptRef = String(answer.json['attemptRef']);
  const order = await waitForOrder<OrderMessage>(forecourt.url, placed, () => true);
  assert.deepEqual([order.state, order.payment?.state, order.permit], ['placed', 'pending', null]);
});

test('4. he pays; from the signed notification the order is judged paid, and gets its one permit', async () => {
  assert.equal(forecourt.wechatPay.control.pay(attemptRef).kind, 'paid');
  const order = await waitForOrder<OrderMessage>(forecourt.url, placed, (one) => one.permit !== null);
  assert.equal(order.payment?.state, 'paid');
  const balances = await findBalances(forecourt.cloud.journey.db, placed.order.orderId);
  assert.deepEqual(
    balances.map(({ account, debitMinor, creditMinor }) => [account, debitMinor, creditMinor]),
    [
      ['clearing:wechat-pay', 19442, 0],
      ['customer-liability', 0, 19442],
    ],
  );
});

test("5. the station's own printer issues the permit, and says that it is on paper", async () => {
  const order = await waitForOrder<OrderMessage>(forecourt.url, placed, (one) => one.state === 'fulfilled');
  assert.equal(order.permit?.state, 'printed');
  const [slip] = printer.slips();
  for (const words of ['放行凭证', '京A12345', '194.42', '25.38', placed.order.orderId, order.permit?.shortCode ?? '?'])
    assert.ok(slip?.text.includes(words), `the slip lacks ${words}`);
  assert.deepEqual([printer.slips().length, slip?.cuts, slip?.pictures.length], [1, 1, 1]);
  const reports = await findReports(forecourt.cloud.journey.db, 1003, order.permit?.permitId ?? '');
  assert.deepEqual(
    reports.map((report) => report.state),
    ['sent', 'printed'],
  );
});

test('6. the guard verifies the permit with the internet cut, and another station refuses it', async () => {
  const order = await waitForOrder<OrderMessage>(forecourt.url, placed, () => true);
  const token = order.permit?.token ?? '';
  const { json } = await get(`${forecourt.url}/v1/permit-keys`);
  const keys = readKeyList(json as Parameters<typeof readKeyList>[0]);
  assert.equal(verifyPermit({ token, stationNumber: 1003, plate: '京A12345', now: Date.now(), keys }).accepted, true);
  assert.deepEqual(verifyPermit({ token, stationNumber: 1004, now: Date.now(), keys }), {
    accepted: false,
    refused: 'wrong_station',
  });
});

test('7. the provider calls ten times more, and there is still one permit, one slip, one entry in the books', async () => {
  const { db } = forecourt.cloud.journey;
  const kept =
    (await findFacts(db, 1003, attemptRef)).find((fact) => fact.source === 'notification') ??
    assert.fail('no notification was kept');
  const answers = await Promise.all(
    Array.from({ length: 10 }, () =>
      post(
        `${forecourt.url}/v1/notifications/wechat-pay`,
        Buffer.from(kept.rawBody ?? '', 'base64').toString(),
        signatureHeaders(kept.headers ?? {}),
      ),
    ),
  );
  assert.deepEqual(new Set(answers.map((answer) => answer.status)), new Set([204]));
  assert.equal((await findFacts(db, 1003, attemptRef)).length, 1);
  assert.equal((await findBalances(db, placed.order.orderId)).length, 2);
  const order = await waitForOrder<OrderMessage>(forecourt.url, placed, () => true);
  assert.equal(order.state, 'fulfilled');
  assert.equal(printer.slips().length, 1);
  assert.deepEqual(forecourt.alarms, []);
});

const signatureHeaders = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('wechatpay-')));
