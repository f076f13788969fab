import { type BaseCommand, commands, type Encoding, transform } from 'receiptline';
import type { PermitSlip } from '../receipt.message.ts';
import { automaticStatusOn, cutAfterFeed, initialize, rasterHeader } from './escpos.ts';
import { makePermitQr, type PermitQr, permitQrDots, permitQrPng } from './permit-qr.ts';
import { type Charset, columnsOf } from './printable-text.ts';
import { writeReceiptDocument } from './receipt-document.ts';

/** Dots of one character of font A. */
export const characterDots = 12;

export type PaperColumns = 32 | 42 | 48;
export const paperColumns = [32, 42, 48] as const satisfies readonly PaperColumns[];

export type PrinterCharset = Exclude<Charset, 'unicode'>;

export type ReceiptOptions = {
  readonly columns: PaperColumns;
  /** 0 for the first slip; n marks the nth reprint with 补打 / REPRINT n. */
  readonly copy?: number;
};

/**
 * The slip as ESC/POS: one QR, one cut, no question to the printer (those belong to the acknowledgement ladder).
 * @throws where the token is none that a QR code can hold, or a time is none.
 */
export function composeReceipt(
  slip: PermitSlip,
  options: ReceiptOptions & { readonly charset: PrinterCharset },
): Uint8Array {
  const { columns, copy = 0, charset } = options;
  const qr = makePermitQr(slip.token, columns * characterDots);
  const document = writeReceiptDocument(slip, { columns, charset, copy, qr: imageMark, large: true });
  const bytes = transform(document, {
    cpl: columns,
    encoding: charset,
    spacing: true,
    command: printerCommand(charset, qr),
  });
  return Buffer.from(bytes, 'latin1');
}

/** The slip for a console: no large letters, no picture, the token as text. Every line ends in a line feed, none in a blank. */
export function composeReceiptText(slip: PermitSlip, options: ReceiptOptions): string {
  const { columns, copy = 0 } = options;
  const document = writeReceiptDocument(slip, { columns, charset: 'unicode', copy, qr: null, large: false });
  const text = transform(document, { cpl: columns, encoding: 'gb18030', command: textCommand });
  return `${text.replace(/[ ]+$/gm, '').trimEnd()}\n`;
}

/** The slip as a picture for a page: black on white also in a dark page, nothing fetched from elsewhere, no script. */
export function composeReceiptSvg(slip: PermitSlip, options: ReceiptOptions): string {
  const { columns, copy = 0 } = options;
  const qr = Buffer.from(permitQrPng(makePermitQr(slip.token, columns * characterDots))).toString('base64');
  const document = writeReceiptDocument(slip, { columns, charset: 'unicode', copy, qr, large: true });
  return layOnPaper(transform(document, { cpl: columns, encoding: 'gb18030', spacing: true, command: svgCommand }));
}

/** Stands in the document where the printer's command below puts its dots: through a PNG and back would take longer than all the rest. */
const imageMark = 'QR';

const asCommand = (bytes: readonly number[]): string => String.fromCharCode(...bytes);

/** A plain hyphen in single-byte mode: line drawing lives on code page 1, which clones lack (devices.md 2.2, trap 4). */
const rule = (width: number): string => `\x1c.${'-'.repeat(width)}`; // FS .

/** receiptline's generic ESC/POS with what devices.md 2.2 and 3.2 ask for beyond it. */
function printerCommand(charset: PrinterCharset, qr: PermitQr): BaseCommand {
  const { generic } = commands;
  const { bytesPerRow, dots } = permitQrDots(qr);
  const raster = asCommand(rasterHeader(bytesPerRow, qr.sideDots)) + Buffer.from(dots).toString('latin1');
  return {
    ...generic,
    // receiptline switches automatic status off after ESC @, which would silence "paper out" in the middle of the job.
    open(printer) {
      const opening: string = generic.open.call(this, printer);
      return asCommand([...initialize, ...automaticStatusOn]) + opening.slice(opening.indexOf('\x1bM'));
    },
    // receiptline ends with a GS r 1 of its own, which would be taken for the answer to ours.
    close: () => asCommand(cutAfterFeed),
    hr: rule,
    image: () => raster,
    text(text: string, encoding: Encoding) {
      const bytes: string = generic.text.call(this, text, encoding);
      if (charset === 'gb18030' && /[\x81-\xfe][0-9]/.test(withoutPairs(bytes)))
        throw new Error(`${JSON.stringify(text)} has a four-byte code`);
      return bytes;
    },
  };
}

/** Two-byte codes taken out in order, so that what is left of a lead byte stands before a digit only in a four-byte code. */
const withoutPairs = (bytes: string): string => bytes.replace(/[\x81-\xfe][\x40-\x7e\x80-\xfe]/g, '');

const measureText = (text: string): number => columnsOf(text, 'unicode');

const textCommand: BaseCommand = { ...commands.text, measureText };

/** receiptline inverts with a filter over the font's own box, which clips its neighbours; here a black box fills the cells exactly. */
const svgCommand: BaseCommand = {
  ...commands.svg,
  measureText,
  iv() {
    this['textAttributes'].fill = '#fff';
    if (this['textAttributes'].stroke !== undefined) this['textAttributes'].stroke = '#fff';
    return '';
  },
  text(text: string, encoding: Encoding) {
    if (this['textAttributes'].fill !== undefined) {
      const width = measureText(text) * this['textScale'] * characterDots;
      const height = this['lineHeight'] * 2 * characterDots;
      const place = `x="${this['textPosition'] * characterDots}" y="${-height}" width="${width}" height="${height}"`;
      this['textElement'] += `<rect ${place} shape-rendering="crispEdges"/>`;
    }
    return commands.svg.text.call(this, text, encoding);
  },
};

const marginDots = 24;
/** Of the 24 dots of a line, what hangs below the letters' foot. Fonts disagree about their lower edge, hardly about their foot. */
const descentDots = 4;
const fonts =
  "'Noto Sans Mono CJK SC', 'Sarasa Mono SC', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', monospace";

/** A white sheet with a margin under receiptline's drawing, and fonts that have Chinese. */
function layOnPaper(drawing: string): string {
  const size = /^<svg width="(\d+)px" height="([\d.]+)px" viewBox="[^"]*"/.exec(drawing);
  if (size === null) throw new Error(`receiptline drew no svg: ${drawing.slice(0, 80)}`);
  const width = Number(size[1]) + 2 * marginDots;
  const height = Number(size[2]) + 2 * marginDots;
  const sheet = `x="${-marginDots}" y="${-marginDots}" width="${width}" height="${height}"`;
  return drawing
    .replace(
      size[0],
      `<svg width="${width}" height="${height}" viewBox="${-marginDots} ${-marginDots} ${width} ${height}"`,
    )
    .replace('<defs>', `<rect ${sheet} fill="#fff"/><defs>`)
    .replace('dominant-baseline="text-after-edge" ', '')
    .replaceAll('<text', `<text y="${-descentDots}"`)
    .replace('font-family="monospace"', `font-family="${fonts}"`);
}
