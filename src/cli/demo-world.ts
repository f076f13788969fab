import { join } from 'node:path';
import { type Cloud, type CloudLog, startCloud } from '../api/cloud.ts';
import { systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../database/embedded-postgres.ts';
import { createTcpPrinter } from '../device/printer/tcp-printer.ts';
import { type PaymentSimulators, startPaymentSimulators } from '../simulator/payment-simulators.ts';
import { type SimulatedPrinter, startSimulatedPrinter } from '../simulator/printer/simulated-printer.ts';
import { sampleStations } from '../station/sample-stations.ts';
import { findPositions, saveStations } from '../station/station.sql.ts';
import { enrolTerminal } from '../station/terminal.sql.ts';
import { startTerminal, type Terminal } from '../terminal/terminal.ts';
import { hireDemoStaff } from './demo-staff.ts';
import { registerWebhook, simulatedAccounts } from './simulated-accounts.ts';

/** Where the demo's one terminal stands. */
export type DemoStation = {
  readonly stationNumber: number;
  readonly name: string;
  readonly pump: number;
  readonly grade: string;
  readonly latitude: number;
  readonly longitude: number;
};

export type DemoWorld = {
  readonly cloud: Cloud;
  readonly payments: PaymentSimulators;
  readonly printer: SimulatedPrinter;
  readonly terminal: Terminal;
  readonly station: DemoStation;
  /** Lets a person of staff in. */
  readonly staffToken: string;
  stop(): Promise<void>;
};

export type DemoOptions = { readonly folder: string; readonly port: number; readonly say: (line: string) => void };

const demoStationNumber = 1003;
const demoPump = 3;
const demoGrade = '95';
const stationsFrom = Date.UTC(2026, 0, 1);

/** Cloud, payment services, terminal and printer in one process, each talking to the others as it would over the internet. */
export async function startDemoWorld(options: DemoOptions): Promise<DemoWorld> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const one of stops.toReversed()) await one();
  };
  try {
    return { ...(await startParts(options, stops)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(
  { folder, port, say }: DemoOptions,
  stops: (() => Promise<void>)[],
): Promise<Omit<DemoWorld, 'stop'>> {
  const postgres = await startEmbeddedPostgres({ folder: join(folder, 'postgres'), notice: say });
  stops.push(() => postgres.stop());
  say(`database  PostgreSQL ${postgres.version}, embedded, in ${folder}`);
  const payments = await startPaymentSimulators({ folder: join(folder, 'payments'), billsAtOnce: true });
  stops.push(() => payments.close());
  const cloud = await startDemoCloud(postgres, payments, port, demoLog(say));
  stops.push(() => cloud.stop());
  say(`cloud     ${cloud.url}`);
  const station = await saveSamples(cloud);
  const printer = await startSimulatedPrinter({ columns: 48 });
  stops.push(() => printer.close());
  const terminal = await startDemoTerminal({ folder, cloud, printer, stops, log: demoLog(say) });
  await enrolTerminal(cloud.journey.db, {
    terminalId: terminal.terminalId,
    stationNumber: station.stationNumber,
    publicKeyRaw: Buffer.from(terminal.publicKey, 'base64url'),
  });
  say(`terminal  ${terminal.terminalId} at ${station.name}, printer ${printer.host}:${printer.port}`);
  const staffToken = await hireDemoStaff(cloud.journey.db, station.stationNumber);
  return { cloud, payments, printer, terminal, station, staffToken };
}

/** The wished port, or a free one where another program has it. */
async function startDemoCloud(
  postgres: EmbeddedPostgres,
  payments: PaymentSimulators,
  port: number,
  log: CloudLog,
): Promise<Cloud> {
  const tools = { fetch: globalThis.fetch, clock: systemClock, random: systemRandom };
  const accounts = simulatedAccounts(payments.services, () => tools);
  const options = { databaseUrl: postgres.url, host: '127.0.0.1', accounts, signal: 'local', log } as const;
  const cloud = await startCloud({ ...options, port }).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    return startCloud({ ...options, port: 0 });
  });
  registerWebhook(payments.services, accounts, cloud.url);
  return cloud;
}

/** A person reads along: only what went wrong is said. */
const demoLog = (say: (line: string) => void) => ({
  info: () => undefined,
  warn: (detail: Readonly<Record<string, unknown>>, text: string) => say(`  (${text} ${JSON.stringify(detail)})`),
  error: (detail: Readonly<Record<string, unknown>>, text: string) => say(`  (${text} ${JSON.stringify(detail)})`),
});

async function saveSamples(cloud: Cloud): Promise<DemoStation> {
  const { db } = cloud.journey;
  const known = await findPositions(db);
  if (known.length === 0) {
    await db.transaction((tx) => saveStations(tx, sampleStations(stationsFrom), systemClock()));
    await cloud.journey.stations.refresh();
  }
  const station = sampleStations(stationsFrom).find((one) => one.stationNumber === demoStationNumber);
  if (station === undefined) throw new Error(`there is no sample station ${demoStationNumber}`);
  return { ...station, pump: demoPump, grade: demoGrade };
}

type TerminalParts = {
  readonly folder: string;
  readonly cloud: Cloud;
  readonly printer: SimulatedPrinter;
  readonly stops: (() => Promise<void>)[];
  readonly log: ReturnType<typeof demoLog>;
};

async function startDemoTerminal({ folder, cloud, printer, stops, log }: TerminalParts): Promise<Terminal> {
  const device = createTcpPrinter({
    id: 'printer-1',
    host: printer.host,
    port: printer.port,
    columns: 48,
    clock: systemClock,
  });
  const terminal = await startTerminal({
    folder: join(folder, 'terminal'),
    cloudUrl: new URL(cloud.url),
    device,
    clock: systemClock,
    random: systemRandom,
    fetch: globalThis.fetch,
    log,
  });
  stops.push(async () => {
    await terminal.stop();
    await device.close();
  });
  return terminal;
}
