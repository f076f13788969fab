import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { columnsOf, printableText, textCharactersMax } from './printable-text.ts';

const twoByteOnly = new TextDecoder('gb18030', { fatal: true });

const examples = [
  ['the yen sign becomes its two-byte form', 'gb18030', '¥200', '￥200'],
  ['an emoji family is one missing sign', 'gb18030', '加油👨‍👩‍👧站', '加油〓站'],
  ['a Hanzi outside GBK is one missing sign', 'gb18030', '𠮷站', '〓站'],
  ['a Hanzi of GBK beyond GB2312 stays', 'gb18030', '朱镕基', '朱镕基'],
  ['Latin letters lose their accents on a Chinese printer', 'gb18030', 'Łódź République Æ', 'Lodz Republique AE'],
  ['the dot between brand and number stays', 'gb18030', '京A·12345', '京A·12345'],
  ['a western printer keeps accents', 'multilingual', 'République €', 'République €'],
  ['a western printer shows a question mark for Hanzi', 'multilingual', '京A', '?A'],
  ['a screen keeps what Unicode has', 'unicode', '𠮷 République', '𠮷 République'],
  ['line ends and tabs become one blank', 'unicode', ' a\r\n\t b ', 'a b'],
  ['a reversal of the reading direction is dropped', 'unicode', 'a\u202eb', 'ab'],
  ['a lone surrogate is replaced', 'unicode', 'a\ud800b', 'a\ufffdb'],
] as const;

for (const [name, charset, text, expected] of examples) {
  test(name, () => assert.equal(printableText(text, charset), expected));
}

test('no letter of the basic plane is left that GB18030 writes in four bytes', () => {
  for (let start = 0x20; start < 0x10000; start += 128) {
    const letters = Array.from({ length: 128 }, (_, index) => String.fromCharCode(start + index)).join('');
    for (const letter of printableText(letters, 'gb18030')) {
      const isAscii = letter >= ' ' && letter <= '~';
      assert.ok(isAscii || twoByteLetters.has(letter), `${letter} U+${letter.codePointAt(0)?.toString(16)}`);
    }
  }
});

const twoByteLetters = new Set(
  Array.from({ length: 126 * 191 }, (_, index) => [0x81 + Math.floor(index / 191), 0x40 + (index % 191)] as const)
    .filter(([, trail]) => trail !== 0x7f)
    .flatMap(([lead, trail]) => decodeOrNothing(lead, trail)),
);

function decodeOrNothing(lead: number, trail: number): readonly string[] {
  try {
    return [twoByteOnly.decode(Uint8Array.of(lead, trail))];
  } catch {
    return [];
  }
}

test('printable text is bounded, one line, and printable text again', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.constantFrom('gb18030', 'multilingual', 'unicode'),
      (text, charset) => {
        const printable = printableText(text, charset);
        assert.ok(Array.from(new Intl.Segmenter().segment(printable)).length <= 2 * textCharactersMax + 3);
        assert.ok(!/[\p{Cc}\p{Cs}]/u.test(printable));
        if (charset !== 'unicode') assert.equal(printableText(printable, charset), printable);
        assert.ok(columnsOf(printable, charset) >= 0);
      },
    ),
  );
});
