import { createRequire } from 'node:module';
import { type Refusal, refuse } from '../base/problem.ts';

// The package is CommonJS and its types describe an ES module, so neither form of `import` both runs and type-checks.
const gcoord: typeof import('gcoord').default = createRequire(import.meta.url)('gcoord');

/**
 * WGS-84 is what satellites and browsers give. GCJ-02 is the shifted datum of Chinese maps (Amap, Tencent, positions from WeChat), up to some
 * 700 m off; BD-09 is Baidu's, shifted once more.
 */
export type Datum = 'WGS-84' | 'GCJ-02' | 'BD-09';

export const datums = ['WGS-84', 'GCJ-02', 'BD-09'] as const satisfies readonly Datum[];

/** A place on earth in WGS-84 degrees. */
export type Place = { readonly latitude: number; readonly longitude: number };

/** A phone's position as it came. */
export type Position = Place & {
  readonly datum: Datum;
  readonly accuracyMeters?: number | undefined;
  readonly speedMetersPerSecond?: number | undefined;
};

/** A position that may be reckoned with: WGS-84, accuracy above zero, speed null where the phone does not know it. */
export type CheckedPosition = Place & { readonly accuracyMeters: number; readonly speedMetersPerSecond: number | null };

/**
 * Refuses, in this order: position_invalid (beyond the degrees that exist), accuracy_missing (none, or none above zero: a position that claims
 * to be without any error is no measurement). Speeds below zero are how some phones say that they do not know.
 */
export function checkPosition(position: Position): CheckedPosition | Refusal {
  const { accuracyMeters, speedMetersPerSecond } = position;
  if (!isOnEarth(position)) return refuse('position_invalid');
  if (accuracyMeters === undefined || !Number.isFinite(accuracyMeters) || accuracyMeters <= 0) {
    return refuse('accuracy_missing');
  }
  const known =
    speedMetersPerSecond !== undefined && Number.isFinite(speedMetersPerSecond) && speedMetersPerSecond >= 0;
  return {
    ...toWgs84(position, position.datum),
    accuracyMeters,
    speedMetersPerSecond: known ? speedMetersPerSecond : null,
  };
}

export const isOnEarth = ({ latitude, longitude }: Place): boolean =>
  Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;

/** Outside China GCJ-02 is the same as WGS-84. The conversion back is exact to about 0.1 m. */
export function toWgs84(place: Place, datum: Datum): Place {
  if (datum === 'WGS-84') return { latitude: place.latitude, longitude: place.longitude };
  const from = datum === 'GCJ-02' ? gcoord.GCJ02 : gcoord.BD09;
  const [longitude, latitude] = gcoord.transform<[number, number]>(
    [place.longitude, place.latitude],
    from,
    gcoord.WGS84,
  );
  return { latitude, longitude };
}

/** Mean radius of the earth (IUGG), as a sphere; wrong by at most 0.5 %, which is 2.5 m in 500 m. */
export const earthRadiusMeters = 6_371_008.8;

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Great-circle distance by the haversine formula, which stays exact for short distances. */
export function distanceMeters(a: Place, b: Place): number {
  const sinLatitude = Math.sin(radians(b.latitude - a.latitude) / 2);
  const sinLongitude = Math.sin(radians(b.longitude - a.longitude) / 2);
  const chord = sinLatitude ** 2 + Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * sinLongitude ** 2;
  return 2 * earthRadiusMeters * Math.asin(Math.min(1, Math.sqrt(chord)));
}

/** Where to look from `a` to see `b`: degrees clockwise from north, 0 to below 360. */
export function bearingDegrees(a: Place, b: Place): number {
  const turn = radians(b.longitude - a.longitude);
  const [from, to] = [radians(a.latitude), radians(b.latitude)];
  const east = Math.sin(turn) * Math.cos(to);
  const north = Math.cos(from) * Math.sin(to) - Math.sin(from) * Math.cos(to) * Math.cos(turn);
  const degrees = (Math.atan2(east, north) * 180) / Math.PI;
  return degrees < 0 ? (degrees + 360) % 360 : degrees;
}
