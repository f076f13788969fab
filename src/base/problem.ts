import { moneyProblems } from './problems/money-problems.ts';
import { orderProblems } from './problems/order-problems.ts';
import type { Problem } from './problems/problem-text.ts';
import { stationProblems } from './problems/station-problems.ts';

/** Every "no" of Forecourt by its name. A refusal is returned, never thrown. Put together by a pure call, so that a page without need leaves all out. */
const problems = /* @__PURE__ */ (() =>
  ({ ...orderProblems, ...moneyProblems, ...stationProblems }) as const satisfies Record<string, Problem>)();

export type RefusalName = keyof typeof problems;

/** An expected "no". `hint` holds what the caller needs to do better: the new price, the candidates, the limit. */
export type Refusal = { readonly refusal: RefusalName; readonly hint?: Readonly<Record<string, unknown>> };

export const refuse = (refusal: RefusalName, hint?: Readonly<Record<string, unknown>>): Refusal =>
  hint === undefined ? { refusal } : { refusal, hint };

export const isRefusal = (answer: unknown): answer is Refusal =>
  typeof answer === 'object' && answer !== null && 'refusal' in answer;

export const problemOf = (name: RefusalName): Problem => problems[name];

/** Pure, so that a page that only needs a name leaves the texts out of its bundle. */
export const refusalNames = /* @__PURE__ */ Object.keys(problems).filter(isRefusalName);

export function isRefusalName(name: string): name is RefusalName {
  return Object.prototype.hasOwnProperty.call(problems, name);
}
