import { type Charset, columnsOf } from './printable-text.ts';

/** Signs that may not begin a line in Chinese typesetting (GB/T 15834): they stay with the character before them. */
const closing = /^[，。；：、！？）》」』】”’,.;:!?)\]%]/u;

/**
 * `text` in lines of at most so many columns, broken at blanks and between Chinese characters; a word longer than a line is broken
 * where the line ends. receiptline itself would break any word anywhere.
 */
export function wrapText(text: string, columns: number, charset: Charset): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of piecesOf(text)) {
    if (columnsOf((line + piece).trimEnd(), charset) <= columns) {
      line += piece;
      continue;
    }
    if (line.trim() !== '') lines.push(line.trim());
    line = '';
    for (const character of piece) {
      if (columnsOf(line + character, charset) > columns) {
        lines.push(line);
        line = '';
      }
      line += character;
    }
  }
  return line.trim() === '' && lines.length > 0 ? lines : [...lines, line.trim()];
}

/** The parts that stay together: a word with the blank after it, or one wide character with the signs that close it. */
function piecesOf(text: string): readonly string[] {
  const pieces: string[] = [];
  for (const part of text.match(/[\u0021-\u024f]+ *|[^\u0021-\u024f] */gu) ?? []) {
    const last = pieces.length - 1;
    const before = pieces[last];
    if (before !== undefined && closing.test(part) && !before.endsWith(' ')) pieces[last] = before + part;
    else pieces.push(part);
  }
  return pieces;
}
