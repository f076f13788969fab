import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseNozzle } from './layout.ts';
import type { GradePrice, Nozzle } from './station.ts';

const price = (grade: string): GradePrice => ({
  grade,
  officialPriceMilli: null,
  pumpPriceMilli: 7_390,
  memberPriceMilli: null,
  validFrom: 0,
  validUntil: null,
});
const nozzles: Nozzle[] = [
  { pump: 1, nozzle: 1, grade: '92' },
  { pump: 1, nozzle: 2, grade: '95' },
  { pump: 2, nozzle: 1, grade: '92' },
  { pump: 2, nozzle: 3, grade: '92' },
];
const known = { nozzles, grades: [price('92'), price('95')] };
const unknown = { nozzles: [], grades: [price('92')] };

const cases = [
  // station, grade, pump, nozzle, answer
  [known, '98', 9, 9, 'grade_unknown'],
  [known, '92', 9, 9, 'pump_unknown'],
  [known, '92', null, null, 'pump_unknown'],
  [known, '92', null, 1, 'pump_unknown'],
  [known, '92', 1, 9, 'nozzle_unknown'],
  [known, '92', 1, 2, 'nozzle_other_grade'],
  [known, '95', 2, null, 'nozzle_other_grade'],
  [known, '92', 1, 1, { pump: 1, nozzle: 1 }],
  [known, '95', 1, null, { pump: 1, nozzle: 2 }],
  [known, '92', 2, null, { pump: 2, nozzle: null }],
  [known, '92', null, 3, { pump: 2, nozzle: 3 }],
  [unknown, '95', 1, 1, 'grade_unknown'],
  [unknown, '92', 0, null, 'pump_unknown'],
  [unknown, '92', 100, null, 'pump_unknown'],
  [unknown, '92', 1.5, null, 'pump_unknown'],
  [unknown, '92', 99, 1000, 'nozzle_unknown'],
  [unknown, '92', 99, 999, { pump: 99, nozzle: 999 }],
  [unknown, '92', null, null, { pump: null, nozzle: null }],
] as const;

test('pump and nozzle are chosen as the station is laid out, and refused by name in order', () => {
  for (const [station, grade, pump, nozzle, expected] of cases) {
    const answer = chooseNozzle(station, { grade, pump, nozzle });
    assert.deepEqual('refusal' in answer ? answer.refusal : answer, expected, JSON.stringify([grade, pump, nozzle]));
  }
});

test('a nozzle of another grade tells which grade it gives', () => {
  assert.deepEqual(chooseNozzle(known, { grade: '92', pump: 1, nozzle: 2 }), {
    refusal: 'nozzle_other_grade',
    hint: { grades: ['95'] },
  });
});

test('a grade that has a nozzle but no price now is known', () => {
  assert.deepEqual(chooseNozzle({ nozzles, grades: [] }, { grade: '95', pump: 1, nozzle: null }), {
    pump: 1,
    nozzle: 2,
  });
});
