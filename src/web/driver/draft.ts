import type { GradeMessage, StationMessage } from '../../station/station.message.ts';
import { usualMethod } from './usual-method.ts';

/** What the driver has filled in so far. Nothing is chosen for him that he could pay for by mistake: no grade, no quantity. */
export type Draft = {
  readonly pump: number | null;
  readonly grade: string | null;
  readonly by: 'money' | 'volume';
  /** As typed. */
  readonly quantity: string;
  readonly plate: string;
  readonly method: string | null;
};

export const plateLengthMax = 32;
const pumpNumberMax = 99;

/** An empty order. The pump is known where its code was read, the method where there is only one or the browser is the wallet itself. */
export const beginDraft = (station: StationMessage, pump: number | null, wallet: string | null): Draft => ({
  pump,
  grade: null,
  by: 'money',
  quantity: '',
  plate: '',
  method: usualMethod(station.methods, [wallet]),
});

/** The pumps of the station in order; empty where its layout is not known. */
export function pumpsOf(station: StationMessage): readonly number[] {
  return [...new Set(station.nozzles.map((nozzle) => nozzle.pump))].sort((a, b) => a - b);
}

/** The grades that can be had at that pump: those of its nozzles; all where the layout or the pump is not known. */
export function gradesAt(station: StationMessage, pump: number | null): readonly GradeMessage[] {
  if (pump === null || station.nozzles.length === 0) return station.grades;
  const given = new Set(station.nozzles.filter((nozzle) => nozzle.pump === pump).map((nozzle) => nozzle.grade));
  return station.grades.filter(({ grade }) => given.has(grade));
}

export const gradeOf = (station: StationMessage, draft: Draft): GradeMessage | null =>
  gradesAt(station, draft.pump).find(({ grade }) => grade === draft.grade) ?? null;

/** Another pump keeps the grade only where that pump gives it. */
export function choosePump(station: StationMessage, draft: Draft, pump: number | null): Draft {
  const kept = gradesAt(station, pump).some(({ grade }) => grade === draft.grade);
  return { ...draft, pump, grade: kept ? draft.grade : null };
}

/** Another kind of quantity empties the field: 200 yuan must never turn into 200 litres. */
export const chooseKind = (draft: Draft, by: Draft['by']): Draft =>
  by === draft.by ? draft : { ...draft, by, quantity: '' };

export type Missing = 'pump' | 'grade' | 'quantity' | 'method';

/** What the draft still lacks, in the order of the page. */
export function missingIn(station: StationMessage, draft: Draft): readonly Missing[] {
  const missing: Missing[] = [];
  if (!isPumpOf(station, draft.pump)) missing.push('pump');
  if (gradeOf(station, draft) === null) missing.push('grade');
  if (draft.quantity.trim() === '') missing.push('quantity');
  if (draft.method === null || !station.methods.includes(draft.method)) missing.push('method');
  return missing;
}

function isPumpOf(station: StationMessage, pump: number | null): boolean {
  if (pump === null) return false;
  const pumps = pumpsOf(station);
  return pumps.length === 0 ? Number.isInteger(pump) && pump >= 1 && pump <= pumpNumberMax : pumps.includes(pump);
}
