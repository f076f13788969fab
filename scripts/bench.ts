import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openDatabase } from '../src/database/database.ts';
import { startEmbeddedPostgres } from '../src/database/embedded-postgres.ts';
import type { WechatPaySimulator } from '../src/simulator/wechat-pay/simulator.ts';
import { prepareCloudProcess } from '../src/testing/cloud-process.ts';
import { measureIdleOrder } from './bench/idle-order.ts';
import type { LoadHello, LoadResult, LoadWish } from './bench/load.ts';
import { measureNearest } from './bench/nearest.ts';
import { measureNotifications } from './bench/notifications.ts';
import { p50, p99 } from './bench/percentiles.ts';
import { prepareStations } from './bench/stations.ts';
import { debianPostgres } from './debian-packages.ts';

/**
 * `npm run bench`: whole journeys over HTTP against one cloud node on the embedded PostgreSQL, beside pgbench's TPC-B on the same server in the
 * same run. Drivers, terminals and WeChat Pay share a second process. Bounded, on loopback, ends by itself in about two minutes.
 */
const stationCount = 200;
const drivers = 256;
const warmUpMs = 5_000;
const measureMs = 20_000;
const pgbenchScale = 50;
const pgbenchClients = 16;
const pgbenchSeconds = 20;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

type Pgbench = { readonly transactionsPerSecond: number; readonly latencyMs: number };

/** TPC-B as pgbench ships it, in a database of its own on the same server; null where pgbench is not installed. */
async function measurePgbench(url: string): Promise<Pgbench | null> {
  const folder = debianPostgres();
  if (folder === null) return null;
  await execute(url, ['create database pgbench']);
  const target = new URL(url);
  target.pathname = '/pgbench';
  const run = (words: readonly string[]): string => {
    const done = spawnSync(join(folder, 'pgbench'), [...words, target.href], { encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`pgbench failed: ${done.stderr}`);
    return done.stdout;
  };
  run(['-i', '-q', '-s', String(pgbenchScale)]);
  const text = run(['-c', String(pgbenchClients), '-j', '2', '-T', String(pgbenchSeconds)]);
  // What it left behind is not to be swept up while the journeys run.
  await execute(url, ['drop database pgbench', 'checkpoint']);
  return {
    transactionsPerSecond: Number(/tps = ([\d.]+)/.exec(text)?.[1]),
    latencyMs: Number(/latency average = ([\d.]+)/.exec(text)?.[1]),
  };
}

async function execute(url: string, statements: readonly string[]): Promise<void> {
  const db = openDatabase({ url, connectionsMax: 1 });
  for (const statement of statements) await db.query(statement);
  await db.close();
}

/** The load generator's process, spoken to in lines of JSON. */
function startLoad(): {
  readonly child: ChildProcess;
  hello(): Promise<LoadHello>;
  drive(wish: LoadWish): Promise<LoadResult>;
} {
  const child = spawn(process.execPath, [new URL('./bench/load.ts', import.meta.url).pathname, String(stationCount)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const line = await lines.next();
    if (line.done === true) throw new Error('the load generator ended');
    return line.value;
  };
  return {
    child,
    // Only `load.ts` writes these lines.
    hello: async () => JSON.parse(await next()) as LoadHello,
    async drive(wish) {
      child.stdin.write(`${JSON.stringify(wish)}\n`);
      return JSON.parse(await next()) as LoadResult;
    },
  };
}

async function peakMemoryMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024);
}

async function cpuSecondsOf(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function isDurable(url: string): Promise<boolean> {
  const db = openDatabase({ url, connectionsMax: 1 });
  const rows = await db.query<{ setting: string }>(
    "select setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes')",
  );
  await db.close();
  return rows.length === 3 && rows.every(({ setting }) => setting === 'on');
}

const folder = await mkdtemp(join(tmpdir(), 'forecourt-bench-'));
const postgres = await startEmbeddedPostgres({ folder: join(folder, 'postgres') });
const load = startLoad();
try {
  say(
    `# Bench: ${cpus().length} x ${cpus()[0]?.model ?? '?'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}, PostgreSQL ${postgres.version}`,
  );
  const durable = await isDurable(postgres.url);
  const nearest = measureNearest();
  say(`nearest of 100,000 stations: p50 ${nearest.p50Us.toFixed(1)} us, p99 ${nearest.p99Us.toFixed(1)} us`);
  const idle = await measureIdleOrder(postgres.url, folder);
  say(
    `one order on an idle server, POST to printed report: p50 ${p50(idle).toFixed(1)} ms, p99 ${p99(idle).toFixed(1)} ms (${idle.length} orders)`,
  );
  const pgbench = await measurePgbench(postgres.url);
  say(
    pgbench === null
      ? 'pgbench is not installed (postgresql-15)'
      : `pgbench TPC-B, scale ${pgbenchScale}, ${pgbenchClients} clients: ${pgbench.transactionsPerSecond.toFixed(0)}/s, ${pgbench.latencyMs.toFixed(1)} ms`,
  );
  const hello = await load.hello();
  await prepareStations(postgres.url, hello.terminalKeys);
  // The credentials are those of the simulator in the other process.
  const cloud = await prepareCloudProcess(
    postgres.url,
    hello.wechatPay as Pick<WechatPaySimulator, 'url' | 'credentials'>,
    { FORECOURT_SIGNAL: 'local' },
  );
  await cloud.start();
  const pid = cloud.pid() ?? 0;
  const cpuBefore = await cpuSecondsOf(pid);
  const result = await load.drive({ cloudUrl: cloud.url, drivers, warmUpMs, measureMs });
  const cloudCpu = (await cpuSecondsOf(pid)) - cpuBefore;
  const memory = await peakMemoryMb(pid);
  await cloud.close();
  const rate = result.journeys / result.seconds;
  const { pureP50Ms, storedCpuMs, burst } = await measureNotifications(postgres.url);
  say(
    `verify, judge and permit one notification: p50 ${pureP50Ms.toFixed(3)} ms of one core; stored too: ${storedCpuMs.toFixed(3)} ms of the node's`,
  );
  say(
    `burst of ${burst.answers} notifications, 30 % of them repeated: all answered in ${burst.seconds.toFixed(2)} s, the slowest ${burst.slowestMs.toFixed(0)} ms after the burst began, ${burst.refused} refused`,
  );
  say(
    `journeys, ${drivers} drivers at ${stationCount} stations: ${rate.toFixed(0)} paid, printed and reported orders/s (${result.journeys} in ${result.seconds.toFixed(1)} s, ${result.failures} failed)`,
  );
  for (const [step, samples] of Object.entries(result.steps))
    say(
      `  ${step.padEnd(7)} p50 ${p50(samples).toFixed(1).padStart(7)} ms   p99 ${p99(samples).toFixed(1).padStart(7)} ms`,
    );
  say(
    `  cloud: ${memory} MB at its peak, ${((1000 * cloudCpu) / ((result.journeys * (warmUpMs + measureMs)) / measureMs)).toFixed(2)} ms CPU an order; load, terminals and WeChat Pay: ${((1000 * result.cpuSeconds) / result.journeys).toFixed(2)} ms`,
  );
  if (pgbench !== null) say(`ratio to pgbench TPC-B: ${(rate / pgbench.transactionsPerSecond).toFixed(2)}`);
  say(
    durable && result.failures === 0 && burst.refused === 0
      ? 'valid: fsync, synchronous_commit and full_page_writes are on for both'
      : 'INVALID: not durable, or journeys failed',
  );
} finally {
  load.child.kill();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
