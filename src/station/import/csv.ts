import { isUtf8 } from 'node:buffer';
import { type SourceRow, UnreadableFile } from './source-row.ts';

/** A row beyond this is taken for one whose quote is never closed. */
const rowBytesMax = 65_536;

/**
 * The rows of a CSV file (RFC 4180, also with bare line feeds) whose first row names the columns. A row with another number of cells, or with a quote
 * in the wrong place, is faulty; reading goes on at the line after the one where it began, so that one open quote does not swallow the good rows
 * behind it. Blank lines are nothing. `delimiter` is one ASCII character. Throws `UnreadableFile` where there is no header.
 */
export function* readCsv(bytes: Buffer, delimiter: string): Generator<SourceRow> {
  if (!isUtf8(bytes)) throw new UnreadableFile('the file is not UTF-8 text');
  let header: readonly string[] | undefined;
  for (const { line, endByte, cells } of readRecords(bytes, delimiter.charCodeAt(0))) {
    if (header === undefined) header = checkHeader(cells);
    else if (cells === null)
      yield { line, endByte, fault: 'a quote is not closed, or closed before the end of its cell' };
    else if (cells.length !== header.length) {
      yield { line, endByte, fault: `the row has ${cells.length} cells, the header has ${header.length}` };
    } else yield { line, endByte, properties: toProperties(header, cells), place: null };
  }
  if (header === undefined) throw new UnreadableFile('the file has no header row');
}

function checkHeader(cells: readonly string[] | null): readonly string[] {
  if (cells === null) throw new UnreadableFile('the header row has a quote in the wrong place');
  const names = cells.map((cell) => cell.trim());
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new UnreadableFile(`the header names the column ${JSON.stringify(twice)} twice`);
  return names;
}

const toProperties = (header: readonly string[], cells: readonly string[]): Record<string, string> =>
  Object.fromEntries(header.map((name, at) => [name, cells[at] ?? '']));

/** Cells null: the row's quotes are wrong. */
type CsvRecord = { readonly line: number; readonly endByte: number; readonly cells: readonly string[] | null };

const [quote, lineFeed, carriageReturn] = [0x22, 0x0a, 0x0d];

function* readRecords(bytes: Buffer, delimiter: number): Generator<CsvRecord> {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  let line = 1;
  for (let at = hasMark ? 3 : 0; at < bytes.length; ) {
    const row = readRow(bytes, at, delimiter);
    const endByte = row?.end ?? endOfLine(bytes, at) + 1;
    const isBlank = row !== null && row.cells.length === 1 && row.cells[0]?.trim() === '';
    if (!isBlank) yield { line, endByte, cells: row?.cells ?? null };
    for (; at < endByte; at += 1) if (bytes[at] === lineFeed) line += 1;
  }
}

type Row = { readonly cells: readonly string[]; readonly end: number };

/** The row that begins at `start`; `end` lies behind its line feed. Null where its quotes are wrong. */
function readRow(bytes: Buffer, start: number, delimiter: number): Row | null {
  const cells: string[] = [];
  for (let at = start; ; at += 1) {
    const cell = bytes[at] === quote ? readQuoted(bytes, at, start + rowBytesMax) : readBare(bytes, at, delimiter);
    if (cell === null) return null;
    cells.push(cell.text);
    at = cell.end;
    if (bytes[at] === carriageReturn && (bytes[at + 1] === lineFeed || at + 1 === bytes.length)) at += 1;
    if (at >= bytes.length || bytes[at] === lineFeed) return { cells, end: at + 1 };
    if (bytes[at] !== delimiter) return null;
  }
}

type Cell = { readonly text: string; readonly end: number };

/** From the opening quote at `start`; two quotes stand for one. Null where no quote closes it before `max`. */
function readQuoted(bytes: Buffer, start: number, max: number): Cell | null {
  for (let at = bytes.indexOf(quote, start + 1); at !== -1 && at <= max; at = bytes.indexOf(quote, at + 2)) {
    if (bytes[at + 1] !== quote) {
      return { text: bytes.toString('utf8', start + 1, at).replaceAll('""', '"'), end: at + 1 };
    }
  }
  return null;
}

/** To the delimiter or the end of the line; a quote inside stands for itself. */
function readBare(bytes: Buffer, start: number, delimiter: number): Cell {
  let end = start;
  while (end < bytes.length && bytes[end] !== delimiter && bytes[end] !== lineFeed) end += 1;
  if (bytes[end] !== delimiter && bytes[end - 1] === carriageReturn && end > start) end -= 1;
  return { text: bytes.toString('utf8', start, end), end };
}

function endOfLine(bytes: Buffer, start: number): number {
  const end = bytes.indexOf(lineFeed, start);
  return end === -1 ? bytes.length : end;
}
