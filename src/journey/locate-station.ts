import { readPumpCode } from '../base/ids.ts';
import { isRefusal, type Refusal, refuse } from '../base/problem.ts';
import {
  bearingDegrees,
  type CheckedPosition,
  checkPosition,
  distanceMeters,
  type Position,
} from '../station/position.ts';
import type { FoundStation, StationIndex } from '../station/station-index.ts';

/** Step 2 of the journey: at which station does the driver stand? Rules of field.md section 7 and devices.md section 8. */

export const candidateMax = 3;
export const rangeMeters = 500;
export const accuracyMetersMax = 250;
export const speedMetersPerSecondMax = 13;
export const selectBelowMeters = 150;
export const selectMarginAccuracies = 3;

export type LocateRequest = {
  readonly stationNumber?: number | undefined;
  readonly pumpCode?: string | undefined;
  readonly position?: Position | undefined;
};

/** Bearing: degrees clockwise from north, from the driver to the station. */
export type Candidate = {
  readonly stationNumber: number;
  readonly distanceMeters: number;
  readonly bearingDegrees: number;
};

/** Why nothing was selected, though the request was in order: then the driver chooses, or scans the code on the pump. */
export type NotSelected = 'moving_too_fast' | 'position_too_vague' | 'no_station_in_range' | 'station_ambiguous';

/** Candidates nearest first, at most three; none where a code or a number named the station and no position came with it. */
export type Location =
  | {
      readonly selected: { readonly stationNumber: number; readonly pump: number | null };
      readonly reason: null;
      readonly candidates: readonly Candidate[];
    }
  | { readonly selected: null; readonly reason: NotSelected; readonly candidates: readonly Candidate[] };

/**
 * The pump's code decides, then the number that the driver chose, then the position alone. A station that was named is still checked
 * against the position, where there is one (field.md F13).
 *
 * Refuses, in this order: position_invalid, accuracy_missing, pump_code_invalid, station_ambiguous (code and number name two
 * stations), station_unknown, station_too_far; position_missing where nothing at all was given. What is no refusal but leaves the choice to
 * the driver stands in `reason`.
 */
export function locateStation(index: StationIndex, request: LocateRequest): Location | Refusal {
  const { stationNumber, pumpCode } = request;
  const position = request.position === undefined ? null : checkPosition(request.position);
  if (isRefusal(position)) return position;
  if (pumpCode !== undefined) {
    const named = readPumpCode(pumpCode);
    if (named === null) return refuse('pump_code_invalid');
    if (stationNumber !== undefined && stationNumber !== named.stationNumber) {
      return refuse('station_ambiguous', { stationNumbers: [named.stationNumber, stationNumber] });
    }
    return takeNamed(index, named, position);
  }
  if (stationNumber !== undefined) return takeNamed(index, { stationNumber, pump: null }, position);
  if (position === null) return refuse('position_missing');
  return takeNearest(index, position);
}

/**
 * Takes the station that was named. A position may be wrong by its accuracy, so the station may lie 500 m and that accuracy away: a vague position
 * proves little in either direction. The gates for accuracy and speed are for choosing by position; naming the station is the way
 * around them (field.md F14).
 */
function takeNamed(
  index: StationIndex,
  named: { readonly stationNumber: number; readonly pump: number | null },
  position: CheckedPosition | null,
): Location | Refusal {
  const station = index.find(named.stationNumber);
  if (station === undefined) return refuse('station_unknown');
  if (position === null) return { selected: named, reason: null, candidates: [] };
  const distance = distanceMeters(position, station);
  if (distance > rangeMeters + position.accuracyMeters) {
    return refuse('station_too_far', { distanceMeters: Math.round(distance) });
  }
  return {
    selected: named,
    reason: null,
    candidates: [toCandidate(position, { ...station, distanceMeters: distance })],
  };
}

/** The second nearest matters as far as it can lie inside the margin, which is farther than what is offered to the driver. */
const searchMeters = selectBelowMeters + selectMarginAccuracies * accuracyMetersMax;

function takeNearest(index: StationIndex, position: CheckedPosition): Location {
  const found = index.nearest(position, searchMeters, candidateMax);
  const candidates = found.filter((one) => one.distanceMeters <= rangeMeters).map((one) => toCandidate(position, one));
  const reason = whyNotNearest(found, position);
  const [nearest] = candidates;
  if (reason !== null || nearest === undefined)
    return { selected: null, reason: reason ?? 'no_station_in_range', candidates };
  return { selected: { stationNumber: nearest.stationNumber, pump: null }, reason: null, candidates };
}

/** Null where the nearest may be taken without asking: nearer than 150 m, and its margin over the second above 3 x accuracy. */
function whyNotNearest(found: readonly FoundStation[], position: CheckedPosition): NotSelected | null {
  const [nearest, second] = found;
  if ((position.speedMetersPerSecond ?? 0) > speedMetersPerSecondMax) return 'moving_too_fast';
  if (position.accuracyMeters > accuracyMetersMax) return 'position_too_vague';
  if (nearest === undefined || nearest.distanceMeters > rangeMeters) return 'no_station_in_range';
  const marginMeters = (second?.distanceMeters ?? Number.POSITIVE_INFINITY) - nearest.distanceMeters;
  const certain =
    nearest.distanceMeters < selectBelowMeters && marginMeters > selectMarginAccuracies * position.accuracyMeters;
  return certain ? null : 'station_ambiguous';
}

function toCandidate(position: CheckedPosition, found: FoundStation): Candidate {
  return {
    stationNumber: found.stationNumber,
    distanceMeters: found.distanceMeters,
    bearingDegrees: bearingDegrees(position, found),
  };
}
