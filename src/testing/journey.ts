import { createPrivateKey } from 'node:crypto';
import { startServer } from '../api/server.ts';
import { registerWebhook, simulatedAccounts, type Simulators } from '../cli/simulated-accounts.ts';
import { systemRandom } from '../base/random.ts';
import { isRefusal } from '../base/problem.ts';
import { formatPriceMilli } from '../base/volume.ts';
import { openDatabase } from '../database/database.ts';
import type { Alarm, AlarmName } from '../journey/alarm.ts';
import { auditRows } from '../journey/audit.sql.ts';
import { type Books, findBooks } from '../journey/books.ts';
import { type Journey, openJourney } from '../journey/journey.ts';
import { openLocalSignal } from '../journey/signal.ts';
import type { PlaceOrderMessage } from '../order/order.message.ts';
import type { OrderKey } from '../order/order.ts';
import type { PaymentAccounts } from '../payment/account.ts';
import type { Attempt } from '../payment/attempt.ts';
import {
  type CredentialsRecord as AlipayCredentials,
  makeCredentials as makeAlipayCredentials,
} from '../simulator/alipay/credentials.ts';
import { startAlipaySimulator } from '../simulator/alipay/simulator.ts';
import { startStripeSimulator } from '../simulator/stripe/simulator.ts';
import { createManualTimeline, type ManualTimeline } from '../simulator/service/timeline.ts';
import { type CredentialsRecord, makeCredentials, type PlatformKey } from '../simulator/wechat-pay/credentials.ts';
import { startWechatPaySimulator, type WechatPaySimulator } from '../simulator/wechat-pay/simulator.ts';
import { sampleStations } from '../station/sample-stations.ts';
import { newKey, plainOrder } from './cloud.ts';
import { testDatabaseUrl } from './database.ts';
import { saveSampleStations } from './sample-stations.ts';

/**
 * The journey on a database of its own, with the real WeChat Pay client opposite the real simulator, served over HTTP, all on one clock that
 * stands still until a test moves it. The janitor goes round only when a test says so.
 */
export type TestJourney = {
  readonly journey: Journey;
  readonly url: string;
  readonly databaseUrl: string;
  readonly wechatPay: WechatPaySimulator;
  readonly simulators: TestSimulators;
  /** Every notification as it left a payment service, oldest first, lost ones not among them. */
  readonly sent: readonly SentNotification[];
  readonly timeline: ManualTimeline;
  /** The alarms raised so far, oldest first. */
  readonly alarms: AlarmName[];
  /** What stands between us and WeChat Pay. */
  readonly wire: Wire;
  /** The key by which WeChat Pay signs, for tests of one who has stolen it. */
  readonly platformKey: PlatformKey;
  /** Another node on the same rows, which hears nothing of this one; with other accounts, or an ear of its own for alarms. */
  openNode(other?: { readonly accounts?: PaymentAccounts; readonly alarm?: Alarm }): Promise<Journey>;
  stop(): Promise<void>;
};

export type SentNotification = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type Wire = {
  /** Connections are refused before any byte is sent. */
  refused: boolean;
  /** How far our clock is from WeChat Pay's, in milliseconds. */
  clockSkewMs: number;
};

export type TestJourneyOptions = {
  readonly confirm?: 'never' | 'always';
  /** Which payment services there are besides WeChat Pay; default none. */
  readonly more?: readonly ('alipay' | 'stripe')[];
  /** WeChat Pay has today's bill today, which else comes the next morning. */
  readonly billsAtOnce?: boolean;
};

/** Our own patience with a payment service is seconds; of a call that is told to hang it is taken away sooner. */
const hangingMsMax = 300;

/** Keys take a while to make, so the worlds of one process share them. */
let sharedWechatPay: Promise<CredentialsRecord> | undefined;
let sharedAlipay: Promise<AlipayCredentials> | undefined;

export async function openTestJourney(options: TestJourneyOptions = {}): Promise<TestJourney> {
  const databaseUrl = await testDatabaseUrl();
  await saveSampleStations(databaseUrl);
  sharedWechatPay ??= makeCredentials(systemRandom);
  const timeline = createManualTimeline(Math.floor(Date.now() / 1000) * 1000);
  const sent: SentNotification[] = [];
  const simulators = await startSimulators(timeline, options, sent);
  const alarms: AlarmName[] = [];
  const wire: Wire = { refused: false, clockSkewMs: 0 };
  const accounts = simulatedAccounts(
    simulators,
    (service) => ({
      fetch: (target, init) =>
        fetch(wire.refused ? nobodyListens : target, {
          ...init,
          signal: AbortSignal.any([
            ...(init?.signal ? [init.signal] : []),
            ...(simulators[service]?.desk.faults().some((fault) => fault.kind.endsWith('hang'))
              ? [AbortSignal.timeout(hangingMsMax)]
              : []),
          ]),
        }),
      clock: () => timeline.now() + wire.clockSkewMs,
      random: systemRandom,
    }),
    options.confirm,
  );
  let url = '';
  const closing: (() => Promise<void>)[] = [];
  async function openNode(other: Parameters<TestJourney['openNode']>[0] = {}): Promise<Journey> {
    const db = openDatabase({ url: databaseUrl, connectionsMax: 4 });
    const journey = await openJourney({
      db,
      accounts,
      signal: openLocalSignal(),
      now: () => timeline.now(),
      random: systemRandom,
      alarm: (name) => void alarms.push(name),
      publicUrl: () => url,
      ...other,
    });
    closing.unshift(async () => {
      await journey.stop();
      await db.close();
    });
    return journey;
  }
  const journey = await openNode();
  const server = await startServer({
    journey,
    host: '127.0.0.1',
    port: 0,
    trustProxy: false,
    onError: () => undefined,
  });
  url = server.url;
  registerWebhook(simulators, accounts, url);
  return {
    journey,
    url,
    databaseUrl,
    wechatPay: simulators['wechat-pay'],
    simulators,
    sent,
    timeline,
    alarms,
    wire,
    platformKey: newestKey(await sharedWechatPay),
    openNode,
    async stop() {
      for (const simulator of Object.values(simulators)) await simulator.close();
      await server.stop();
      for (const close of closing) await close();
    },
  };
}

export type TestSimulators = Partial<Simulators> & Pick<Simulators, 'wechat-pay'>;

async function startSimulators(
  timeline: ManualTimeline,
  { more = [], billsAtOnce = false }: TestJourneyOptions,
  sent: SentNotification[],
): Promise<TestSimulators> {
  const recordingFetch: typeof fetch = (target, init) => {
    const headers = Object.fromEntries(new Headers(init?.headers).entries());
    // The simulators post texts to addresses, and nothing else.
    if (typeof target === 'string' && typeof init?.body === 'string')
      sent.push({ url: target, headers, body: init.body });
    return fetch(target, init);
  };
  const simulation = { timeline, billsAtOnce, fetch: recordingFetch };
  sharedWechatPay ??= makeCredentials(systemRandom);
  const wechatPay = await startWechatPaySimulator({ ...simulation, madeCredentials: await sharedWechatPay });
  if (more.includes('alipay')) sharedAlipay ??= makeAlipayCredentials(systemRandom);
  const madeCredentials = await sharedAlipay;
  return {
    'wechat-pay': wechatPay,
    ...(more.includes('alipay') && madeCredentials !== undefined
      ? { alipay: await startAlipaySimulator({ ...simulation, madeCredentials }) }
      : {}),
    ...(more.includes('stripe') ? { stripe: await startStripeSimulator(simulation) } : {}),
  };
}

function newestKey({ platform }: CredentialsRecord): PlatformKey {
  const newest = platform.at(-1);
  if (newest === undefined) throw new Error('the platform has no key');
  return { serial: newest.serial, key: createPrivateKey(newest.privatePem) };
}

/** A port that nothing is given to and that `fetch` does not refuse by itself: the connection is refused at once. */
const nobodyListens = 'http://127.0.0.1:2/';

/** Places the plain order, with changes, at today's price. */
export async function placeOrder(
  { journey, timeline }: Pick<TestJourney, 'journey' | 'timeline'>,
  changes: Partial<PlaceOrderMessage> = {},
): Promise<OrderKey> {
  const message = { ...plainOrder, priceSeen: samplePrice(plainOrder.stationNumber, plainOrder.grade), ...changes };
  const books = await journey.placeOrder({ message, idempotencyKey: newKey() });
  if (isRefusal(books)) throw new Error(`the order was refused at ${timeline.now()}: ${JSON.stringify(books)}`);
  return { stationNumber: books.order.stationNumber, orderId: books.order.orderId };
}

/** The price that a sample station asks for. */
export function samplePrice(stationNumber: number, grade: string): { pump: string; member: string | null } {
  const price = sampleStations(0)
    .find((station) => station.stationNumber === stationNumber)
    ?.grades.find((one) => one.grade === grade);
  if (price === undefined) throw new Error(`sample station ${stationNumber} sells no ${grade}`);
  return {
    pump: formatPriceMilli(price.pumpPriceMilli),
    member: price.memberPriceMilli === null ? null : formatPriceMilli(price.memberPriceMilli),
  };
}

export type Way = {
  readonly method?: string;
  /** Null: the one that fits the browser. */
  readonly surface?: string | null;
  readonly idempotencyKey?: string;
  readonly ip?: string;
  readonly userAgent?: string;
  readonly insists?: boolean;
};

/** The driver presses "pay". */
export const pressPay = ({ journey }: Pick<TestJourney, 'journey'>, key: OrderKey, way: Way = {}) =>
  journey.startPayment({
    ...key,
    idempotencyKey: way.idempotencyKey ?? newKey(),
    method: way.method ?? 'wechat-pay',
    surface: way.surface === undefined ? 'wechat.native' : way.surface,
    payer: { ip: way.ip ?? '203.0.113.7', userAgent: way.userAgent ?? 'test' },
    insists: way.insists ?? false,
  });

/** As `pressPay`, where nothing may be refused. */
export async function startPaying(world: TestJourney, key: OrderKey, way: Way = {}): Promise<Attempt> {
  const attempt = await pressPay(world, key, way);
  if (isRefusal(attempt)) throw new Error(`paying was refused: ${JSON.stringify(attempt)}`);
  return attempt;
}

/** Places an order and opens its payment. */
export async function orderAndStart(world: TestJourney, way: Way = {}): Promise<{ key: OrderKey; attempt: Attempt }> {
  const key = await placeOrder(world);
  return { key, attempt: await startPaying(world, key, way) };
}

/** The driver pays; resolves when the notification was delivered, or as its fault has it. */
export async function pay(
  { wechatPay }: Pick<TestJourney, 'wechatPay'>,
  attemptRef: string,
  wish: Parameters<WechatPaySimulator['control']['pay']>[1] = {},
): Promise<void> {
  const outcome = wechatPay.control.pay(attemptRef, wish);
  if (outcome.kind !== 'paid') throw new Error(`${attemptRef} was not paid: ${outcome.reason}`);
  await wechatPay.control.settled();
}

/** The driver pays, and WeChat Pay's notification of it gets lost for the first time. */
export async function paySilently(
  world: Pick<TestJourney, 'wechatPay'>,
  attemptRef: string,
  wish: Parameters<WechatPaySimulator['control']['pay']>[1] = {},
): Promise<void> {
  world.wechatPay.control.addFault({ operation: 'notify', kind: 'drop', times: 1 });
  await pay(world, attemptRef, wish);
}

export async function booksOf({ journey }: Pick<TestJourney, 'journey'>, key: OrderKey): Promise<Books> {
  const books = (await findBooks(journey.db, [key])).get(key.orderId);
  if (books === undefined) throw new Error(`there is no order ${key.orderId}`);
  return books;
}

/** How often WeChat Pay was called for this: the operation, and a word that its address or body holds. */
export const countCalls = ({ wechatPay }: Pick<TestJourney, 'wechatPay'>, operation: string, about: string): number =>
  wechatPay.control
    .traffic()
    .filter((line) => line.operation === operation && (line.url.includes(about) || line.request.includes(about)))
    .length;

/**
 * The orders of earlier tests are over for the janitor, which would otherwise meet the troubles of the next test with them; and a service that was
 * down is found to be well again.
 */
export async function forgetOrders({ journey }: Pick<TestJourney, 'journey'>): Promise<void> {
  await journey.db.query('update payment_attempts set poll_at = null');
  await journey.db.query('update refunds set next_try_at = null');
  await journey.db.query("update orders set state = 'cancelled' where state = 'placed'");
  await journey.services.probe();
}

/** What the audit finds broken: nothing, in a house that is in order. */
export async function findBroken({ journey }: Pick<TestJourney, 'journey'>): Promise<readonly string[]> {
  return (await auditRows(journey.db)).flatMap(({ invariant, broken }) => broken.map((id) => `${invariant}: ${id}`));
}

const untilMsMax = 5_000;

/** Looks after each turn of the event loop, as long as it may take at most. */
export async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + untilMsMax;
  while (!(await done())) {
    if (Date.now() > end) throw new Error(`waited more than ${untilMsMax} ms`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
