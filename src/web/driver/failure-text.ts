import { type Language, say } from '../words.ts';
import type { Answer } from './cloud.ts';

export type Failure = Exclude<Answer<never>, { readonly kind: 'answered' }>;

/** What the driver reads: the cloud's own text of a refusal, or that nobody answered. */
export const textOf = (failure: Failure, language: Language): string =>
  failure.kind === 'refused' ? failure.problem.text[language] : say(language, 'unanswered');
