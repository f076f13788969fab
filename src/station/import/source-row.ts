import type { Place } from '../position.ts';

/** Larger files are refused before they are read. */
export const fileBytesMax = 256 * 1024 * 1024;
export const rowsMax = 1_000_000;

/** One row of a file, or why it could not be read as one. `line` is where it begins, from 1; `endByte` tells how far the file is read. */
export type SourceRow = { readonly line: number; readonly endByte: number } & (
  | {
      readonly properties: Readonly<Record<string, unknown>>;
      /** Where the format itself says it; null where it stands among the properties. */
      readonly place: Place | null;
      readonly fault?: undefined;
    }
  | { readonly fault: string }
);

/** The file as a whole cannot be used: nothing of it is imported. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile';
}
