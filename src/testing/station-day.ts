import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import { createTcpPrinter } from '../device/printer/tcp-printer.ts';
import { type SimulatedPrinter, startSimulatedPrinter } from '../simulator/printer/simulated-printer.ts';
import { enrolTerminal } from '../station/terminal.sql.ts';
import { startTerminal, type Terminal } from '../terminal/terminal.ts';
import { startTestCloud, type TestCloud, type TestCloudOptions } from './cloud.ts';

/** A cloud, and one station of it with its terminal and its printer. */
export type StationDay = TestCloud & { readonly printer: SimulatedPrinter; readonly terminal: Terminal };

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

export async function startStationDay(stationNumber: number, options: TestCloudOptions = {}): Promise<StationDay> {
  const forecourt = await startTestCloud(options);
  const printer = await startSimulatedPrinter({ printTimeMs: 0 });
  const folder = await mkdtemp(join(tmpdir(), 'forecourt-terminal-'));
  const { host, port } = printer;
  const device = createTcpPrinter({ id: 'printer-1', host, port, columns: 48, clock: systemClock });
  const terminal = await startTerminal({
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
    stationNumber,
    publicKeyRaw: Buffer.from(terminal.publicKey, 'base64url'),
  });
  return {
    ...forecourt,
    printer,
    terminal,
    async stop() {
      await terminal.stop();
      await device.close();
      await printer.close();
      await forecourt.stop();
      await rm(folder, { recursive: true });
    },
  };
}
