import { type Bitmap2D, correction, generate, mode } from 'lean-qr';
import { toPngBuffer } from 'lean-qr/extras/node_export';

/** Measured with creased and slanted prints: four dots a module at least, four modules of quiet, error correction M (devices.md 4.2). */
const dotsPerModuleMin = 4;
const dotsPerModuleMax = 6;
const quietModules = 4;

/** ISO/IEC 18004 table 5. */
const alphanumeric = /^[0-9A-Z $%*+\-./:]+$/;

export type PermitQr = { readonly code: Bitmap2D; readonly dotsPerModule: number; readonly sideDots: number };

/**
 * The permit's token as a QR code in alphanumeric mode, as large as the paper allows up to six dots a module (a token of 206
 * characters: version 8, 342 dots, 43 mm at 203 dpi).
 * @throws where the token has other characters than QR's alphanumeric set, or would come out finer than four dots a module.
 */
export function makePermitQr(token: string, paperDots: number): PermitQr {
  if (!alphanumeric.test(token)) throw new Error(`a permit token of ${token.length} characters is not alphanumeric`);
  const code = generate(mode.alphaNumeric(token), {
    minCorrectionLevel: correction.M,
    maxCorrectionLevel: correction.M,
  });
  const sideModules = code.size + 2 * quietModules;
  const dotsPerModule = Math.min(dotsPerModuleMax, Math.floor(paperDots / sideModules));
  if (dotsPerModule < dotsPerModuleMin)
    throw new Error(`a QR code of ${sideModules} modules does not fit on ${paperDots} dots`);
  return { code, dotsPerModule, sideDots: sideModules * dotsPerModule };
}

/** For screens: a PNG, black on white, with its quiet zone. */
export const permitQrPng = ({ code, dotsPerModule }: PermitQr): Uint8Array =>
  toPngBuffer(code, { on: [0, 0, 0], off: [255, 255, 255], pad: quietModules, scale: dotsPerModule });

/** For print heads: rows of eight dots a byte, the first in the highest bit, 1 is black. */
export function permitQrDots({ code, dotsPerModule, sideDots }: PermitQr): {
  readonly bytesPerRow: number;
  readonly dots: Uint8Array;
} {
  const bytesPerRow = Math.ceil(sideDots / 8);
  const dots = new Uint8Array(bytesPerRow * sideDots);
  for (let y = 0; y < sideDots; y += 1) {
    const rowStart = y * bytesPerRow;
    if (y % dotsPerModule !== 0) {
      dots.copyWithin(rowStart, rowStart - bytesPerRow, rowStart);
      continue;
    }
    for (let x = 0; x < sideDots; x += 1) {
      const isBlack = code.get(Math.floor(x / dotsPerModule) - quietModules, y / dotsPerModule - quietModules);
      if (isBlack) dots[rowStart + (x >> 3)] = (dots[rowStart + (x >> 3)] ?? 0) | (0x80 >> (x & 7));
    }
  }
  return { bytesPerRow, dots };
}
