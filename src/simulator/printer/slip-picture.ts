import { crc32, deflateSync } from 'node:zlib';
import { letterHeightDots, letterWidthDots, type PrintedImage, type PrintedRow, type PrintedText } from './paper.ts';

/** What came out of a printer of so many letters a line. */
export type SlipShape = { readonly columns: number; readonly rows: readonly PrintedRow[] };

/** The letters of a slip as lines, each where it stood on the paper. */
export function slipText({ columns, rows }: SlipShape): string {
  return rows.map((row) => `${rowText(textRuns(row), columns).trimEnd()}\n`).join('');
}

type TextRun = { text: string; readonly startColumns: number; readonly widthFactor: number; endColumns: number };

/** Letters of one size that touch each other, from the first that is no blank to the last. */
function textRuns(row: PrintedRow): readonly TextRun[] {
  const runs: TextRun[] = [];
  for (const piece of row.pieces) {
    if (piece.kind === 'image') continue;
    const startColumns = piece.left / letterWidthDots;
    const endColumns = startColumns + piece.width / letterWidthDots;
    const last = runs.at(-1);
    if (last !== undefined && last.endColumns === startColumns && last.widthFactor === piece.widthFactor) {
      last.text += piece.text;
      last.endColumns = endColumns;
    } else if (piece.text !== ' ')
      runs.push({ text: piece.text, startColumns, endColumns, widthFactor: piece.widthFactor });
  }
  for (const run of runs) {
    const letters = run.text.trimEnd();
    run.endColumns -= (run.text.length - letters.length) * run.widthFactor;
    run.text = letters;
  }
  return runs;
}

/** Large letters shrink to ordinary ones towards the side to which they were set, so that what stood right stands right. */
function rowText(runs: readonly TextRun[], columns: number): string {
  let line = '';
  let usedColumns = 0;
  for (const { text, startColumns, endColumns, widthFactor } of runs) {
    const freed = (endColumns - startColumns) * (1 - 1 / widthFactor);
    const aside = columns - (endColumns - startColumns);
    const column = Math.round(startColumns + (aside > 0 ? (freed * startColumns) / aside : 0));
    line += ' '.repeat(Math.max(0, column - usedColumns)) + text;
    usedColumns = Math.max(column, usedColumns) + Math.round((endColumns - startColumns) / widthFactor);
  }
  return line;
}

/** A picture of one bit a dot as PNG, black on white. */
export function imagePng({ widthDots, heightDots, bits }: PrintedImage): Uint8Array {
  const bytesPerRow = widthDots / 8;
  const scanlines = Buffer.alloc((bytesPerRow + 1) * heightDots);
  for (let row = 0; row < heightDots; row += 1) {
    // PNG's grey of one bit is 0 for black, a printer's dot is 1; each scanline begins with filter type 0 (PNG, clause 9.2).
    for (let index = 0; index < bytesPerRow; index += 1) {
      scanlines[row * (bytesPerRow + 1) + 1 + index] = ~(bits[row * bytesPerRow + index] ?? 0) & 0xff;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(widthDots, 0);
  header.writeUInt32BE(heightDots, 4);
  header.writeUInt8(1, 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(scanlines)),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

function pngChunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(content.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

const marginDots = 24;
const tearDots = 8;
const footDots = 4;
const fonts =
  "'Noto Sans Mono CJK SC', 'Sarasa Mono SC', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', monospace";

/** The slip as it lies on the counter: a white sheet with a toothed lower edge, nothing fetched from elsewhere. */
export function slipSvg({ columns, rows }: SlipShape): string {
  const width = columns * letterWidthDots + 2 * marginDots;
  let top = marginDots;
  let content = '';
  for (const row of rows) {
    content += row.pieces
      .map((piece) => (piece.kind === 'image' ? imageSvg(piece, top) : letterSvg(piece, top + row.footDots)))
      .join('');
    top += row.height;
  }
  const height = top + marginDots;
  const teeth = Array.from(
    { length: Math.ceil(width / tearDots) },
    () => `l${-tearDots / 2} ${-tearDots}l${-tearDots / 2} ${tearDots}`,
  ).join('');
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">` +
    `<path d="M0 0H${width}V${height}${teeth}z" fill="#fff"/>` +
    `<g font-family="${fonts}" font-size="22" fill="#000" text-anchor="middle" lang="zh-Hans" transform="translate(${marginDots} 0)">${content}</g></svg>`
  );
}

function imageSvg(image: PrintedImage, top: number): string {
  const source = `data:image/png;base64,${Buffer.from(imagePng(image)).toString('base64')}`;
  return `<image href="${source}" x="${image.left}" y="${top}" width="${image.widthDots}" height="${image.heightDots}" style="image-rendering:pixelated"/>`;
}

/** Letters of one row stand on one foot line, whatever their size. */
function letterSvg(letter: PrintedText, bottom: number): string {
  const height = letter.heightFactor * letterHeightDots;
  const box = `<rect x="${letter.left}" y="${bottom - height}" width="${letter.width}" height="${height}" shape-rendering="crispEdges"/>`;
  if (letter.text === ' ') return letter.inverted ? box : '';
  const paint = letter.inverted ? '#fff' : '#000';
  const look = `${letter.bold ? ` stroke="${paint}" stroke-width="0.9"` : ''}${letter.underlined ? ' text-decoration="underline"' : ''}`;
  const place = `translate(${letter.left + letter.width / 2} ${bottom - footDots * letter.heightFactor}) scale(${letter.widthFactor} ${letter.heightFactor})`;
  return `${letter.inverted ? box : ''}<text transform="${place}" fill="${paint}"${look}>${escapeXml(letter.text)}</text>`;
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
