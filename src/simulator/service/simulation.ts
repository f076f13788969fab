import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Clock, secondMs, systemClock } from '../../base/clock.ts';
import { type Random, systemRandom } from '../../base/random.ts';
import type { DeskService } from './desk-service.ts';
import type { Outbox } from './notifier.ts';
import { forgetfulStore, openStore, type Store } from './store.sql.ts';
import { createRealTimeline, type Timeline } from './timeline.ts';
import { createTraffic, type Traffic } from './traffic.ts';

/**
 * What the simulated payment services share. A service is a folder beside this one and writes only what is its own: its protocol, keys, payments,
 * refunds, bills and cashier. It is put together in its `simulator.ts` (see `wechat-pay/simulator.ts`), in this order:
 *
 * 1. `openSimulation('alipay', options)`: the store (`alipay.sqlite` in the folder, or none), the timeline (a test's own, or real and scaled),
 *    randomness, traffic, and the signal that all is closing. Records are kept in the store under kinds of the service's choice; `notification` is
 *    the notifier's.
 * 2. `createFaults(faultWords)` (`faults.ts`): the service names its operations and its kinds of trouble, the common ones and its own, in one
 *    constant `as const satisfies FaultWords`.
 * 3. `startNotifier({ … deliver })` (`notifier.ts`): the service gives its retry delays and a function that signs and sends one notice once
 *    (`postNotice`) and says whether the merchant accepted it. Retries, faults, order, and survival of a restart are the notifier's.
 * 4. `openDoor(port)`: one HTTP server on the loopback interface, whose handler shares out the paths: the API by `serveCall` (`call-desk.ts`; the
 *    service finds the work for a call, checks the caller, answers and signs), `/_control/` by `serveControl` (`control.ts`), the rest to its cashier,
 *    whose pages are drawn with `createCashierLook` (`cashier-look.ts`).
 * 5. `deskParts` (`desk-service.ts`) with the service's payments and refunds in common words makes the `DeskService` by which a person plays it.
 * 6. `close` from `closeOnce(simulation, door, notifier)`.
 *
 * Small things: `ordered-endings.ts` (how the next refunds shall end), `random-text.ts`, `canonical.ts` (equal parameters), `beijing.ts`, `http-body.ts`.
 */
export type SimulatorOptions = {
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
  /** Instead of the machine's time: a clock that a test moves. */
  readonly timeline?: Timeline;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly fetch?: typeof globalThis.fetch;
};

export type RunningSimulator<Credentials, Control> = {
  /** Base address of the API, without a slash at the end. */
  readonly url: string;
  /** The list of payments that wait, for a person. */
  readonly cashierUrl: string;
  /** Fits the service's client as it stands. */
  readonly credentials: Credentials;
  readonly control: Control;
  readonly desk: DeskService;
  /** The second time changes nothing. */
  close(): Promise<void>;
};

export type Simulation = {
  readonly store: Store;
  readonly timeline: Timeline;
  readonly random: Random;
  readonly fetch: typeof globalThis.fetch;
  readonly traffic: Traffic;
  /** Aborted when the simulator stops. */
  readonly closing: AbortSignal;
  /** Changes the schedule's speed, unless a test moves the time. */
  setTimeScale(timeScale: number): void;
  /** Pays an order that was placed just now by itself, where the options say so. */
  autoPay(pay: () => void): void;
  /** Ends time and line; the store is closed last, when nothing is being written any more. */
  close(): void;
};

export function openSimulation(name: string, options: SimulatorOptions): Simulation {
  const { clock = systemClock, random = systemRandom, fetch = globalThis.fetch, timeScale = 1, autoPay } = options;
  const store = options.folder === undefined ? forgetfulStore : openStore(options.folder, name);
  const scaled = createRealTimeline(clock, timeScale);
  const timeline = options.timeline ?? scaled;
  const unscaled = options.timeline ?? createRealTimeline(clock, 1);
  const closing = new AbortController();
  return {
    store,
    timeline,
    random,
    fetch,
    traffic: createTraffic(),
    closing: closing.signal,
    setTimeScale: (next) => scaled.setScale(next),
    autoPay(pay) {
      if (autoPay !== undefined) unscaled.after(autoPay.delayMs, pay);
    },
    close() {
      closing.abort();
      timeline.close();
      unscaled.close();
    },
  };
}

const host = '127.0.0.1';
/** The real services keep a line open long between calls; shorter would reset a caller's idle connection in the middle of its next call. */
const keepAliveMs = 65 * secondMs;

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export type Door = {
  /** Without a slash at the end. */
  readonly url: string;
  /** A handler that throws is a defect: it becomes a warning of the process and a 500. */
  answerWith(handler: Handler): void;
  close(): Promise<void>;
};

/** Listens on the loopback interface. `port` 0 takes any free one. */
export async function openDoor(port: number): Promise<Door> {
  const server = createServer({ keepAliveTimeout: keepAliveMs });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, host, resolve);
  await promise;
  const address = server.address();
  if (typeof address !== 'object' || address === null)
    throw new Error(`listening at ${String(address)}, which is no port`);
  return {
    url: `http://${host}:${address.port}`,
    answerWith(handler) {
      server.on('request', (request, response) => void answerSafely(handler, request, response));
    },
    close() {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}

async function answerSafely(handler: Handler, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    await handler(request, response);
  } catch (error) {
    // A caller who went away in the middle of its body is no fault of the simulator.
    if (!request.destroyed) process.emitWarning(error instanceof Error ? error : String(error));
    if (!response.headersSent) response.writeHead(500);
    response.end();
  }
}

/** Stops everything in the one order in which nothing is lost. Called again it waits for the same end. */
export function closeOnce(simulation: Simulation, door: Door, outbox: Outbox): () => Promise<void> {
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    outbox.close();
    simulation.close();
    await door.close();
    await outbox.settled();
    simulation.store.close();
  };
  return () => {
    stopped ??= stop();
    return stopped;
  };
}
