import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { columnsOf } from './printable-text.ts';
import { wrapText } from './wrap-text.ts';

test('words stay whole', () => {
  assert.deepEqual(wrapText('Show it to the staff or at the gate.', 20, 'unicode'), [
    'Show it to the staff',
    'or at the gate.',
  ]);
});

test('a Chinese full stop never begins a line', () => {
  assert.deepEqual(wrapText('请交工作人员查验。', 16, 'gb18030'), ['请交工作人员查', '验。']);
});

test('a word longer than the line is broken where the line ends', () => {
  assert.deepEqual(wrapText('ABCDEFGH', 3, 'unicode'), ['ABC', 'DEF', 'GH']);
});

test('no line is wider than asked, and nothing but blanks is lost', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'b', ' ', '1', '油', '站', '，', '。', '-'), maxLength: 80 }),
      fc.integer({ min: 4, max: 48 }),
      (text, columns) => {
        const lines = wrapText(text, columns, 'gb18030');
        assert.ok(lines.length > 0);
        for (const line of lines) assert.ok(columnsOf(line, 'gb18030') <= columns, line);
        assert.equal(lines.join('').replaceAll(' ', ''), text.replaceAll(' ', ''));
      },
    ),
  );
});
