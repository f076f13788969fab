/**
 * ESC/POS as a printer reads it: a stream in which text stands between commands of known length. Only what begins with ESC, FS, GS or DLE
 * is a command; the length of each comes from Epson's command reference.
 */
export type EscPosCommand =
  | { readonly kind: 'text'; readonly bytes: Uint8Array }
  /** Letters as in the reference: `ESC a`, `GS V`, `DLE EOT`, `LF`; what follows them in `parameters`. */
  | { readonly kind: 'command'; readonly name: string; readonly parameters: Uint8Array }
  /** One raster image of `GS v 0` or `GS 8 L`, eight dots a byte, the first in the highest bit. */
  | { readonly kind: 'raster'; readonly bytesPerRow: number; readonly rows: number; readonly bits: Uint8Array };

export type EscPosRead = { readonly command: EscPosCommand; readonly length: number } | 'incomplete';

/** A printer's buffer is small; what claims to be longer than this is skipped byte by byte as rubbish. */
export const commandBytesMax = 4 * 1024 * 1024;

const prefixes = new Map([
  [0x10, 'DLE'],
  [0x1b, 'ESC'],
  [0x1c, 'FS'],
  [0x1d, 'GS'],
]);

const controls = new Map([
  [0x09, 'HT'],
  [0x0a, 'LF'],
  [0x0c, 'FF'],
  [0x0d, 'CR'],
]);

/** Parameter bytes of the commands whose length is fixed; those not named here have one. */
const parameterCounts = new Map([
  ['ESC @', 0],
  ['ESC 2', 0],
  ['ESC $', 2],
  ['ESC \\', 2],
  ['ESC c', 2],
  ['ESC p', 3],
  ['ESC W', 8],
  ['FS &', 0],
  ['FS .', 0],
  ['FS S', 2],
  ['GS L', 2],
  ['GS W', 2],
  ['GS P', 2],
  ['DLE DC4', 3],
]);

/** The first command or stretch of text in `bytes`, which are not empty. */
export function readEscPos(bytes: Uint8Array): EscPosRead {
  const [first = 0, second] = bytes;
  const control = controls.get(first);
  if (control !== undefined) return command(control, bytes, 1, 0);
  const prefix = prefixes.get(first);
  if (prefix === undefined) return readText(bytes);
  if (second === undefined) return 'incomplete';
  if (prefix === 'DLE') return readRealTime(bytes, second);
  const name = `${prefix} ${String.fromCharCode(second)}`;
  if (name === 'GS v') return readRaster(bytes);
  if (name === 'GS 8') return readGraphics(bytes);
  if (name === 'GS (' || name === 'FS (') return readExtended(name, bytes);
  if (name === 'GS V') return readCut(bytes);
  if (name === 'GS k') return readBarcode(bytes);
  return command(name, bytes, 2, parameterCounts.get(name) ?? 1);
}

function command(name: string, bytes: Uint8Array, start: number, count: number): EscPosRead {
  if (count > commandBytesMax)
    return {
      command: { kind: 'command', name: 'rubbish', parameters: Uint8Array.from(bytes.subarray(0, 1)) },
      length: 1,
    };
  if (bytes.length < start + count) return 'incomplete';
  return {
    command: { kind: 'command', name, parameters: Uint8Array.from(bytes.subarray(start, start + count)) },
    length: start + count,
  };
}

function readText(bytes: Uint8Array): EscPosRead {
  const end = bytes.findIndex((byte) => prefixes.has(byte) || controls.has(byte));
  const length = end === -1 ? bytes.length : end;
  return { command: { kind: 'text', bytes: Uint8Array.from(bytes.subarray(0, length)) }, length };
}

function readRealTime(bytes: Uint8Array, second: number): EscPosRead {
  const names = new Map([
    [0x04, 'DLE EOT'],
    [0x05, 'DLE ENQ'],
    [0x14, 'DLE DC4'],
  ]);
  const name = names.get(second);
  return name === undefined ? command('DLE', bytes, 1, 0) : command(name, bytes, 2, parameterCounts.get(name) ?? 1);
}

/** `GS v 0 m xL xH yL yH d1…dk`. */
function readRaster(bytes: Uint8Array): EscPosRead {
  if (bytes.length < 8) return 'incomplete';
  const bytesPerRow = (bytes[4] ?? 0) + 256 * (bytes[5] ?? 0);
  const rows = (bytes[6] ?? 0) + 256 * (bytes[7] ?? 0);
  return raster({ bytes, start: 8, end: 8 + bytesPerRow * rows, bytesPerRow, rows });
}

/** `GS 8 L p1-p4 m fn …`; function 112 stores raster graphics: `a bx by c xL xH yL yH d1…dk`. */
function readGraphics(bytes: Uint8Array): EscPosRead {
  if (bytes.length < 17) return 'incomplete';
  const length = (bytes[3] ?? 0) + 256 * (bytes[4] ?? 0) + 65_536 * (bytes[5] ?? 0) + 16_777_216 * (bytes[6] ?? 0);
  if (bytes[8] !== 112) return command('GS 8 L', bytes, 7, length);
  const bytesPerRow = Math.ceil(((bytes[13] ?? 0) + 256 * (bytes[14] ?? 0)) / 8);
  const rows = (bytes[15] ?? 0) + 256 * (bytes[16] ?? 0);
  return raster({ bytes, start: 17, end: 7 + length, bytesPerRow, rows });
}

type RasterFrame = {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly bytesPerRow: number;
  readonly rows: number;
};

function raster({ bytes, start, end, bytesPerRow, rows }: RasterFrame): EscPosRead {
  if (end > commandBytesMax || end < start) return command('rubbish', bytes, 1, 0);
  if (bytes.length < end) return 'incomplete';
  return {
    command: { kind: 'raster', bytesPerRow, rows, bits: Uint8Array.from(bytes.subarray(start, end)) },
    length: end,
  };
}

/** `GS ( x pL pH …`: every one tells its length. The letter becomes part of the name: `GS ( H`. */
function readExtended(name: string, bytes: Uint8Array): EscPosRead {
  if (bytes.length < 5) return 'incomplete';
  const [, , letter = 0, low = 0, high = 0] = bytes;
  return command(`${name} ${String.fromCharCode(letter)}`, bytes, 5, low + 256 * high);
}

/** `GS V m`, and for the cuts that feed first (m = 65 to 104) `GS V m n`. */
function readCut(bytes: Uint8Array): EscPosRead {
  const mode = bytes[2];
  return mode === undefined ? 'incomplete' : command('GS V', bytes, 2, mode >= 65 ? 2 : 1);
}

/** `GS k m n d1…dn` (m from 65), or `GS k m d1…dk NUL`. */
function readBarcode(bytes: Uint8Array): EscPosRead {
  if (bytes.length < 4) return 'incomplete';
  if ((bytes[2] ?? 0) >= 65) return command('GS k', bytes, 2, 2 + (bytes[3] ?? 0));
  const end = bytes.indexOf(0, 3);
  return end === -1 ? 'incomplete' : command('GS k', bytes, 2, end - 1);
}
