import { openDatabase } from '../../src/database/database.ts';
import { migrate } from '../../src/database/migrate.ts';
import { sampleStations } from '../../src/station/sample-stations.ts';
import type { Station } from '../../src/station/station.ts';
import { saveStations } from '../../src/station/station.sql.ts';
import { enrolTerminal } from '../../src/station/terminal.sql.ts';

export const firstStation = 50_001;

/** So many copies of a sample station, far from each other, and a terminal's key for each. */
export async function prepareStations(
  databaseUrl: string,
  terminalKeys: readonly { terminalId: string; publicKey: string }[],
): Promise<void> {
  const db = openDatabase({ url: databaseUrl, connectionsMax: 1 });
  await migrate(db);
  const sample = sampleStations(Date.UTC(2026, 0, 1)).find((one) => one.stationNumber === 1003);
  if (sample === undefined) throw new Error('there is no sample station 1003');
  const stations: Station[] = terminalKeys.map((_, index) => ({
    ...sample,
    stationNumber: firstStation + index,
    latitude: -60 + (index % 100) * 1.2,
    longitude: -170 + Math.floor(index / 100) * 3,
  }));
  await db.transaction((tx) => saveStations(tx, stations, Date.now()));
  for (const [index, { terminalId, publicKey }] of terminalKeys.entries()) {
    await enrolTerminal(db, {
      terminalId,
      stationNumber: firstStation + index,
      publicKeyRaw: Buffer.from(publicKey, 'base64url'),
    });
  }
  await db.close();
}
