import { openDatabase } from '../database/database.ts';
import { migrate } from '../database/migrate.ts';
import { sampleStations } from '../station/sample-stations.ts';
import { saveStations } from '../station/station.sql.ts';

/** Brings a database up to date and stores the sample stations in it. */
export async function saveSampleStations(databaseUrl: string): Promise<void> {
  const db = openDatabase({ url: databaseUrl, connectionsMax: 1 });
  await migrate(db);
  await db.transaction((tx) => saveStations(tx, sampleStations(Date.UTC(2026, 0, 1)), Date.now()));
  await db.close();
}
