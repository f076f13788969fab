import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Cloud, startCloud } from '../api/cloud.ts';
import { systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import { type Database, openDatabase } from '../database/database.ts';
import { createAccounts } from '../payment/account.ts';
import { createWechatPay } from '../payment/provider/wechat-pay/wechat-pay.ts';
import { startWechatPaySimulator, type WechatPaySimulator } from '../simulator/wechat-pay/simulator.ts';
import { bearer, newKey, placePlainOrder, post } from '../testing/cloud.ts';
import { testDatabaseUrl } from '../testing/database.ts';
import { type EventReading, readEvents } from '../testing/event-reading.ts';
import { until } from '../testing/journey.ts';
import { saveSampleStations } from '../testing/sample-stations.ts';
import { makeTestTerminal, type TestTerminal } from '../testing/terminal.ts';
import { auditRows } from './audit.sql.ts';
import { openPostgresSignal, type Signal } from './signal.ts';

describe('the signal between nodes', () => {
  /** Two nodes on one database, which know of each other only through its NOTIFY. */

  let databaseUrl: string;
  let wechatPay: WechatPaySimulator;
  let nodeA: Cloud;
  let nodeB: Cloud;
  let db: Database;
  let terminal: TestTerminal;

  before(async () => {
    databaseUrl = await testDatabaseUrl();
    await saveSampleStations(databaseUrl);
    wechatPay = await startWechatPaySimulator({ timeScale: 100 });
    [nodeA, nodeB] = await Promise.all([startNode(), startNode()]);
    db = openDatabase({ url: databaseUrl, connectionsMax: 2 });
    terminal = await makeTestTerminal(db, 1003);
  });
  after(async () => {
    await Promise.all([nodeA.stop(), nodeB.stop()]);
    await wechatPay.close();
    await db.close();
  });

  const startNode = (): Promise<Cloud> =>
    startCloud({
      databaseUrl,
      host: '127.0.0.1',
      port: 0,
      accounts: createAccounts([
        {
          provider: createWechatPay({
            ...wechatPay.credentials,
            baseUrl: wechatPay.url,
            fetch,
            clock: systemClock,
            random: systemRandom,
          }),
          stations: null,
          confirm: 'never',
        },
      ]),
      signal: 'postgres',
      databaseConnectionsMax: 3,
      log: { info: () => undefined, error: () => undefined },
    });

  const stateOf = ({ data }: { readonly data: string }): unknown => (JSON.parse(data) as { state: string }).state;

  test('an order placed, started and paid at node A is shown to the driver and sent to the terminal who listen at node B', async () => {
    const placed = await placePlainOrder(nodeA.url);
    const url = `/v1/orders/${placed.order.orderId}`;
    const driver: EventReading = readEvents(`${nodeB.url}${url}/events`, bearer(placed.accessToken));
    const feed: EventReading = readEvents(`${nodeB.url}/v1/terminal/feed`, terminal.sign('GET', '/v1/terminal/feed'));
    await until(() => driver.events.length > 0);
    assert.equal(await feed.status, 200);
    const started = await post(
      `${nodeA.url}${url}/payments`,
      { method: 'wechat-pay', surface: 'wechat.native' },
      { ...bearer(placed.accessToken), 'idempotency-key': newKey() },
    );
    wechatPay.control.pay(String(started.json['attemptRef']));
    // The sweep, which would find it without a signal, comes only every five seconds.
    const begun = Date.now();
    await until(() => driver.events.some((event) => stateOf(event) === 'paid') && feed.events.length > 0);
    assert.ok(Date.now() - begun < 4_000, 'it came by the sweep, not by the signal');
    assert.equal(feed.events[0]?.id, '1');
    const { slip } = JSON.parse(feed.events[0]?.data ?? '{}') as {
      slip: { receipt: { orderId: string }; permitId: string };
    };
    assert.equal(slip.receipt.orderId, placed.order.orderId);
    const body = {
      reports: [
        {
          reportId: newKey(),
          permitId: slip.permitId,
          state: 'printed',
          reason: null,
          deviceId: 'p',
          deviceRef: null,
          at: new Date().toISOString(),
        },
      ],
    };
    // The terminal's next call may come to the other node.
    const text = JSON.stringify(body);
    const answer = await post(
      `${nodeA.url}/v1/terminal/reports`,
      text,
      terminal.sign('POST', '/v1/terminal/reports', text),
    );
    assert.equal(answer.status, 200);
    await until(() => driver.events.some((event) => stateOf(event) === 'fulfilled'));
    await Promise.all([driver.stop(), feed.stop()]);
  });

  test('a change of many orders, too long for one payload of NOTIFY, reaches every listener of another node', async () => {
    const failures: unknown[] = [];
    const open = (): Promise<Signal> => openPostgresSignal(db, (error) => void failures.push(error));
    const [mine, theirs] = await Promise.all([open(), open()]);
    const orderIds = Array.from(
      { length: 1_000 },
      (_, index) => `0000ZB1M84PSBCR4RGZG${String(index).padStart(4, '0')}`,
    );
    const events = Array.from({ length: 700 }, (_, index) => ({ stationNumber: index + 1, sequence: 1, body: {} }));
    const heard = new Set<string | number>();
    for (const orderId of orderIds) theirs.onOrder(orderId, () => void heard.add(orderId));
    for (const { stationNumber } of events)
      theirs.onStation(stationNumber, (lines) => void (lines === null && heard.add(stationNumber)));
    let changes = 0;
    theirs.onStationsChanged(() => void (changes += 1));
    mine.tell({ orderIds, events, stationsChanged: true });
    await until(() => heard.size === orderIds.length + events.length);
    assert.equal(changes, 1);
    assert.deepEqual(failures, []);
    await Promise.all([mine.close(), theirs.close()]);
  });

  test('who listens on this node is told at once and with the lines; who stopped listening is told nothing', async () => {
    const signal = await openPostgresSignal(db, (error) => assert.fail(String(error)));
    const heard: unknown[] = [];
    const stop = signal.onStation(7, (lines) => void heard.push(lines));
    const line = { stationNumber: 7, sequence: 3, body: {} };
    signal.tell({ orderIds: [], events: [line, { ...line, sequence: 2 }] });
    assert.deepEqual(heard, [[{ ...line, sequence: 2 }, line]]);
    stop();
    signal.tell({ orderIds: [], events: [line] });
    assert.equal(heard.length, 1);
    await signal.close();
  });

  test('after all of this the rows are in order', async () => {
    assert.deepEqual(
      (await auditRows(db)).flatMap((line) => line.broken),
      [],
    );
  });
});
