import { randomUUID } from 'node:crypto';
import { type Cloud, startCloud } from '../api/cloud.ts';
import { systemClock } from '../base/clock.ts';
import { registerWebhook, simulatedAccounts } from '../cli/simulated-accounts.ts';
import { systemRandom } from '../base/random.ts';
import type { AlarmName } from '../journey/alarm.ts';
import type { PlacedOrderMessage } from '../order/order.message.ts';
import { startAlipaySimulator } from '../simulator/alipay/simulator.ts';
import { startStripeSimulator } from '../simulator/stripe/simulator.ts';
import { startWechatPaySimulator, type WechatPaySimulator } from '../simulator/wechat-pay/simulator.ts';
import { testDatabaseUrl } from './database.ts';
import type { TestSimulators } from './journey.ts';
import { saveSampleStations } from './sample-stations.ts';

export type TestCloudOptions = {
  readonly confirm?: 'never' | 'always';
  readonly autoPay?: { readonly delayMs: number };
  /** Which payment services there are besides WeChat Pay; default none. */
  readonly more?: readonly ('alipay' | 'stripe')[];
};

/** A whole cloud on a database of its own, with the sample stations and a WeChat Pay that does as it is told. */
export type TestCloud = {
  readonly url: string;
  readonly databaseUrl: string;
  readonly cloud: Cloud;
  readonly wechatPay: WechatPaySimulator;
  readonly simulators: TestSimulators;
  /** The alarms raised so far, oldest first. */
  readonly alarms: AlarmName[];
  stop(): Promise<void>;
};

export async function startTestCloud(options: TestCloudOptions = {}): Promise<TestCloud> {
  const databaseUrl = await testDatabaseUrl();
  await saveSampleStations(databaseUrl);
  const simulation = { ...(options.autoPay === undefined ? {} : { autoPay: options.autoPay }), timeScale: 100 };
  const wechatPay = await startWechatPaySimulator(simulation);
  const simulators = {
    'wechat-pay': wechatPay,
    ...(options.more?.includes('alipay') === true ? { alipay: await startAlipaySimulator(simulation) } : {}),
    ...(options.more?.includes('stripe') === true ? { stripe: await startStripeSimulator(simulation) } : {}),
  };
  const alarms: AlarmName[] = [];
  const tools = { fetch: globalThis.fetch, clock: systemClock, random: systemRandom };
  const accounts = simulatedAccounts(simulators, () => tools, options.confirm);
  const cloud = await startCloud({
    databaseUrl,
    host: '127.0.0.1',
    port: 0,
    accounts,
    signal: 'local',
    databaseConnectionsMax: 4,
    log: {
      info: () => undefined,
      error(detail, text) {
        if (typeof detail['alarm'] === 'string') alarms.push(detail['alarm'] as AlarmName);
        else process.stderr.write(`${text} ${JSON.stringify(detail)}\n`);
      },
    },
  });
  registerWebhook(simulators, accounts, cloud.url);
  return {
    url: cloud.url,
    databaseUrl,
    cloud,
    wechatPay,
    simulators,
    alarms,
    async stop() {
      await cloud.stop();
      for (const simulator of Object.values(simulators)) await simulator.close();
    },
  };
}

/** A plain order that the sample station takes: 200 yuan of 95 at pump 3. */
export const plainOrder = {
  stationNumber: 1003,
  grade: '95',
  pump: 3,
  money: '200.00',
  user: { plate: '京A12345' },
  locale: 'zh-CN',
} as const;

export const newKey = (): string => randomUUID();

export type Answer = {
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
};

/** A POST of JSON; a string is sent as it stands. */
export async function post(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, json: text.startsWith('{') ? JSON.parse(text) : {}, headers: response.headers };
}

export async function get(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const response = await fetch(url, { headers });
  const text = await response.text();
  return {
    status: response.status,
    json: text.startsWith('{') ? JSON.parse(text) : { text },
    headers: response.headers,
  };
}

export const bearer = (accessToken: string): Record<string, string> => ({ authorization: `Bearer ${accessToken}` });

/** Places the plain order, with changes, at the price that the station asks for now. */
export async function placePlainOrder(
  url: string,
  changes: Readonly<Record<string, unknown>> = {},
): Promise<PlacedOrderMessage> {
  const answer = await post(
    `${url}/v1/orders`,
    { ...plainOrder, priceSeen: await priceAt(url, plainOrder.stationNumber, plainOrder.grade), ...changes },
    { 'idempotency-key': newKey() },
  );
  if (answer.status !== 201) throw new Error(`the order was refused: ${JSON.stringify(answer.json)}`);
  return answer.json as PlacedOrderMessage;
}

export async function priceAt(
  url: string,
  stationNumber: number,
  grade: string,
): Promise<{ pump: string; member: string | null }> {
  const { json } = await get(`${url}/v1/stations/${stationNumber}`);
  const grades = json['grades'] as readonly { grade: string; pumpPrice: string; memberPrice: string | null }[];
  const found = grades.find((one) => one.grade === grade);
  if (found === undefined) throw new Error(`station ${stationNumber} has no ${grade}`);
  return { pump: found.pumpPrice, member: found.memberPrice };
}

/** Asks until the order is as wanted; each question follows the answer before it, and the wait is bounded. */
export async function waitForOrder<Order extends { readonly state: string }>(
  url: string,
  placed: PlacedOrderMessage,
  wanted: (order: Order) => boolean,
  waitMsMax = 10_000,
): Promise<Order> {
  const until = Date.now() + waitMsMax;
  for (;;) {
    const { json } = await get(`${url}/v1/orders/${placed.order.orderId}`, bearer(placed.accessToken));
    const order = json as unknown as Order;
    if (wanted(order)) return order;
    if (Date.now() > until) throw new Error(`waited too long for an order that is ${JSON.stringify(order)}`);
  }
}
