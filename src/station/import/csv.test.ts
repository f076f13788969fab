import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readCsv } from './csv.ts';

const read = (text: string, delimiter = ',') => [...readCsv(Buffer.from(text), delimiter)];
const outline = (text: string, delimiter = ',') =>
  read(text, delimiter).map((row) => [row.line, row.fault ?? Object.values(row.properties).join('|')]);

test('cells are read with quotes, line feeds, blank lines and either line ending', () => {
  assert.deepEqual(outline('\uFEFFid,name,city\r\n1,"a, ""b""",c\r\n\r\n2,"two\nlines",d\n3,5"6,e'), [
    [2, '1|a, "b"|c'],
    [4, '2|two\nlines|d'],
    [6, '3|5"6|e'],
  ]);
  assert.deepEqual(outline('id;name\n1;"a;b"\n2;\n', ';'), [
    [2, '1|a;b'],
    [3, '2|'],
  ]);
  assert.deepEqual(
    read('id,name\n7,x').map((row) => row.fault ?? row.properties),
    [{ id: '7', name: 'x' }],
  );
});

test('a faulty row is reported by its line, and the rows behind it are read', () => {
  const fault = 'a quote is not closed, or closed before the end of its cell';
  assert.deepEqual(outline('a,b\n1,"x"y\n2,ok\n3,4,5\n"open,2\n6,"fine"\n7,"never'), [
    [2, fault],
    [3, '2|ok'],
    [4, 'the row has 3 cells, the header has 2'],
    [5, fault],
    [6, '6|fine'],
    [7, fault],
  ]);
});

test('a file without a usable header is refused as a whole', () => {
  assert.throws(() => read(''), /no header/);
  assert.throws(() => read('\n\n'), /no header/);
  assert.throws(() => read('a,b,a\n'), /"a" twice/);
  assert.throws(() => read('"a,b\n'), /header row has a quote/);
  assert.throws(() => [...readCsv(Buffer.from([0x61, 0xe9, 0x0a]), ',')], /not UTF-8/);
});

test('an open quote in a long file costs no more than its row may have', () => {
  const rows = read(`a,b\n1,"open\n${'2,x\n'.repeat(50_000)}`);
  assert.equal(rows.length, 50_001);
  assert.equal(rows.filter((row) => row.fault !== undefined).length, 1);
});

test('whatever is written with quotes is read back, each row with its own line', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', 'é', '油', ',', '"', '\n', ' ') });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 }),
      fc.constantFrom('\n', '\r\n'),
      (rows, ending) => {
        const quoted = rows.map((cells) => cells.map((one) => `"${one.replaceAll('"', '""')}"`).join(','));
        const answers = read(`x,y${ending}${quoted.join(ending)}`);
        assert.deepEqual(
          answers.map((row) => (row.fault === undefined ? Object.values(row.properties) : row.fault)),
          rows,
        );
        let line = 2;
        for (const [at, text] of quoted.entries()) {
          assert.equal(answers[at]?.line, line);
          line += text.split('\n').length;
        }
      },
    ),
  );
});
