import { type RoundingMode, roundingModes } from '../base/rounding.ts';
import { type VolumeUnit, volumeUnits } from '../base/volume.ts';
import { type Datum, datums } from '../station/position.ts';
import { UsageError } from './command.ts';

/** A decimal option as a whole number of its smallest parts, from `min` to `max` of them. */
export function readDecimal(
  name: string,
  text: string,
  parse: (text: string) => number | null,
  min = 0,
  max = Number.MAX_SAFE_INTEGER,
): number {
  const value = parse(text);
  if (value === null) throw new UsageError(`--${name} ${text} is no such decimal number, or is too fine`);
  if (value < min || value > max)
    throw new UsageError(`--${name} ${text} is ${value < min ? 'too small' : 'too large'}`);
  return value;
}

/** A number with sign and point, as positions have them. */
export function readNumber(name: string, text: string): number {
  if (!/^[+-]?\d{1,9}(\.\d{1,30})?$/.test(text)) throw new UsageError(`--${name} ${text} is no number`);
  return Number(text);
}

export function readWhole(name: string, text: string, min: number, max: number): number {
  const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max))
    throw new UsageError(`--${name} ${text} is no whole number from ${min} to ${max}`);
  return value;
}

export const readUnit = (text: string): VolumeUnit => readOneOf('unit', text, volumeUnits);
export const readRounding = (text: string): RoundingMode => readOneOf('rounding', text, roundingModes);
export const readDatum = (text: string): Datum => readOneOf('datum', text, datums);

function readOneOf<Name extends string>(option: string, text: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === text);
  if (found === undefined) throw new UsageError(`--${option} ${text} is none of ${names.join(', ')}`);
  return found;
}

/** A day of the calendar, `2026-11-21`. */
export function readDay(name: string, text: string): string {
  const isDay =
    /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text);
  if (!isDay) throw new UsageError(`${name} ${text} is no day such as 2026-11-21`);
  return text;
}
