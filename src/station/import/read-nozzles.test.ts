import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { layOutNozzles, readNozzles } from './read-nozzles.ts';
import { RowFault } from './row-text.ts';

test('text and list say the same layout', () => {
  const layout = [
    { pump: 1, nozzle: 1, grade: '92' },
    { pump: 1, nozzle: 2, grade: '95' },
    { pump: 2, nozzle: 3, grade: '92' },
  ];
  assert.deepEqual(readNozzles('1:1:92;1:2:95;2:3:92'), layout);
  assert.deepEqual(readNozzles(' 1 : 1 : 92 ; 1:2:95; 2:3:92'), layout);
  assert.deepEqual(readNozzles(layout), layout);
  assert.deepEqual(readNozzles([{ pump: '1', nozzle: 1, grade: 92 }]), layout.slice(0, 1));
});

test('nothing said is no layout', () => {
  for (const nothing of [undefined, null, '', '  ', []]) assert.equal(readNozzles(nothing), null);
});

test('any layout survives being written as text', () => {
  const grade = fc
    .stringMatching(/^[A-Za-z0-9+#][A-Za-z0-9+#: -]{0,20}[A-Za-z0-9+#]$/)
    .map((text) => text.replace(/ +/g, ' '));
  const parts = { pump: fc.integer({ min: 1, max: 99 }), nozzle: fc.integer({ min: 1, max: 999 }), grade };
  const nozzle = fc.record(parts, { noNullPrototype: true });
  const layouts = fc.uniqueArray(nozzle, {
    minLength: 1,
    maxLength: 20,
    selector: (one) => one.pump * 1_000 + one.nozzle,
  });
  fc.assert(
    fc.property(layouts, (layout) => {
      const text = layout.map((one) => `${one.pump}:${one.nozzle}:${one.grade}`).join(';');
      assert.deepEqual(readNozzles(text), layout);
    }),
  );
});

test('what is wrong with a layout is told in words', () => {
  const many = Array.from({ length: 1_000 }, (_, at) => ({ pump: 1, nozzle: at + 1, grade: '92' }));
  for (const [value, reason] of [
    ['1:1', /"1:1" is not pump:nozzle:grade/],
    ['1:1:92;', /"" is not pump:nozzle:grade/],
    ['1:1:', /nozzle 1 of pump 1 has no grade/],
    ['0:1:92', /pump number "0" is no whole number from 1 to 99/],
    ['100:1:92', /pump number "100"/],
    ['A:1:92', /pump number "A"/],
    ['1:1000:92', /nozzle number "1000" is no whole number from 1 to 999/],
    ['1:1.5:92', /nozzle number "1.5"/],
    ['1:1:92;1:1:95', /nozzle 1 of pump 1 stands twice/],
    [`1:1:${'x'.repeat(33)}`, /grade has 33 characters, more than 32/],
    [many, /1000 nozzles, more than 999/],
    [['1:1:92'], /"1:1:92" has not pump, nozzle and grade/],
    [[null], /null has not pump/],
    [[{ pump: 1, nozzle: 1 }], /has not pump, nozzle and grade/],
    [[{ pump: [1], nozzle: 1, grade: '92' }], /neither text nor number/],
    [{ pump: 1 }, /neither text nor number/],
    [true, /neither text nor number/],
  ] as const) {
    assert.throws(
      () => readNozzles(value),
      (error) => error instanceof RowFault && reason.test(error.message),
      JSON.stringify(value).slice(0, 60),
    );
  }
});

test('laid out nozzles are numbered through the station, so that a number names its pump', () => {
  const nozzles = layOutNozzles(3, ['92', '95']);
  assert.deepEqual(
    nozzles.map(({ nozzle }) => nozzle),
    [1, 2, 3, 4, 5, 6],
  );
  assert.deepEqual(nozzles[3], { pump: 2, nozzle: 4, grade: '95' });
  assert.deepEqual(layOutNozzles(0, ['92']), []);
  assert.throws(
    () => layOutNozzles(99, Array.from({ length: 11 }, String)),
    /99 pumps with 11 grades are 1089 nozzles/,
  );
});
