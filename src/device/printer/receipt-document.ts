import { minorDigits } from '../../base/money.ts';
import type { PermitSlip, ReceiptMessage } from '../receipt.message.ts';
import { type Charset, columnsOf, escapeMarkup, printableText } from './printable-text.ts';
import { wrapText } from './wrap-text.ts';
import { methodName, type ReceiptWords, receiptWords } from './receipt-words.ts';

export type DocumentOptions = {
  /** Characters of font A a line: 32 (58 mm paper), 42 or 48 (80 mm). */
  readonly columns: number;
  readonly charset: Charset;
  /** 0 for the first slip; n marks the nth reprint. */
  readonly copy: number;
  /** The QR as base64 PNG, or null where the medium shows no pictures: then the token stands there as text. */
  readonly qr: string | null;
  /** Large letters; a console has none. */
  readonly large: boolean;
};

type Size = 'bold' | 'tall' | 'double' | 'triple' | 'quadruple';

/** receiptline's marks for wide, tall and both, with the factor by which the text grows wider. */
const sizes = {
  bold: { mark: '', widthFactor: 1 },
  tall: { mark: '^^', widthFactor: 1 },
  double: { mark: '^^^', widthFactor: 2 },
  triple: { mark: '^^^^', widthFactor: 3 },
  quadruple: { mark: '^^^^^', widthFactor: 4 },
} as const satisfies Record<Size, { mark: string; widthFactor: number }>;

/**
 * The slip as a receiptline document. What the staff look for stands first and large: permit, pump, plate, money; then what the driver
 * checks; last the code for the gate. All that is not our own word goes through `printableText` and `escapeMarkup`.
 */
export function writeReceiptDocument(slip: PermitSlip, options: DocumentOptions): string {
  const pen = createPen(options);
  const { receipt } = slip;
  const words = receiptWords(receipt.locale, options.charset !== 'multilingual');
  const lines = [
    ...stationLines(receipt, words, pen),
    ...titleLines(words, pen, options),
    ...headlineLines(receipt, words, pen),
    '---',
    ...detailLines(receipt, words, pen),
    '---',
    ...permitLines(slip, words, pen, options),
    '---',
    ...footerLines(receipt, words, pen),
  ];
  return lines.join('\n');
}

type Pen = {
  readonly charset: Charset;
  readonly columns: number;
  /** Centred, in the largest of the wanted sizes that fits in one line; in as many lines as it needs where none does. */
  readonly center: (text: string, wanted?: readonly Size[]) => readonly string[];
  /** A label on the left, a value on the right, wrapped within its half. */
  readonly pair: (label: string, value: string, wanted?: readonly Size[]) => readonly string[];
  /** White on black over the whole line. */
  readonly band: (text: string) => readonly string[];
};

function createPen({ charset, columns, large }: DocumentOptions): Pen {
  const widthOf = (text: string) => columnsOf(text, charset);

  /** Lines in the largest of the wanted sizes in which the text is one line, bold where it is large. */
  function fit(text: string, columns: number, wanted: readonly Size[]): readonly string[] {
    const shown = printableText(text, charset);
    const size = large ? wanted.find((one) => widthOf(shown) * sizes[one].widthFactor <= columns) : undefined;
    if (size === undefined) return wrapText(shown, columns, charset).map(escapeMarkup);
    const { mark } = sizes[size];
    return [`${mark}"${escapeMarkup(shown)}"${mark}`];
  }

  function center(text: string, wanted: readonly Size[] = []): readonly string[] {
    return fit(text, columns, wanted);
  }

  function pair(label: string, value: string, wanted: readonly Size[] = []): readonly string[] {
    const labelColumns = widthOf(label);
    const valueColumns = columns - labelColumns - 1;
    const shownLabel = large && wanted.length > 0 ? `"${escapeMarkup(label)}"` : escapeMarkup(label);
    const rows = fit(value, valueColumns, wanted).map((line, index) => `|${index === 0 ? shownLabel : ''} | ${line}|`);
    return [`{width:${labelColumns} ${valueColumns}}`, ...rows, '{width:auto}'];
  }

  function band(text: string): readonly string[] {
    if (text === '') return [];
    if (!large) return center(text);
    const cells = Math.floor(columns / 2);
    const blanks = Math.max(0, cells - widthOf(text));
    const left = Math.floor(blanks / 2);
    return [`\`"^^^${'~'.repeat(left)}${escapeMarkup(text)}${'~'.repeat(blanks - left)}^^^"\``];
  }

  return { charset, columns, center, pair, band };
}

function stationLines(receipt: ReceiptMessage, words: ReceiptWords, pen: Pen): readonly string[] {
  const number = `${words.station} ${receipt.stationNumber}`;
  const line =
    receipt.stationBrand === null
      ? number
      : `${receipt.stationBrand} ${pen.charset === 'multilingual' ? '-' : '·'} ${number}`;
  return [
    ...pen.center(receipt.stationName, ['double', 'tall']),
    ...pen.center(line),
    ...pen.center(receipt.stationAddress),
    '',
  ];
}

function titleLines(words: ReceiptWords, pen: Pen, { copy }: DocumentOptions): readonly string[] {
  const reprint = copy > 0 ? ['', ...pen.band(words.reprint(copy))] : [];
  return [...pen.band(words.title), ...pen.band(words.titleSecond), ...reprint, ''];
}

function headlineLines(receipt: ReceiptMessage, words: ReceiptWords, pen: Pen): readonly string[] {
  const pump = receipt.pump === null ? [] : pen.pair(words.pump, String(receipt.pump), ['quadruple', 'double']);
  const plate = receipt.plate === null ? [] : pen.pair(words.plate, receipt.plate, ['double', 'tall']);
  const payable = moneyText(receipt.payable, receipt.currency, pen.charset);
  return [...pump, ...plate, ...pen.pair(words.payable, payable, ['triple', 'double', 'tall'])];
}

function detailLines(receipt: ReceiptMessage, words: ReceiptWords, pen: Pen): readonly string[] {
  const unit = words.units[receipt.unit];
  const money = (amount: string) => moneyText(amount, receipt.currency, pen.charset);
  const perUnit = (price: string) => `${money(price)}/${unit}`;
  const discounted = /[1-9]/.test(receipt.discount);
  const memberPrice =
    discounted && receipt.memberPrice !== null ? [pen.pair(words.memberPrice, perUnit(receipt.memberPrice))] : [];
  const rows = [
    pen.pair(words.grade, receipt.grade),
    ...(receipt.nozzle === null ? [] : [pen.pair(words.nozzle, String(receipt.nozzle))]),
    pen.pair(words.volume, `${receipt.volume} ${unit}`),
    pen.pair(words.unitPrice, perUnit(receipt.pumpPrice)),
    pen.pair(words.money, money(receipt.money)),
    ...memberPrice,
    ...(discounted ? [pen.pair(words.discount, `-${money(receipt.discount)}`)] : []),
    pen.pair(words.payable, money(receipt.payable), ['bold']),
    pen.pair(words.paidBy, methodName(receipt.paidBy, receipt.locale, pen.charset !== 'multilingual')),
    pen.pair(words.paidAt, stationTime(receipt.paidAt, receipt.timeZone, 'seconds')),
    pen.pair(words.order, receipt.orderId),
  ];
  return rows.flat();
}

function permitLines(slip: PermitSlip, words: ReceiptWords, pen: Pen, { qr }: DocumentOptions): readonly string[] {
  const picture =
    qr === null ? wrapToken(slip.token, pen.columns).map((line) => `|${escapeMarkup(line)} |`) : [`{image:${qr}}`];
  return [
    ...picture,
    ...pen.center(words.permitCode),
    ...pen.center(slip.shortCode, ['triple', 'double', 'tall']),
    '',
    ...pen.center(words.validUntil),
    ...pen.center(stationTime(slip.expiresAt, slip.receipt.timeZone, 'minutes'), ['double', 'bold']),
  ];
}

function footerLines(receipt: ReceiptMessage, words: ReceiptWords, pen: Pen): readonly string[] {
  const digits = minorDigits(receipt.currency) ?? 2;
  const smallest = `${digits === 0 ? '1' : `0.${'1'.padStart(digits, '0')}`} ${receipt.currency}`;
  const mode = words.roundingModes[receipt.rounding];
  const rounding = words.rounding({ step: receipt.volumeStep, unit: words.units[receipt.unit], mode, smallest });
  return [...words.leave.flatMap((line) => pen.center(line)), '', ...rounding.flatMap((line) => pen.center(line))];
}

const currencySigns = {
  gb18030: { CNY: '\uffe5', JPY: '\uffe5', USD: '$', GBP: '\uffe1' },
  multilingual: { CNY: '\u00a5', JPY: '\u00a5', USD: '$', GBP: '\u00a3', EUR: '\u20ac' },
  unicode: { CNY: '\u00a5', JPY: '\u00a5', USD: '$', GBP: '\u00a3', EUR: '\u20ac' },
} as const satisfies Record<Charset, Readonly<Record<string, string>>>;

/** `￥200.00`, `$40.00`; a currency without a sign that every printer has is named by its code: `EUR 40.00`. */
function moneyText(amount: string, currency: string, charset: Charset): string {
  const sign = new Map<string, string>(Object.entries(currencySigns[charset])).get(currency);
  return sign === undefined ? `${currency} ${amount}` : sign + amount;
}

/** RFC 3339 UTC as the station's wall clock shows it: `2026-03-01 12:30:05`. */
function stationTime(instant: string, timeZone: string, to: 'minutes' | 'seconds'): string {
  const parts = wallClock(timeZone).formatToParts(new Date(instant));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((one) => one.type === type)?.value ?? '';
  const minutes = `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')}`;
  return to === 'minutes' ? minutes : `${minutes}:${part('second')}`;
}

/** Making a formatter costs more than all its uses; there are no more of them than time zones. */
const wallClocks = new Map<string, Intl.DateTimeFormat>();

function wallClock(timeZone: string): Intl.DateTimeFormat {
  const known = wallClocks.get(timeZone);
  if (known !== undefined) return known;
  const twoDigits = {
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  } as const;
  const made = new Intl.DateTimeFormat('en', { timeZone, hourCycle: 'h23', year: 'numeric', ...twoDigits });
  wallClocks.set(timeZone, made);
  return made;
}

const wrapToken = (token: string, columns: number): readonly string[] =>
  token.match(new RegExp(`.{1,${columns}}`, 'gs')) ?? [];
