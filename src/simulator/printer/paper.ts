import { decodeCharacters } from './character-tables.ts';
import type { EscPosCommand } from './escpos-reader.ts';

/** One stretch of letters of one look. Places and sizes are dots (203 dpi: 8 a millimetre). */
export type PrintedText = {
  readonly kind: 'text';
  readonly text: string;
  readonly left: number;
  readonly width: number;
  readonly widthFactor: number;
  readonly heightFactor: number;
  readonly bold: boolean;
  readonly underlined: boolean;
  readonly inverted: boolean;
};

export type PrintedImage = {
  readonly kind: 'image';
  readonly left: number;
  readonly widthDots: number;
  readonly heightDots: number;
  /** Eight dots a byte, the first in the highest bit; 1 is black. */
  readonly bits: Uint8Array;
};

/** `footDots` below the row's upper edge its letters stand; what line spacing adds lies below. */
export type PrintedRow = {
  readonly height: number;
  readonly footDots: number;
  readonly pieces: readonly (PrintedText | PrintedImage)[];
};

export type PaperRoll = {
  /** Takes one command. Gives the rows of the slip that it cut off, or null. */
  print(command: EscPosCommand): readonly PrintedRow[] | null;
  /** What hangs out of the printer uncut, torn off. */
  tear(): readonly PrintedRow[];
  /** True while a slip has been begun. */
  readonly begun: boolean;
};

export const letterWidthDots = 12;
export const letterHeightDots = 24;
const lineSpacingDots = 30;
/** A slip of more rows than this is not kept: nobody prints ten metres. */
const rowsMax = 2_000;

const freshStyle = { widthFactor: 1, heightFactor: 1, bold: false, underlined: false, inverted: false, align: 0 };

/** Paper of `columns` letters of font A, and the print head's memory between commands. */
export function createPaperRoll(columns: number): PaperRoll {
  const paperDots = columns * letterWidthDots;
  let rows: PrintedRow[] = [];
  let pieces: (PrintedText | PrintedImage)[] = [];
  let style = { ...freshStyle };
  let characters = { chinese: false, page: 0 };
  let area = { left: 0, width: paperDots };
  let spacing = lineSpacingDots;
  let cursor = 0;

  function initialize(): void {
    style = { ...freshStyle };
    characters = { chinese: true, page: 0 };
    area = { left: 0, width: paperDots };
    spacing = lineSpacingDots;
    cursor = 0;
  }

  function addRow(row: PrintedRow): void {
    if (rows.length < rowsMax) rows.push(row);
  }

  function feedLine(): void {
    const shift = Math.floor(((area.width - cursor) * style.align) / 2);
    const heights = pieces.map((piece) => (piece.kind === 'text' ? piece.heightFactor * letterHeightDots : 0));
    const footDots = Math.max(letterHeightDots, ...heights);
    const placed = pieces.map((piece) => ({ ...piece, left: piece.left + area.left + shift }));
    addRow({ height: Math.max(footDots, spacing), footDots, pieces: placed });
    pieces = [];
    cursor = 0;
  }

  function printText(bytes: Uint8Array): void {
    for (const { text, columns: textColumns } of decodeCharacters(bytes, characters)) {
      const width = textColumns * letterWidthDots * style.widthFactor;
      if (cursor + width > area.width) feedLine();
      const { align: _, ...look } = style;
      pieces.push({ kind: 'text', text, left: cursor, width, ...look });
      cursor += width;
    }
  }

  function printImage(widthDots: number, heightDots: number, bits: Uint8Array): void {
    if (pieces.length > 0) feedLine();
    const left = area.left + Math.floor(((area.width - widthDots) * style.align) / 2);
    addRow({
      height: heightDots,
      footDots: heightDots,
      pieces: [{ kind: 'image', left, widthDots, heightDots, bits }],
    });
  }

  function tear(): readonly PrintedRow[] {
    if (pieces.length > 0) feedLine();
    const torn = rows;
    rows = [];
    return torn;
  }

  function obey(name: string, [first = 0, second = 0]: Uint8Array): readonly PrintedRow[] | null {
    const isOn = (first & 1) === 1;
    if (name === 'ESC @') initialize();
    else if (name === 'LF') feedLine();
    else if (name === 'ESC a') style.align = first % 48;
    else if (name === 'ESC E' || name === 'ESC G') style.bold = isOn;
    else if (name === 'ESC -' || name === 'FS -') style.underlined = first % 48 > 0;
    else if (name === 'GS B') style.inverted = isOn;
    else if (name === 'GS !') style = { ...style, widthFactor: (first >> 4) + 1, heightFactor: (first & 15) + 1 };
    else if (name === 'ESC 2') spacing = lineSpacingDots;
    else if (name === 'ESC 3') spacing = first;
    else if (name === 'ESC J') addRow({ height: first, footDots: first, pieces: [] });
    else if (name === 'ESC d') for (let line = 0; line < first; line += 1) feedLine();
    else if (name === 'ESC $') cursor = first + 256 * second;
    else if (name === 'ESC \\') cursor += ((first + 256 * second) << 16) >> 16;
    else if (name === 'GS L') area = { ...area, left: first + 256 * second };
    else if (name === 'GS W') area = { ...area, width: Math.min(first + 256 * second, paperDots - area.left) };
    else if (name === 'FS &') characters = { ...characters, chinese: true };
    else if (name === 'FS .') characters = { ...characters, chinese: false };
    else if (name === 'ESC t') characters = { ...characters, page: first };
    else if (name === 'GS V') return tear();
    return null;
  }

  initialize();
  return {
    print(command) {
      if (command.kind === 'text') printText(command.bytes);
      else if (command.kind === 'raster') printImage(command.bytesPerRow * 8, command.rows, command.bits);
      else return obey(command.name, command.parameters);
      return null;
    },
    tear,
    get begun() {
      return pieces.length > 0 || rows.some((row) => row.pieces.length > 0);
    },
  };
}
