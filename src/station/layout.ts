import { pumpNumberMax } from '../base/ids.ts';
import { type Refusal, refuse } from '../base/problem.ts';
import type { Station } from './station.ts';

export const nozzleNumberMax = 999;

/** What the driver named; null where he named none. */
export type NozzleWish = { readonly grade: string; readonly pump: number | null; readonly nozzle: number | null };

/** Pump null: only where the layout is not known. Nozzle null: any nozzle of that grade at the pump. */
export type ChosenNozzle = { readonly pump: number | null; readonly nozzle: number | null };

/**
 * Where the fuel will flow. At a station whose layout is known the pump must be named, by its number or by the number of a nozzle that only
 * one pump has; a nozzle that is not named is found where the pump has one of the grade. At a station whose layout is not known
 * (`nozzles` empty) any pump from 1 to 99 and any nozzle from 1 to 999 stands as named, and both may be missing.
 *
 * Refuses, in this order: grade_unknown, pump_unknown, nozzle_unknown, nozzle_other_grade.
 */
export function chooseNozzle(station: Pick<Station, 'nozzles' | 'grades'>, wish: NozzleWish): ChosenNozzle | Refusal {
  const sold = [...station.nozzles, ...station.grades].some(({ grade }) => grade === wish.grade);
  if (!sold) return refuse('grade_unknown');
  return station.nozzles.length === 0 ? takeAsNamed(wish) : findInLayout(station.nozzles, wish);
}

function takeAsNamed({ pump, nozzle }: NozzleWish): ChosenNozzle | Refusal {
  if (pump !== null && !isBetween(pump, pumpNumberMax)) return refuse('pump_unknown');
  if (nozzle !== null && !isBetween(nozzle, nozzleNumberMax)) return refuse('nozzle_unknown');
  return { pump, nozzle };
}

function findInLayout(nozzles: Station['nozzles'], wish: NozzleWish): ChosenNozzle | Refusal {
  const pump = wish.pump ?? onlyPumpWith(nozzles, wish.nozzle);
  const atPump = nozzles.filter((one) => one.pump === pump);
  if (pump === null || atPump.length === 0) return refuse('pump_unknown');
  const named = wish.nozzle === null ? atPump : atPump.filter((one) => one.nozzle === wish.nozzle);
  if (named.length === 0) return refuse('nozzle_unknown');
  const fitting = named.filter((one) => one.grade === wish.grade);
  if (fitting.length === 0)
    return refuse('nozzle_other_grade', { grades: [...new Set(named.map((one) => one.grade))] });
  return { pump, nozzle: fitting.length === 1 ? (fitting[0]?.nozzle ?? null) : null };
}

function onlyPumpWith(nozzles: Station['nozzles'], nozzle: number | null): number | null {
  const pumps = nozzles.filter((one) => one.nozzle === nozzle).map((one) => one.pump);
  return pumps.length === 1 ? (pumps[0] ?? null) : null;
}

const isBetween = (value: number, max: number): boolean => Number.isInteger(value) && value >= 1 && value <= max;
