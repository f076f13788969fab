import { commands } from 'receiptline';

/**
 * What a medium can show. `gb18030`: printers with a Chinese font, of which the cheap ones know only two-byte codes (SPRT SP91 manual
 * p. 66). `multilingual`: western printers with code pages. `unicode`: screens.
 */
export type Charset = 'gb18030' | 'multilingual' | 'unicode';

/** No piece of text on a slip is longer; what is cut off ends in an ellipsis. */
export const textCharactersMax = 160;

/** Nearly all text: what needs no second look. Every Hanzi of this range has a two-byte code. */
const plain = {
  gb18030: /^[ -~\u4e00-\u9fa5，。；：、￥·]*$/,
  multilingual: /^[ -~]*$/,
  unicode: /^[ -~\u4e00-\u9fa5，。；：、￥·]*$/,
} as const satisfies Record<Charset, RegExp>;

/** Stands for what a charset lacks: the geta mark, which Chinese and Japanese printers have used for a missing type since lead. */
const missingSign = { gb18030: '〓', multilingual: '?', unicode: '\u{fffd}' } as const satisfies Record<
  Charset,
  string
>;

/**
 * U+00A5 and its like are four bytes in GB18030 and print as rubbish; their full-width forms are two (devices.md 2.2, trap 1). Letters
 * that no accent was added to have no base letter to fold to.
 */
const chineseForms = new Map([
  ['\u00a5', '\uffe5'],
  ['\u00a3', '\uffe1'],
  ['\u00a2', '\uffe0'],
  ['\u20ac', 'EUR'],
  ['\u2013', '-'],
  ['\u2018', "'"],
  ['\u2019', "'"],
  ['\u2022', '\u00b7'],
  ['\u00df', 'ss'],
  ['\u00c6', 'AE'],
  ['\u00e6', 'ae'],
  ['\u00d8', 'O'],
  ['\u00f8', 'o'],
  ['\u0110', 'D'],
  ['\u0111', 'd'],
  ['\u0141', 'L'],
  ['\u0142', 'l'],
  ['\u0152', 'OE'],
  ['\u0153', 'oe'],
]);

/**
 * `text` as one line that the charset can show: control and format characters gone, blanks single, each character that the medium
 * lacks folded to its base letter or replaced by a sign. Never longer than `textCharactersMax`.
 */
export function printableText(text: string, charset: Charset): string {
  if (text.length <= textCharactersMax && plain[charset].test(text)) return text.replace(/ +/g, ' ').trim();
  // receiptline normalizes its whole document; a character that becomes a backtick or a semicolon there (U+1FEF, U+037E) must do so
  // before it is escaped, not after.
  const oneLine = text
    .slice(0, 16 * textCharactersMax)
    .toWellFormed()
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Z}]+/gu, ' ');
  let printable = '';
  let characterCount = 0;
  for (const { segment } of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(oneLine.trim())) {
    const shown = showGrapheme(segment, charset);
    if (shown === '') continue;
    characterCount += 1;
    if (characterCount > textCharactersMax) return `${printable}${charset === 'gb18030' ? '…' : '...'}`;
    printable += shown;
  }
  return printable.trim();
}

function showGrapheme(grapheme: string, charset: Charset): string {
  // Marks that turn the reading direction could make "plate" and "amount" change places; joiners and selectors show nothing.
  const visible = grapheme.replace(/[\p{Cf}\p{Co}\p{Cn}\ufe00-\ufe0f]/gu, '');
  if (visible === '') return '';
  if (charset === 'unicode') return /^\p{M}/u.test(visible) ? '' : visible.replace(/(?<=\p{M}{4})\p{M}+/gu, '');
  const base = visible.normalize('NFD').replace(/\p{M}+/gu, '');
  // A Chinese printer has some accented letters (for pinyin), two columns wide each: a French name would fall apart.
  const form =
    charset === 'gb18030' ? (chineseForms.get(visible) ?? (/^[A-Za-z]$/.test(base) ? base : undefined)) : undefined;
  if (form !== undefined) return form;
  if (isShown(visible, charset)) return visible;
  return base !== '' && isShown(base, charset) ? base : missingSign[charset];
}

const isShown = (text: string, charset: 'gb18030' | 'multilingual'): boolean =>
  Array.from(text).every((character) => (character >= ' ' && character <= '~') || charsets[charset](character));

const charsets = {
  gb18030: (character: string) => {
    twoByteCharacters ??= readTwoByteCharacters();
    return twoByteCharacters.has(character);
  },
  // receiptline's own table decides which code page a character is on, and answers "?" where there is none.
  multilingual: (character: string) => commands.generic.text(character, 'multilingual') !== '?',
};

let twoByteCharacters: ReadonlySet<string> | undefined;

/**
 * Every letter, digit and sign with a two-byte code in GBK. Row FE and U+1E3F moved between the editions of GB18030, so that an
 * encoder may give four bytes where a decoder reads two: they count as missing.
 */
function readTwoByteCharacters(): ReadonlySet<string> {
  const codes: number[] = [];
  for (let lead = 0x81; lead <= 0xfd; lead += 1) {
    for (let trail = 0x40; trail <= 0xfe; trail += 1) if (trail !== 0x7f) codes.push(lead, trail);
  }
  const characters = new TextDecoder('gb18030').decode(Uint8Array.from(codes));
  return new Set(
    Array.from(characters).filter(
      (one) => /[\p{L}\p{N}\p{P}\p{S}]/u.test(one) && one > '~' && one !== '\u1e3f' && one !== '\ufffd',
    ),
  );
}

/** Columns that a character takes: two for the scripts of East Asia, none for a combining mark, one for the rest. */
export function columnsOf(text: string, charset: Charset): number {
  if (charset === 'multilingual') return Array.from(text).length;
  let columns = 0;
  for (const character of text) {
    if (charset === 'gb18030') columns += character < '\u0080' ? 1 : 2;
    else if (!/\p{M}/u.test(character)) columns += wide.test(character) ? 2 : 1;
  }
  return columns;
}

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/**
 * Printable text as receiptline text that means only itself. Without this a plate could bring its own QR, and a station named
 * "====" would cut the paper (devices.md 2.2, trap 2).
 */
export const escapeMarkup = (printable: string): string => printable.replace(/[\\|{}~_"`^=-]/g, '\\$&');
