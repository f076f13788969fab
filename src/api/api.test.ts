import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makePumpCode } from '../base/ids.ts';
import { problemOf, type RefusalName, refusalNames } from '../base/problem.ts';
import { openDatabase } from '../database/database.ts';
import type { OrderMessage, PlacedOrderMessage } from '../order/order.message.ts';
import { sampleStations } from '../station/sample-stations.ts';
import { saveStations } from '../station/station.sql.ts';
import {
  type Answer,
  bearer,
  get,
  newKey,
  placePlainOrder,
  plainOrder,
  post,
  priceAt,
  startTestCloud,
  type TestCloud,
  waitForOrder,
} from '../testing/cloud.ts';

let forecourt: TestCloud;
let priceSeen: { pump: string; member: string | null };
const samples = sampleStations(Date.UTC(2026, 0, 1));
const lujiazui = samples.find((one) => one.stationNumber === 1003) ?? assert.fail('no station 1003');
const here = { latitude: lujiazui.latitude, longitude: lujiazui.longitude, accuracyMeters: 20 };

before(async () => {
  forecourt = await startTestCloud();
  priceSeen = await priceAt(forecourt.url, 1003, '95');
});
after(() => forecourt.stop());

const place = (changes: Readonly<Record<string, unknown>>, key = newKey()): Promise<Answer> =>
  post(`${forecourt.url}/v1/orders`, { ...plainOrder, priceSeen, ...changes }, { 'idempotency-key': key });

const pay = (
  placed: PlacedOrderMessage,
  wish: Readonly<Record<string, unknown>> = {},
  key = newKey(),
): Promise<Answer> =>
  post(
    `${forecourt.url}/v1/orders/${placed.order.orderId}/payments`,
    { method: 'wechat-pay', surface: 'wechat.native', ...wish },
    { ...bearer(placed.accessToken), 'idempotency-key': key },
  );

function assertRefused(answer: Answer, name: RefusalName): void {
  assert.equal(answer.json['code'], name, JSON.stringify(answer.json));
  assert.equal(answer.status, problemOf(name).status);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
  assert.ok(typeof answer.json['detail'] === 'string' && typeof answer.json['title'] === 'string');
}

async function countOrders(): Promise<number> {
  const [row] = await forecourt.cloud.journey.db.query<{ count: number }>('select count(*) from orders');
  return row?.count ?? -1;
}

const closed = samples.find((one) => one.state === 'closed');
const nozzleOf92 = lujiazui.nozzles.find((one) => one.pump === 3 && one.grade === '92');

test('every bad order is refused by its name, status and text, and nothing is stored', async () => {
  const refusals: readonly (readonly [Readonly<Record<string, unknown>>, RefusalName])[] = [
    [{ grade: 95 }, 'malformed_body'],
    [{ money: 200 }, 'malformed_body'],
    [{ pump: '3' }, 'malformed_body'],
    [{ pump: 3.5 }, 'malformed_body'],
    [{ priceSeen: undefined }, 'malformed_body'],
    [{ user: { name: 'x'.repeat(500) } }, 'malformed_body'],
    [{ money: '9'.repeat(30) }, 'malformed_body'],
    [{ locale: 'fr' }, 'malformed_body'],
    [{ stationNumber: undefined }, 'position_missing'],
    [{ stationNumber: undefined, position: { ...here, latitude: 91 } }, 'position_invalid'],
    [
      { stationNumber: undefined, position: { latitude: here.latitude, longitude: here.longitude } },
      'accuracy_missing',
    ],
    [{ stationNumber: undefined, position: { ...here, accuracyMeters: 251 } }, 'position_too_vague'],
    [{ stationNumber: undefined, position: { ...here, speedMetersPerSecond: 14 } }, 'moving_too_fast'],
    [{ stationNumber: undefined, position: { ...here, latitude: 0, longitude: 0 } }, 'no_station_in_range'],
    [{ stationNumber: 4242 }, 'station_unknown'],
    [{ stationNumber: 1003, position: { ...here, latitude: here.latitude + 1 } }, 'station_too_far'],
    [{ stationNumber: undefined, pumpCode: 'NOCODE' }, 'pump_code_invalid'],
    [{ stationNumber: undefined, pumpCode: makePumpCode(4242, 1) }, 'station_unknown'],
    [{ stationNumber: closed?.stationNumber }, 'station_closed'],
    [{ grade: '101' }, 'grade_unknown'],
    [{ stationNumber: undefined, pumpCode: makePumpCode(1003, 2) }, 'pump_ambiguous'],
    [{ pump: 77 }, 'pump_unknown'],
    [{ pump: undefined }, 'pump_unknown'],
    [{ nozzle: 998 }, 'nozzle_unknown'],
    [{ nozzle: nozzleOf92?.nozzle }, 'nozzle_other_grade'],
    [{ money: undefined }, 'quantity_missing'],
    [{ money: '20,00' }, 'money_invalid'],
    [{ money: '200.001' }, 'money_invalid'],
    [{ money: '0' }, 'money_not_positive'],
    [{ money: '-5' }, 'money_not_positive'],
    [{ money: undefined, volume: 'ten' }, 'volume_invalid'],
    [{ money: undefined, volume: '0.00' }, 'volume_not_positive'],
    [{ money: undefined, volume: '-1' }, 'volume_not_positive'],
    [{ money: undefined, volume: '10.005' }, 'volume_step'],
    [{ volume: '20.00' }, 'money_volume_disagree'],
    [{ money: '4.99' }, 'money_below_limit'],
    [{ money: '5000.01' }, 'money_above_limit'],
    [{ money: '999999999.00' }, 'volume_above_limit'],
    [{ priceSeen: { pump: 'cheap', member: null } }, 'price_invalid'],
    [{ priceSeen: { pump: '1.00', member: null } }, 'price_changed'],
    [{ user: { name: 'a\u0007b' } }, 'name_invalid'],
    [{ user: { phone: 'call me' } }, 'phone_invalid'],
    [{ user: { plate: '京A\n{qr}' } }, 'plate_invalid'],
  ];
  for (const [changes, name] of refusals) assertRefused(await place(changes), name);
  assert.equal(await countOrders(), 0);
});

test('a call that is no JSON, too large, or without a key is refused before anything is looked at', async () => {
  const url = `${forecourt.url}/v1/orders`;
  const key = { 'idempotency-key': newKey() };
  assertRefused(await post(url, '{"grade": ', key), 'malformed_body');
  assertRefused(await post(url, '[1,2,3]', key), 'malformed_body');
  assertRefused(await post(url, '', key), 'malformed_body');
  assertRefused(await post(url, `"${'x'.repeat(600_000)}"`, key), 'body_too_large');
  assertRefused(await post(url, plainOrder), 'idempotency_key_missing');
  assertRefused(await post(url, plainOrder, { 'idempotency-key': 'short' }), 'idempotency_key_invalid');
  assertRefused(await get(`${forecourt.url}/v1/nothing`), 'not_found');
  assertRefused(await get(`${forecourt.url}/v1/stations/nearby?latitude=x&longitude=1`), 'malformed_body');
  assertRefused(await get(`${forecourt.url}/v1/stations/abc`), 'station_unknown');
  for (const number of ['0x3eb', '1003.0', '%201003', '1e3'])
    assertRefused(await get(`${forecourt.url}/v1/stations/${number}`), 'station_unknown');
  assertRefused(await get(`${forecourt.url}/v1/stations/nearby?latitude=&longitude=&accuracy=10`), 'malformed_body');
  assertRefused(
    await get(`${forecourt.url}/v1/stations/nearby?latitude=0x1f&longitude=1&accuracy=10`),
    'malformed_body',
  );
  assertRefused(await get(`${forecourt.url}/v1/stations/%ff`), 'not_found');
  assertRefused(await get(`${forecourt.url}/v1/stations/${'1'.repeat(300)}`), 'not_found');
  assertRefused(await get(`${forecourt.url}/livez`, { 'x-long': 'x'.repeat(20_000) }), 'headers_too_large');
  assertRefused(await get(`${forecourt.url}/v1/pumps/000`), 'pump_code_invalid');
  assert.equal(await countOrders(), 0);
});

test('two stations stand close together: the driver must choose, and is given both', async () => {
  const twin = samples.find((one) => one.stationNumber === 1001) ?? assert.fail('no station 1001');
  const answer = await place({
    stationNumber: undefined,
    position: { latitude: twin.latitude, longitude: twin.longitude, accuracyMeters: 60 },
  });
  assertRefused(answer, 'station_ambiguous');
  const candidates = (answer.json['hint'] as { candidates: readonly { stationNumber: number }[] }).candidates;
  assert.deepEqual(
    candidates.map((one) => one.stationNumber).toSorted((a, b) => a - b),
    [1001, 1002],
  );
});

test('the same request again gets the same order and token; the same key with another body is refused', async () => {
  const key = newKey();
  const [first, ...others] = await Promise.all(Array.from({ length: 5 }, () => place({}, key)));
  for (const other of others) assert.deepEqual(other.json, first?.json);
  assert.equal(first?.status, 201);
  assertRefused(await place({ money: '300.00' }, key), 'idempotency_key_reused');
});

test('a price that changed is refused with the new one, and a retry of an order that stands is not', async () => {
  const key = newKey();
  const placed = await place(
    { stationNumber: 1004, grade: '92', pump: 1, priceSeen: await priceAt(forecourt.url, 1004, '92') },
    key,
  );
  assert.equal(placed.status, 201);
  const station = samples.find((one) => one.stationNumber === 1004) ?? assert.fail('no station 1004');
  const dearer = {
    ...station,
    grades: station.grades.map((one) => ({
      ...one,
      pumpPriceMilli: one.pumpPriceMilli + 100,
      validFrom: Date.now() - 1000,
    })),
  };
  const before = await priceAt(forecourt.url, 1004, '92');
  const db = openDatabase({ url: forecourt.databaseUrl, connectionsMax: 1 });
  await db.transaction((tx) => saveStations(tx, [dearer], Date.now()));
  await db.close();
  const answer = await place({ stationNumber: 1004, grade: '92', pump: 1, priceSeen: before });
  assertRefused(answer, 'price_changed');
  assert.deepEqual(answer.json['hint'], {
    pumpPrice: (await priceAt(forecourt.url, 1004, '92')).pump,
    memberPrice: before.member,
  });
  const again = await place({ stationNumber: 1004, grade: '92', pump: 1, priceSeen: before }, key);
  assert.deepEqual(again.json, placed.json);
});

test('an order is shown, paid and cancelled only by who holds its token', async () => {
  const placed = await placePlainOrder(forecourt.url);
  const other = await placePlainOrder(forecourt.url);
  const url = `${forecourt.url}/v1/orders/${placed.order.orderId}`;
  for (const headers of [
    {},
    bearer(''),
    bearer(other.accessToken),
    bearer(`${placed.accessToken}x`),
    { authorization: 'Basic eA==' },
  ]) {
    for (const path of ['', '/events', '/permit', '/receipt.svg', '/receipt.txt'])
      assertRefused(await get(url + path, headers), 'unauthorized');
    assertRefused(await post(`${url}/cancel`, {}, headers), 'unauthorized');
    assertRefused(
      await post(`${url}/payments`, { method: 'wechat-pay' }, { ...headers, 'idempotency-key': newKey() }),
      'unauthorized',
    );
  }
  assertRefused(await get(`${forecourt.url}/v1/orders/..%2f..%2fetc`, bearer(placed.accessToken)), 'unauthorized');
});

test('what cannot be paid is refused by its name, and an order without money has no permit and no receipt', async () => {
  const placed = await placePlainOrder(forecourt.url);
  assertRefused(await pay(placed, { method: 'cash' }), 'method_unknown');
  assertRefused(await pay(placed, { surface: 'wechat.smoke' }), 'surface_unsupported');
  assertRefused(await pay(placed, { surface: 'wechat.jsapi' }), 'payer_missing');
  assertRefused(await pay(placed, { method: 5 }), 'malformed_body');
  assertRefused(await pay(placed, { surface: 'wechat.jsapi', openId: 'o\u0000' }), 'malformed_body');
  const url = `${forecourt.url}/v1/orders/${placed.order.orderId}`;
  for (const path of ['/permit', '/receipt.svg', '/receipt.txt'])
    assertRefused(await get(url + path, bearer(placed.accessToken)), 'permit_not_issued');
});

test('a cancelled order cannot be paid, and money that comes all the same goes back', async () => {
  const placed = await placePlainOrder(forecourt.url);
  const started = await pay(placed);
  const cancelled = await post(
    `${forecourt.url}/v1/orders/${placed.order.orderId}/cancel`,
    {},
    bearer(placed.accessToken),
  );
  assert.equal(cancelled.json['state'], 'cancelled');
  assertRefused(await pay(placed), 'order_cancelled');
  assert.equal(forecourt.wechatPay.control.pay(String(started.json['attemptRef']), { evenIfLate: true }).kind, 'paid');
  const order = await waitForOrder<OrderMessage>(forecourt.url, placed, (one) =>
    one.refunds.some((refund) => refund.state === 'succeeded'),
  );
  assert.deepEqual([order.state, order.permit, order.payment?.state], ['cancelled', null, 'refunded']);
  assert.deepEqual(
    order.refunds.map(({ reason, amount }) => [reason, amount]),
    [['late_payment', placed.order.payable]],
  );
});

test('an order whose time is over cannot be paid', async () => {
  const placed = await placePlainOrder(forecourt.url);
  await expire(placed);
  const order = await waitForOrder<OrderMessage>(forecourt.url, placed, (one) => one.state === 'expired');
  assert.equal(order.state, 'expired');
  assertRefused(await pay(placed), 'order_expired');
  assertRefused(
    await post(`${forecourt.url}/v1/orders/${placed.order.orderId}/cancel`, {}, bearer(placed.accessToken)),
    'order_expired',
  );
});

test('a paid order cannot be paid again or cancelled', async () => {
  const placed = await placePlainOrder(forecourt.url);
  const started = await pay(placed);
  forecourt.wechatPay.control.pay(String(started.json['attemptRef']));
  await waitForOrder<OrderMessage>(forecourt.url, placed, (one) => one.permit !== null);
  assertRefused(await pay(placed), 'order_already_paid');
  assertRefused(
    await post(`${forecourt.url}/v1/orders/${placed.order.orderId}/cancel`, {}, bearer(placed.accessToken)),
    'order_already_paid',
  );
});

/** As if ten minutes had passed: the order's own clock is moved, not the world's. */
async function expire(placed: PlacedOrderMessage): Promise<void> {
  await forecourt.cloud.journey.db.query(
    "update orders set placed_at = placed_at - interval '1 hour', expires_at = expires_at - interval '1 hour' where order_id = $1",
    [placed.order.orderId],
  );
}

test('a notification that is forged, altered, unsigned or for nobody changes nothing', async () => {
  const placed = await placePlainOrder(forecourt.url);
  const started = await pay(placed);
  const url = `${forecourt.url}/v1/notifications/wechat-pay`;
  const forged = {
    'wechatpay-timestamp': String(Math.floor(Date.now() / 1000)),
    'wechatpay-nonce': 'abc',
    'wechatpay-serial': forecourt.wechatPay.credentials.preferredSerial,
    'wechatpay-signature': Buffer.alloc(256, 7).toString('base64'),
  };
  const body = JSON.stringify({ id: 'x', event_type: 'TRANSACTION.SUCCESS', resource: {} });
  assert.ok((await post(url, body, forged)).status >= 400);
  assert.ok((await post(url, body)).status >= 400);
  assert.ok((await post(url, '', forged)).status >= 400);
  for (const kind of ['unsigned', 'wrong_signature', 'unknown_serial', 'clock_skew', 'tampered'] as const) {
    forecourt.wechatPay.control.addFault({ operation: 'notify', kind, times: 1, ms: 600_000 });
  }
  assertRefused(await post(`${forecourt.url}/v1/notifications/nobody`, body), 'provider_unknown');
  forecourt.wechatPay.control.pay(String(started.json['attemptRef']));
  // After five bad deliveries the schedule brings a good one, and only that is believed.
  await waitForOrder<OrderMessage>(forecourt.url, placed, (one) => one.permit !== null);
  assert.ok(forecourt.alarms.includes('notification_rejected'));
});

test('authentic money of the wrong amount gives no permit and goes back', async () => {
  const placed = await placePlainOrder(forecourt.url);
  const started = await pay(placed);
  forecourt.wechatPay.control.pay(String(started.json['attemptRef']), { claims: { totalFen: 1 } });
  const order = await waitForOrder<OrderMessage>(forecourt.url, placed, (one) => one.refunds.length > 0);
  assert.deepEqual([order.permit, order.refunds[0]?.reason, order.refunds[0]?.amount], [null, 'integrity', '0.01']);
  assert.ok(forecourt.alarms.includes('payment_integrity'));
});

test('every URL of the API stands in its OpenAPI document, and every refusal on the page for people', async () => {
  const { json } = await get(`${forecourt.url}/openapi.json`);
  const paths = Object.keys(json['paths'] as object);
  for (const url of [
    '/v1/stations/nearby',
    '/v1/stations/{number}',
    '/v1/orders',
    '/v1/orders/{id}',
    '/v1/orders/{id}/events',
    '/v1/orders/{id}/payments',
    '/v1/orders/{id}/cancel',
    '/v1/orders/{id}/permit',
    '/v1/orders/{id}/receipt.svg',
    '/v1/orders/{id}/receipt.txt',
    '/v1/notifications/{provider}',
    '/v1/terminal/feed',
    '/v1/terminal/reports',
    '/livez',
    '/readyz',
    '/openapi.json',
    '/docs',
  ]) {
    assert.ok(paths.includes(url), `${url} is missing`);
  }
  const { post: told } =
    (json['paths'] as Record<string, Record<string, { responses: object }>>)['/v1/notifications/{provider}'] ?? {};
  assert.deepEqual(
    ['200', '204', '400', '401', '503'].filter((status) => !Object.hasOwn(told?.responses ?? {}, status)),
    [],
  );
  const { json: docs } = await get(`${forecourt.url}/docs`);
  for (const name of refusalNames) assert.ok(String(docs['text']).includes(`id="${name}"`), name);
  assert.equal((await get(`${forecourt.url}/livez`)).status, 200);
  assert.equal((await get(`${forecourt.url}/readyz`)).status, 200);
});
