import type { Missing } from './draft.ts';
import type { formWords } from './form-words.ts';

const missingWords = {
  pump: 'pump_missing',
  grade: 'grade_missing',
  quantity: 'quantity_missing',
  method: 'method_missing',
} as const satisfies Record<Missing, keyof typeof formWords>;

/** What the driver is asked for where something is missing. */
export const missingText = (words: (name: keyof typeof formWords) => string, missing: Missing): string =>
  words(missingWords[missing]);
