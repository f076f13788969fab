import { isStationNumber, stationNumberMax } from '../../base/ids.ts';
import { formatPriceMilli, parsePriceMilli, priceMilliMax } from '../../base/volume.ts';
import { type Datum, isOnEarth, type Place, toWgs84 } from '../position.ts';
import type { GradePrice, Nozzle, Station } from '../station.ts';
import type { StationToSave } from '../station.sql.ts';
import { type Field, type Mapping, type PriceProperties, pricePropertiesOf } from './mapping.ts';
import { layOutNozzles, readNozzles } from './read-nozzles.ts';
import { checkText, gradeCharactersMax, RowFault, textOf } from './row-text.ts';

/** What all stations of a file have in common. */
export type StationDefaults = Omit<
  Station,
  | 'stationNumber'
  | 'name'
  | 'brand'
  | 'address'
  | 'latitude'
  | 'longitude'
  | 'state'
  | 'nozzles'
  | 'grades'
  | 'timeZone'
> & {
  readonly timeZone: string | null;
  readonly datum: Datum;
  /** A station whose row has no nozzles gets so many pumps with a nozzle of every grade; 0: its layout is not known. */
  readonly pumps: number;
  /** `{brand} {city}`: properties in braces. Null: the usual way. */
  readonly nameTemplate: string | null;
  readonly addressTemplate: string | null;
  /** Milliseconds since 1970. */
  readonly validFrom: number;
};

export type SourceStation = { readonly properties: Readonly<Record<string, unknown>>; readonly place: Place | null };

/**
 * One row as a station, or what is wrong with it. Number and place must be there; prices may be missing, and an empty price means that
 * the station does not sell the grade. A row without a state leaves the station as it is. Without a name: brand and city, or city and address, or the number; without an address: its place.
 */
export function readStation(row: SourceStation, mapping: Mapping, defaults: StationDefaults): StationToSave | string {
  try {
    return toStation(row, mapping, defaults);
  } catch (error) {
    if (error instanceof RowFault) return error.message;
    throw error;
  }
}

function toStation(row: SourceStation, mapping: Mapping, defaults: StationDefaults): StationToSave {
  const { datum, pumps, nameTemplate, addressTemplate, validFrom, timeZone: _timeZone, ...rules } = defaults;
  const read = (field: Field): string => textOfField(row, mapping, field);
  const stationNumber = readNumber(read('number'));
  const place = readPlace(row, read, datum);
  const grades = readPrices(row, mapping, defaults);
  const town = joined([read('postcode'), read('city')], ' ');
  const address =
    fill(addressTemplate, row) || joined([read('address'), town], ', ') || `${place.latitude}, ${place.longitude}`;
  const [brand, city] = [read('brand'), read('city')];
  const usualName =
    brand !== '' ? joined([brand, city || read('address')], ' ') : joined([city, read('address')], ', ');
  const name = fill(nameTemplate, row) || read('name') || usualName || `Station ${stationNumber}`;
  return {
    ...rules,
    stationNumber,
    name: checkText('name', name, 200),
    brand: brand === '' ? null : checkText('brand', brand, 100),
    address: checkText('address', address, 400),
    ...place,
    timeZone: readTimeZone(read('time-zone') || defaults.timeZone),
    state: readState(read('state')),
    nozzles: readLayout(row, mapping, pumps, grades),
    grades: grades.map((price) => ({ ...price, validFrom, validUntil: null })),
  };
}

function readNumber(text: string): number {
  if (text === '') throw new RowFault('the station number is missing');
  const number = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
  if (!isStationNumber(number))
    throw new RowFault(`station number ${JSON.stringify(text)} is no whole number from 1 to ${stationNumberMax}`);
  return number;
}

function readPlace(row: SourceStation, read: (field: Field) => string, datum: Datum): Place {
  const place = row.place ?? { latitude: readDegrees(read('latitude')), longitude: readDegrees(read('longitude')) };
  if (!isOnEarth(place))
    throw new RowFault(`impossible position: latitude ${place.latitude}, longitude ${place.longitude}`);
  // The point in the Gulf of Guinea where positions go that nobody filled in.
  if (place.latitude === 0 && place.longitude === 0) throw new RowFault('impossible position: latitude 0, longitude 0');
  return toWgs84(place, datum);
}

function readDegrees(text: string): number {
  if (text === '') throw new RowFault('no place: latitude or longitude is missing');
  if (!/^[+-]?\d{1,9}(\.\d{1,30})?$/.test(text))
    throw new RowFault(`impossible position: ${JSON.stringify(text)} is no number of degrees`);
  return Number(text);
}

/** Null where the row says nothing: whoever closed the station by hand must not find it open after the next file of prices. */
function readState(text: string): StationToSave['state'] {
  if (text === '') return null;
  if (text === 'open' || text === 'closed') return text;
  throw new RowFault(`state ${JSON.stringify(text)} is neither open nor closed`);
}

const knownTimeZones = new Set<string>();

/** Null and unknown names are faults; each known name is asked of the machine only once. */
function readTimeZone(name: string | null): string {
  if (name === null) throw new RowFault('the time zone is missing');
  if (knownTimeZones.has(name)) return name;
  if (!isTimeZone(name)) throw new RowFault(`time zone ${JSON.stringify(name)} is not known`);
  knownTimeZones.add(name);
  return name;
}

/** Is `name` an IANA time zone that this machine knows? */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

type ReadPrice = Omit<GradePrice, 'validFrom' | 'validUntil'>;

function readPrices(row: SourceStation, mapping: Mapping, defaults: StationDefaults): ReadPrice[] {
  const prices: ReadPrice[] = [];
  for (const [grade, names] of pricePropertiesOf(mapping, row.properties)) {
    const price = readPrice(row, checkText('grade', grade, gradeCharactersMax), names, defaults.priceResolutionMilli);
    if (price !== null) prices.push(price);
  }
  return prices;
}

function readPrice(
  row: SourceStation,
  grade: string,
  names: PriceProperties,
  resolutionMilli: number,
): ReadPrice | null {
  const read = (kind: string, property: string | undefined): number | null =>
    property === undefined
      ? null
      : readPriceMilli(`${kind}.${grade}`, textOf(row.properties[property]), resolutionMilli);
  const pumpPriceMilli = read('price', names.pump);
  const memberPriceMilli = read('member-price', names.member);
  const officialPriceMilli = read('official-price', names.official);
  if (pumpPriceMilli === null) {
    if (memberPriceMilli === null && officialPriceMilli === null) return null;
    throw new RowFault(`grade ${grade} has another price but no pump price`);
  }
  if (memberPriceMilli !== null && memberPriceMilli > pumpPriceMilli) {
    throw new RowFault(
      `member-price.${grade} ${formatPriceMilli(memberPriceMilli)} is above the pump price ${formatPriceMilli(pumpPriceMilli)}`,
    );
  }
  return { grade, officialPriceMilli, pumpPriceMilli, memberPriceMilli };
}

function readPriceMilli(what: string, text: string, resolutionMilli: number): number | null {
  if (text === '') return null;
  if (/^-\d/.test(text)) throw new RowFault(`${what} is negative: ${text}`);
  const milli = parsePriceMilli(text);
  if (milli === null) throw new RowFault(`${what} ${JSON.stringify(text)} is no price with at most three decimals`);
  if (milli === 0) throw new RowFault(`${what} is zero`);
  if (milli > priceMilliMax) throw new RowFault(`${what} ${text} is above ${formatPriceMilli(priceMilliMax)}`);
  if (milli % resolutionMilli !== 0)
    throw new RowFault(`${what} ${text} is finer than ${formatPriceMilli(resolutionMilli)}`);
  return milli;
}

function readLayout(
  row: SourceStation,
  mapping: Mapping,
  pumps: number,
  grades: readonly ReadPrice[],
): readonly Nozzle[] {
  for (const property of mapping.fields.nozzles) {
    const nozzles = readNozzles(row.properties[property]);
    if (nozzles !== null) return nozzles;
  }
  return layOutNozzles(
    pumps,
    grades.map(({ grade }) => grade),
  );
}

function textOfField(row: SourceStation, mapping: Mapping, field: Field): string {
  const property = mapping.fields[field].find((name) => textOf(row.properties[name]) !== '');
  return property === undefined ? '' : textOf(row.properties[property]);
}

/** `{brand} {city}` with the row's properties; what an empty one leaves behind (blanks, commas at the ends) goes. */
function fill(template: string | null, row: SourceStation): string {
  if (template === null) return '';
  const text = template.replace(/\{([^{}]+)\}/g, (_, property: string) => textOf(row.properties[property]));
  return text.replace(/\s+/g, ' ').replace(/^[\s,;-]+|[\s,;-]+$/g, '');
}

const joined = (parts: readonly string[], between: string): string => parts.filter((part) => part !== '').join(between);
