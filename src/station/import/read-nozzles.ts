import { pumpNumberMax } from '../../base/ids.ts';
import { nozzleNumberMax } from '../layout.ts';
import type { Nozzle } from '../station.ts';
import { checkText, gradeCharactersMax, RowFault, textOf } from './row-text.ts';

/** A station's nozzles bear numbers up to this, so it has no more of them. */
const nozzleCountMax = nozzleNumberMax;

/**
 * The station's layout as its row tells it: the text `1:1:92;1:2:95;2:3:92` (pump:nozzle:grade, blanks allowed, the grade may hold colons) or, where
 * the format has lists, `[{"pump": 1, "nozzle": 1, "grade": "92"}, …]`. Null where the row says nothing. Throws `RowFault` for what is
 * neither, a number that no pump or nozzle has, and a nozzle that its pump has twice.
 */
export function readNozzles(value: unknown): readonly Nozzle[] | null {
  if (!Array.isArray(value)) {
    const text = textOf(value);
    return text === '' ? null : toNozzles(text.split(';'), partsOfText);
  }
  return value.length === 0 ? null : toNozzles(value, partsOfObject);
}

/**
 * So many pumps with a nozzle of every grade, numbered through the station, so that a nozzle's number names its pump. Throws `RowFault` where they
 * would be more than a station can number.
 */
export function layOutNozzles(pumps: number, grades: readonly string[]): readonly Nozzle[] {
  const count = pumps * grades.length;
  if (count > nozzleCountMax)
    throw new RowFault(`${pumps} pumps with ${grades.length} grades are ${count} nozzles, more than ${nozzleCountMax}`);
  return Array.from({ length: pumps }, (_, at) =>
    grades.map((grade, gradeAt) => ({ pump: at + 1, nozzle: at * grades.length + gradeAt + 1, grade })),
  ).flat();
}

type Parts = { readonly pump: string; readonly nozzle: string; readonly grade: string };

function toNozzles<Entry>(entries: readonly Entry[], partsOf: (entry: Entry) => Parts): readonly Nozzle[] {
  if (entries.length > nozzleCountMax)
    throw new RowFault(`the station has ${entries.length} nozzles, more than ${nozzleCountMax}`);
  const nozzles = entries.map((entry) => toNozzle(partsOf(entry)));
  const seen = new Set<string>();
  for (const { pump, nozzle } of nozzles) {
    const place = `${pump}:${nozzle}`;
    if (seen.has(place)) throw new RowFault(`nozzle ${nozzle} of pump ${pump} stands twice`);
    seen.add(place);
  }
  return nozzles;
}

function partsOfText(text: string): Parts {
  const [, pump, nozzle, grade] = /^([^:]*):([^:]*):(.*)$/.exec(text) ?? [];
  if (pump === undefined || nozzle === undefined || grade === undefined)
    throw new RowFault(`nozzle ${JSON.stringify(text.slice(0, 60))} is not pump:nozzle:grade`);
  return { pump: pump.trim(), nozzle: nozzle.trim(), grade: grade.trim() };
}

function partsOfObject(value: unknown): Parts {
  if (typeof value !== 'object' || value === null || !('pump' in value && 'nozzle' in value && 'grade' in value))
    throw new RowFault(`nozzle ${JSON.stringify(value).slice(0, 60)} has not pump, nozzle and grade`);
  return { pump: textOf(value.pump), nozzle: textOf(value.nozzle), grade: textOf(value.grade) };
}

function toNozzle({ pump, nozzle, grade }: Parts): Nozzle {
  if (grade === '') throw new RowFault(`nozzle ${nozzle} of pump ${pump} has no grade`);
  return {
    pump: readOrdinal('pump number', pump, pumpNumberMax),
    nozzle: readOrdinal('nozzle number', nozzle, nozzleNumberMax),
    grade: checkText('grade', grade, gradeCharactersMax),
  };
}

function readOrdinal(what: string, text: string, max: number): number {
  const number = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= 1 && number <= max))
    throw new RowFault(`${what} ${JSON.stringify(text.slice(0, 60))} is no whole number from 1 to ${max}`);
  return number;
}
