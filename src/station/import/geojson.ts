import { isUtf8 } from 'node:buffer';
import type { Place } from '../position.ts';
import { type SourceRow, UnreadableFile } from './source-row.ts';

/**
 * The Point features of a GeoJSON FeatureCollection (RFC 7946) with their line numbers. The features are found by their brackets and parsed one by
 * one, because `JSON.parse` tells no lines and gives up the whole file for one bad feature. Throws `UnreadableFile` where the file as
 * a whole is no FeatureCollection, or ends too early.
 */
export function* readGeoJson(bytes: Buffer): Generator<SourceRow> {
  if (!isUtf8(bytes)) throw new UnreadableFile('the file is not UTF-8 text');
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const members = readMembers({ bytes, at: hasMark ? 3 : 0, line: 1 });
  const features = members.get('features');
  if (
    textOf(bytes, members.get('type')) !== '"FeatureCollection"' ||
    features === undefined ||
    bytes[features.start] !== openBracket
  ) {
    throw new UnreadableFile('the file is no GeoJSON FeatureCollection');
  }
  for (const span of readElements({ bytes, at: features.start, line: features.line })) {
    yield { line: span.line, endByte: span.end, ...readFeature(textOf(bytes, span)) };
  }
}

type Feature =
  | { readonly properties: Readonly<Record<string, unknown>>; readonly place: Place }
  | { readonly fault: string };

function readFeature(text: string): Feature {
  let feature: unknown;
  try {
    feature = JSON.parse(text);
  } catch (error) {
    return { fault: `the feature is no JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  if (!isRecord(feature) || feature['type'] !== 'Feature') return { fault: 'this is no GeoJSON Feature' };
  const { geometry, properties } = feature;
  if (!isRecord(geometry)) return { fault: 'no place: the feature has no geometry' };
  if (geometry['type'] !== 'Point')
    return { fault: `the geometry is ${JSON.stringify(geometry['type'])}, not "Point"` };
  const [longitude, latitude]: unknown[] = Array.isArray(geometry['coordinates']) ? geometry['coordinates'] : [];
  if (typeof longitude !== 'number' || typeof latitude !== 'number')
    return { fault: 'no place: the Point has no coordinates' };
  return {
    properties: { id: feature['id'], ...(isRecord(properties) ? properties : {}) },
    place: { latitude, longitude },
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

type Span = { readonly start: number; readonly end: number; readonly line: number };

type Cursor = { readonly bytes: Buffer; at: number; line: number };

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];
const newline = 0x0a;

const textOf = (bytes: Buffer, span: Span | undefined): string =>
  span === undefined ? '' : bytes.toString('utf8', span.start, span.end);

/** The members of the object that begins at the cursor, by name. */
function readMembers(cursor: Cursor): Map<string, Span> {
  const members = new Map<string, Span>();
  expect(cursor, openBrace);
  while (!comesNext(cursor, closeBrace)) {
    if (members.size > 0) expect(cursor, comma);
    if (!comesNext(cursor, quote)) fail(cursor);
    const name = readValue(cursor);
    expect(cursor, colon);
    skipBlank(cursor);
    members.set(textOf(cursor.bytes, name).slice(1, -1), readValue(cursor));
  }
  return members;
}

/** The elements of the array that begins at the cursor. */
function* readElements(cursor: Cursor): Generator<Span> {
  expect(cursor, openBracket);
  for (let count = 0; !comesNext(cursor, closeBracket); count += 1) {
    if (count > 0) expect(cursor, comma);
    skipBlank(cursor);
    yield readValue(cursor);
  }
}

/** Any value, found by its quotes and brackets alone; the cursor goes behind it. */
function readValue(cursor: Cursor): Span {
  const { bytes, at: start, line } = cursor;
  let depth = 0;
  do {
    const byte = bytes[cursor.at];
    if (byte === undefined) fail(cursor);
    if (byte === quote) skipString(cursor);
    else if (byte === openBrace || byte === openBracket) depth += 1;
    else if (byte === closeBrace || byte === closeBracket) depth -= 1;
    else if (depth === 0) skipWord(cursor);
    else if (byte === newline) cursor.line += 1;
    if (depth < 0) fail(cursor);
    cursor.at += 1;
  } while (depth > 0);
  return { start, end: cursor.at, line };
}

/** From the opening quote to the closing one. */
function skipString(cursor: Cursor): void {
  const { bytes } = cursor;
  for (cursor.at += 1; bytes[cursor.at] !== quote; cursor.at += 1) {
    if (bytes[cursor.at] === undefined) fail(cursor);
    if (bytes[cursor.at] === backslash) cursor.at += 1;
  }
}

/** To the last byte of a number, `true`, `false` or `null`. */
function skipWord(cursor: Cursor): void {
  if (!isWordByte(cursor.bytes[cursor.at])) fail(cursor);
  while (isWordByte(cursor.bytes[cursor.at + 1])) cursor.at += 1;
}

const isWordByte = (byte: number | undefined): boolean =>
  byte !== undefined && /[\w.+-]/.test(String.fromCharCode(byte));

function skipBlank(cursor: Cursor): void {
  for (let byte = cursor.bytes[cursor.at]; byte !== undefined && byte <= 0x20; byte = cursor.bytes[cursor.at]) {
    if (byte === newline) cursor.line += 1;
    cursor.at += 1;
  }
}

function comesNext(cursor: Cursor, byte: number): boolean {
  skipBlank(cursor);
  return cursor.bytes[cursor.at] === byte;
}

function expect(cursor: Cursor, byte: number): void {
  if (!comesNext(cursor, byte)) fail(cursor);
  cursor.at += 1;
}

function fail({ bytes, at, line }: Cursor): never {
  if (at >= bytes.length) throw new UnreadableFile(`the file ends too early, on line ${line}: its JSON is not closed`);
  throw new UnreadableFile(
    `the file is no JSON: unexpected ${JSON.stringify(String.fromCharCode(bytes[at] ?? 0))} on line ${line}`,
  );
}
