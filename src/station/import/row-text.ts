/** A fault of the row, in words for who wrote the file; thrown while a row is read and returned by `readStation`. */
export class RowFault extends Error {}

/**
 * A property as text: numbers as JavaScript writes them (the shortest that reads back the same), nothing for null; other things are faults.
 * Control characters, which no printer and no page can show, and runs of blanks become one blank.
 */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string')
    return value
      .toWellFormed()
      .replace(/[\p{Cc}\s]+/gu, ' ')
      .trim();
  throw new RowFault(`${JSON.stringify(value).slice(0, 60)} is neither text nor number`);
}

export function checkText(what: string, text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  throw new RowFault(`${what} has ${text.length} characters, more than ${charactersMax}`);
}

export const gradeCharactersMax = 32;
