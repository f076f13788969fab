import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Clock, secondMs, systemClock } from '../../base/clock.ts';
import { type Random, systemRandom } from '../../base/random.ts';
import { createBills } from './bill-file.ts';
import { serveCashier } from './cashier.ts';
import { type Control, createControl, serveControl } from './control.ts';
import { type CredentialsRecord, loadCredentials, type MerchantCredentials } from './credentials.ts';
import { createFaults } from './faults.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { startNotifier } from './notifier.ts';
import { serveApi, type ServiceSettings } from './wechat-pay-api.ts';
import { forgetfulStore, openStore } from './store.sql.ts';
import { openTill, type Till } from './till.ts';
import { createRealTimeline, type Timeline } from './timeline.ts';
import { createTraffic } from './traffic.ts';

const host = '127.0.0.1';
/** The real service keeps a line open long between calls; shorter would reset a caller's idle connection in the middle of its next call. */
const keepAliveMs = 65 * secondMs;

export type WechatPaySimulatorOptions = {
  /** 0 or none: any free one. */
  readonly port?: number;
  /** Keys, payments, refunds and unsent notifications are kept here between starts; none: in memory only. */
  readonly folder?: string;
  /** 60 makes a minute of retries and refunds pass in a second. The hour itself is never scaled. */
  readonly timeScale?: number;
  /** Pays every order by itself, so many real milliseconds after it was placed. */
  readonly autoPay?: { readonly delayMs: number };
  /** Gives a bill for today too, which the real service has only the next morning. */
  readonly billsAtOnce?: boolean;
  /** Made before by `makeCredentials`, where many simulators start and none should wait for keys. */
  readonly madeCredentials?: CredentialsRecord;
  /** Instead of the machine's time: a clock that a test moves. */
  readonly timeline?: Timeline;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly fetch?: typeof globalThis.fetch;
};

export type WechatPaySimulator = {
  /** Base address of the API, without a slash at the end. */
  readonly url: string;
  /** The list of payments that wait, for a person. */
  readonly cashierUrl: string;
  /** Fits `createWechatPay` as it stands. */
  readonly credentials: MerchantCredentials;
  readonly control: Control;
  /** The second time changes nothing. */
  close(): Promise<void>;
};

/** Starts a WeChat Pay of our own for one merchant, on the loopback interface. */
export async function startWechatPaySimulator(options: WechatPaySimulatorOptions = {}): Promise<WechatPaySimulator> {
  const { clock = systemClock, random = systemRandom, fetch = globalThis.fetch, timeScale = 1 } = options;
  const store = options.folder === undefined ? forgetfulStore : openStore(options.folder);
  const scaled = createRealTimeline(clock, timeScale);
  const timeline = options.timeline ?? scaled;
  const unscaled = options.timeline ?? createRealTimeline(clock, 1);
  const credentials = await loadCredentials(store, random, options.madeCredentials);
  const ledger = openLedger(store, timeline, random);
  const faults = createFaults();
  const traffic = createTraffic();
  const notifier = startNotifier({ credentials, timeline, random, faults, traffic, store, fetch });
  const till = openTill(ledger, notifier, credentials);
  const setTimeScale = (next: number): void => scaled.setScale(next);
  const control = createControl({ credentials, ledger, faults, notifier, traffic, till, setTimeScale });
  const server = createServer({ keepAliveTimeout: keepAliveMs });
  const url = await listen(server, options.port ?? 0);
  const service: ServiceSettings = {
    credentials,
    ledger,
    faults,
    traffic,
    origin: url,
    bills: createBills(ledger, credentials, options.billsAtOnce ?? false),
    place: { merchantId: credentials.merchantId, appId: credentials.appId, cashierUrl: `${url}/cashier` },
    onPlaced(outTradeNo) {
      const { autoPay } = options;
      if (autoPay !== undefined) unscaled.after(autoPay.delayMs, () => void till.pay(ledger.findPayment(outTradeNo)));
    },
    onRefund: (refund) => till.finishLater(refund),
  };
  server.on('request', (request, response) => void answer({ service, control, ledger, till }, request, response));

  async function stop(): Promise<void> {
    notifier.close();
    timeline.close();
    unscaled.close();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await notifier.settled();
    store.close();
  }
  let stopped: Promise<void> | undefined;
  const close = (): Promise<void> => {
    stopped ??= stop();
    return stopped;
  };
  return { url, cashierUrl: `${url}/cashier/`, credentials: credentials.forMerchant(), control, close };
}

type Desks = {
  readonly service: ServiceSettings;
  readonly control: Control;
  readonly ledger: Ledger;
  readonly till: Till;
};

/** One server, three desks: the API that is simulated, the cashier for payers, the control for whoever plays the service. */
async function answer(desks: Desks, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const path = request.url ?? '/';
    if (path.startsWith('/v3/')) return await serveApi(desks.service, request, response);
    const url = new URL(desks.service.origin + path);
    if (url.pathname.startsWith('/_control/')) return await serveControl(desks.control, request, response, url);
    return await serveCashier(desks, request, response, url);
  } catch (error) {
    // A caller who went away in the middle of its body is no fault of the simulator.
    if (!request.destroyed) process.emitWarning(error instanceof Error ? error : String(error));
    if (!response.headersSent) response.writeHead(500);
    response.end();
  }
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      if (typeof address !== 'object' || address === null)
        reject(new Error(`listening at ${String(address)}, which is no port`));
      else resolve(`http://${host}:${address.port}`);
    });
  });
}
