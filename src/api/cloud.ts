import { minuteMs, systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import { type Database, openDatabase } from '../database/database.ts';
import { migrate } from '../database/migrate.ts';
import { createDailyReconciliation } from '../journey/daily-reconciliation.ts';
import { type Journey, openJourney } from '../journey/journey.ts';
import { type LimitedAlarms, limitAlarms } from '../journey/limit-alarms.ts';
import { createSendEvents } from '../journey/send-events.ts';
import { openLocalSignal, openPostgresSignal } from '../journey/signal.ts';
import { createPostEvent } from '../outgoing/post-event.ts';
import type { PaymentAccounts } from '../payment/account.ts';
import { startServer } from './server.ts';

/** One node of the cloud: database, journey, janitor and HTTP, started and stopped in the right order. */
export type Cloud = { readonly url: string; readonly journey: Journey; stop(): Promise<void> };

export type CloudOptions = {
  readonly databaseUrl: string;
  readonly host: string;
  readonly port: number;
  /** Where drivers and payment services reach us; default: the address that is listened on. */
  readonly publicUrl?: string;
  readonly trustProxy?: boolean;
  readonly accounts: PaymentAccounts;
  /** `postgres` where several nodes work on one database. */
  readonly signal: 'local' | 'postgres';
  /** Events may go to this machine itself, by http too. Default: no. */
  readonly eventsToLoopback?: boolean;
  readonly databaseConnectionsMax?: number;
  /** When the day before is reconciled, in milliseconds after midnight in Beijing; null or left out: only by hand. */
  readonly reconcileAtMs?: number | null;
  readonly log: CloudLog;
};

export type CloudLog = {
  info(detail: Readonly<Record<string, unknown>>, text: string): void;
  error(detail: Readonly<Record<string, unknown>>, text: string): void;
};

const janitorEveryMs = 500;
const sendEventsEveryMs = 500;
const sweepEveryMs = 5_000;
const reconcileEveryMs = 60_000;
/** How often a payment service that is down is asked how it is. */
const probeEveryMs = 10_000;

export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { log } = options;
  const db = openDatabase({
    url: options.databaseUrl,
    ...(options.databaseConnectionsMax === undefined ? {} : { connectionsMax: options.databaseConnectionsMax }),
  });
  const alarms = limitAlarms((name, detail) => log.error({ alarm: name, ...detail }, `alarm: ${name}`), systemClock);
  try {
    const applied = await migrate(db);
    if (applied.length > 0) log.info({ migrations: applied }, 'database brought up to date');
    return await startNode(options, db, alarms);
  } catch (error) {
    await db.close();
    throw error;
  }
}

async function startNode(options: CloudOptions, db: Database, alarms: LimitedAlarms): Promise<Cloud> {
  const { log } = options;
  const { alarm } = alarms;
  const signal =
    options.signal === 'local'
      ? openLocalSignal()
      : await openPostgresSignal(db, (error) => alarm('signal_failed', { error: String(error) }));
  const world = {
    db,
    accounts: options.accounts,
    signal,
    now: systemClock,
    random: systemRandom,
    alarm,
  };
  // Our own address is known only once the server listens, and nothing is called before that.
  let publicUrl = options.publicUrl;
  const journey = await openJourney({ ...world, publicUrl: () => publicUrl ?? 'http://localhost' });
  const server = await startServer({
    journey,
    host: options.host,
    port: options.port,
    trustProxy: options.trustProxy ?? false,
    onError: (error, method, url) =>
      log.error(
        { method, url, error: error instanceof Error ? (error.stack ?? error.message) : String(error) },
        'request failed',
      ),
  });
  publicUrl ??= server.url;
  const post = createPostEvent({ loopback: options.eventsToLoopback ?? false });
  const sending = createSendEvents({ ...world, subscriptions: journey.subscriptions, post });
  const janitorFailed = (error: unknown): void => alarm('janitor_failed', { error: String(error) });
  const eventsFailed = (error: unknown): void => alarm('events_unsent', { error: String(error) });
  // What lost signals leave is found by the next sweep.
  const nothing = (): void => undefined;
  const chores: Repeated[] = [
    ...journey.janitor.chores.map((chore) => repeat(janitorEveryMs, chore, janitorFailed)),
    repeat(probeEveryMs, () => journey.services.probe(), janitorFailed),
    repeat(sendEventsEveryMs, () => sending.begin(), eventsFailed),
    repeat(sweepEveryMs, () => journey.feeds.sweep(), nothing),
    repeat(sweepEveryMs, () => journey.orderFeeds.sweep(), nothing),
    repeat(minuteMs, async () => alarms.tellLeftOut(), nothing),
  ];
  const atMs = options.reconcileAtMs ?? null;
  if (atMs !== null) {
    const daily = createDailyReconciliation({
      ...world,
      accounts: journey.accounts,
      settle: journey.settlePayment,
      atMs,
    });
    const dailyFailed = (error: unknown): void => alarm('reconciliation_failed', { error: String(error) });
    chores.push(repeat(reconcileEveryMs, () => daily.run(), dailyFailed));
  }
  log.info({ url: server.url, publicUrl }, 'cloud is listening');
  return {
    url: server.url,
    journey,
    async stop() {
      await server.stop();
      await Promise.all(chores.map((chore) => chore.stop()));
      alarms.tellLeftOut();
      await sending.stop();
      await journey.stop();
      await signal.close();
      await db.close();
    },
  };
}

type Repeated = { stop(): Promise<void> };

/** Does `work` again and again, each time so long after it ended. */
function repeat(everyMs: number, work: () => Promise<void>, failed: (error: unknown) => void): Repeated {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  const workOnce = async (): Promise<void> => {
    try {
      await work();
    } catch (error) {
      failed(error);
    }
    if (!stopped) timer = setTimeout(run, everyMs);
  };
  const run = (): void => {
    running = workOnce();
  };
  timer = setTimeout(run, everyMs);
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
