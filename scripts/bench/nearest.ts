import { locateStation } from '../../src/journey/locate-station.ts';
import { createStationIndex } from '../../src/station/station-index.ts';
import { percentile } from './percentiles.ts';

const stationCount = 100_000;
const lookups = 200_000;

/** Microseconds of the whole step "locate" from a position in China's datum, among stations as dense as a big country's cities. */
export function measureNearest(): { readonly p50Us: number; readonly p99Us: number } {
  let seed = 1;
  const random = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const place = () => ({ latitude: 22 + random() * 18, longitude: 100 + random() * 20 });
  const index = createStationIndex(
    Array.from({ length: stationCount }, (_, number) => ({ stationNumber: number + 1, ...place() })),
  );
  const tookUs: number[] = [];
  for (let count = 0; count < lookups; count += 1) {
    const position = { ...place(), accuracyMeters: 30, datum: 'GCJ-02' } as const;
    const began = performance.now();
    locateStation(index, { position });
    tookUs.push((performance.now() - began) * 1000);
  }
  return { p50Us: percentile(tookUs, 0.5), p99Us: percentile(tookUs, 0.99) };
}
