import KDBush from 'kdbush';
import { distanceMeters, earthRadiusMeters, type Place } from './position.ts';

/** Where a station stands, WGS-84 degrees. */
export type StationPlace = Place & { readonly stationNumber: number };

export type FoundStation = StationPlace & { readonly distanceMeters: number };

export type StationIndex = {
  readonly stationCount: number;
  /** Stations at most `rangeMeters` away, nearest first (of equally near ones the lower number), at most `countMax`. */
  nearest(place: Place, rangeMeters: number, countMax: number): readonly FoundStation[];
  find(stationNumber: number): StationPlace | undefined;
};

/**
 * All stations in memory: a k-d tree over the degrees gives those in a box around the place, the haversine formula those in the circle.
 * The tree is never changed; a new set of stations is a new index.
 */
export function createStationIndex(stations: readonly StationPlace[]): StationIndex {
  const tree = new KDBush(stations.length);
  for (const { longitude, latitude } of stations) tree.add(longitude, latitude);
  tree.finish();
  const byNumber = new Map(stations.map((station) => [station.stationNumber, station]));

  function nearest(place: Place, rangeMeters: number, countMax: number): readonly FoundStation[] {
    const found: FoundStation[] = [];
    for (const [west, south, east, north] of boxesAround(place, rangeMeters)) {
      for (const at of tree.range(west, south, east, north)) {
        const station = stations[at];
        if (station === undefined) throw new Error(`the tree holds ${at} beyond ${stations.length} stations`);
        const distance = distanceMeters(place, station);
        if (distance <= rangeMeters) found.push({ ...station, distanceMeters: distance });
      }
    }
    return found.sort(byDistance).slice(0, countMax);
  }

  return { stationCount: stations.length, nearest, find: (stationNumber) => byNumber.get(stationNumber) };
}

const byDistance = (a: FoundStation, b: FoundStation): number =>
  a.distanceMeters - b.distanceMeters || a.stationNumber - b.stationNumber;

type Box = readonly [west: number, south: number, east: number, north: number];

/** Wider than the circle by this share, so that rounding never loses a station at its rim; the distance decides. */
const boxMargin = 1e-9;

/** One box of degrees that holds the circle, two where it lies across the 180th meridian, all longitudes where it holds a pole. */
function boxesAround(place: Place, rangeMeters: number): readonly Box[] {
  const angle = (rangeMeters / earthRadiusMeters) * (1 + boxMargin) + boxMargin * 1e-3;
  const latitude = (place.latitude * Math.PI) / 180;
  const south = degrees(latitude - angle);
  const north = degrees(latitude + angle);
  if (north >= 90 || south <= -90) return [[-180, south, 180, north]];
  // The circle's easternmost point lies nearer to the pole than its centre, hence more than angle / cos(latitude).
  const half = degrees(Math.asin(Math.sin(angle) / Math.cos(latitude)));
  const west = place.longitude - half;
  const east = place.longitude + half;
  if (west < -180) {
    return [
      [-180, south, east, north],
      [west + 360, south, 180, north],
    ];
  }
  if (east > 180) {
    return [
      [west, south, 180, north],
      [-180, south, east - 360, north],
    ];
  }
  return [[west, south, east, north]];
}

const degrees = (radians: number): number => (radians * 180) / Math.PI;
