import type { orderWords } from './order-words.ts';
import { nameMethod } from './method-name.ts';

export const isCard = (method: string): boolean => method === 'stripe' || method === 'card';

/** The method as a sentence has it: "by card" rather than "by Card, Apple Pay, Google Pay". */
export const methodInText = (words: (name: keyof typeof orderWords) => string, method: string): string =>
  isCard(method) ? words('card_in_text') : nameMethod(words, method);
