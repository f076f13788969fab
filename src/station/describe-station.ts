import { formatInstant } from '../base/clock.ts';
import { formatMoneyMinor } from '../base/money.ts';
import { formatPriceMilli, formatVolumeMilli } from '../base/volume.ts';
import type { GradeMessage, NearbyMessage, StationMessage } from './station.message.ts';
import type { GradePrice, Station } from './station.ts';

/** A station as the wire has it: decimal strings and RFC 3339 instead of whole numbers, with the methods that can be paid by just now. */
export function toStationMessage(station: Station, methods: readonly string[] = station.methods): StationMessage {
  const {
    priceResolutionMilli,
    volumeStepMilli,
    orderMoneyMinorMin,
    orderMoneyMinorMax,
    orderVolumeMilliMax,
    ...same
  } = station;
  return {
    ...same,
    priceResolution: formatPriceMilli(priceResolutionMilli),
    volumeStep: formatVolumeMilli(volumeStepMilli),
    orderMoneyMin: formatMoneyMinor(orderMoneyMinorMin, station.currency),
    orderMoneyMax: formatMoneyMinor(orderMoneyMinorMax, station.currency),
    orderVolumeMax: formatVolumeMilli(orderVolumeMilliMax),
    methods: [...methods],
    nozzles: station.nozzles.map(({ pump, nozzle, grade }) => ({ pump, nozzle, grade })),
    grades: station.grades.map(toGradeMessage),
  };
}

export function toGradeMessage(price: GradePrice): GradeMessage {
  return {
    grade: price.grade,
    officialPrice: price.officialPriceMilli === null ? null : formatPriceMilli(price.officialPriceMilli),
    pumpPrice: formatPriceMilli(price.pumpPriceMilli),
    memberPrice: price.memberPriceMilli === null ? null : formatPriceMilli(price.memberPriceMilli),
    validFrom: formatInstant(price.validFrom),
    validUntil: price.validUntil === null ? null : formatInstant(price.validUntil),
  };
}

/** What the locate step found, without the stations themselves. */
export type Nearby = {
  readonly candidates: readonly {
    readonly stationNumber: number;
    readonly distanceMeters: number;
    readonly bearingDegrees: number;
  }[];
  readonly selected: { readonly stationNumber: number } | null;
  readonly reason: string | null;
};

/**
 * Candidates with their stations, distances in whole metres. One that left the database since the index was built is left out, and is then not
 * selected either.
 */
export function toNearbyMessage(
  nearby: Nearby,
  stations: readonly Station[],
  offered: (station: Station) => readonly string[] = ({ methods }) => methods,
): NearbyMessage {
  const byNumber = new Map(stations.map((station) => [station.stationNumber, station]));
  const candidates = nearby.candidates.flatMap(({ stationNumber, distanceMeters, bearingDegrees }) => {
    const station = byNumber.get(stationNumber);
    if (station === undefined) return [];
    const rounded = { distanceMeters: Math.round(distanceMeters), bearingDegrees: Math.round(bearingDegrees) % 360 };
    return [{ ...rounded, station: toStationMessage(station, offered(station)) }];
  });
  const selected =
    nearby.selected !== null && byNumber.has(nearby.selected.stationNumber) ? nearby.selected.stationNumber : null;
  const reason = selected === null ? (nearby.reason ?? 'no_station_in_range') : null;
  return { candidates, selected, reason };
}
