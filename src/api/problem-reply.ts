import { problemOf, type Refusal, type RefusalName } from '../base/problem.ts';

/** A refusal as RFC 9457 problem details, with a driver's text in both languages. */
export type ProblemMessage = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: RefusalName;
  readonly text: { readonly 'zh-CN': string; readonly en: string };
  /** For people who read logs: the English text. */
  readonly detail: string;
  /** What the caller needs to do better: the new price, the candidates, the limit. */
  readonly hint?: Readonly<Record<string, unknown>>;
};

export function toProblem(refusal: Refusal): ProblemMessage {
  const { status, en, zh } = problemOf(refusal.refusal);
  return {
    type: `/docs#${refusal.refusal}`,
    title: refusal.refusal.replaceAll('_', ' '),
    status,
    code: refusal.refusal,
    text: { 'zh-CN': zh, en },
    detail: en,
    ...(refusal.hint === undefined ? {} : { hint: refusal.hint }),
  };
}

export const problemType = 'application/problem+json; charset=utf-8';
