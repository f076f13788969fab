import { z } from 'zod';

/** A schema for one of these words. `z.enum` cannot keep the words' type where they are a parameter. */
export const oneOf = <Word extends string>(words: readonly Word[]) =>
  z.custom<Word>((value) => words.some((word) => word === value), { error: `one of ${words.join(', ')}` });
