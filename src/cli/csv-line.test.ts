import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readCsv } from '../station/import/csv.ts';
import { csvLine } from './csv-line.ts';

test('commas, quotes and line ends are quoted, and a line ends with CR LF', () => {
  assert.equal(csvLine(['a', 'b,c', 'd"e', 'f\r\ng', null, 7]), 'a,"b,c","d""e","f\r\ng",,7\r\n');
});

test('what a spreadsheet would run as a formula is made text, and a negative amount stays a number', () => {
  assert.equal(
    csvLine(['=1+1', '+cmd', '-2+3', '@x', '\tx', '＝1', '-1.20', '-']),
    "'=1+1,'+cmd,'-2+3,'@x,'\tx,'＝1,-1.20,'-\r\n",
  );
});

test('whatever is written is read back cell by cell, but for the apostrophe before a formula', () => {
  const cell = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => text.trim() !== '');
  fc.assert(
    fc.property(fc.array(cell, { minLength: 2, maxLength: 5 }), (cells) => {
      const header = csvLine(cells.map((_, index) => `c${index}`));
      const [row] = [...readCsv(Buffer.from(header + csvLine(cells)), ',')];
      assert.ok(row !== undefined && 'properties' in row);
      const read = Object.values(row.properties);
      assert.deepEqual(
        read.map((text, index) => (text === `'${cells[index]}` ? text.slice(1) : text)),
        cells,
      );
    }),
  );
});
