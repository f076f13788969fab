import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { fillIn, type Language, type WordName, type Words, type WordValues, words } from '../words.ts';
import type { Address } from './address.ts';
import type { Cloud } from './cloud.ts';
import type { TextStore } from './idempotency.ts';
import type { KeyShelf } from './send-once.ts';

/** What every page reaches for: the driver's language, the cloud, the phone's storage, the way to other pages. */
export type PageTools = {
  readonly language: Language;
  readonly cloud: Cloud;
  /** Lasts on this phone: orders and language. */
  readonly store: TextStore;
  /** Lasts as long as the tab: what was sent without an answer. */
  readonly shelf: KeyShelf;
  readonly userAgent: string;
  /** `replace` leaves no step back: an order that is placed cannot be placed again by the back button. */
  readonly go: (address: Address, options?: { readonly replace?: boolean }) => void;
};

export const PageContext = createContext<PageTools | null>(null);

export function usePage(): PageTools {
  const tools = useContext(PageContext);
  if (tools === null) throw new Error('a page stands outside of the app');
  return tools;
}

export type Say<Name extends string> = (name: Name, values?: WordValues) => string;

/** The driver's language and the words in it: those of every page and those of `more`. */
export function useWords<More extends Words = typeof words>(
  more?: More,
): { readonly language: Language; readonly words: Say<WordName | (keyof More & string)> } {
  const { language } = usePage();
  const all: Words = { ...words, ...more };
  return { language, words: (name, values) => fillIn(requireWord(all, name)[language], values) };
}

function requireWord(all: Words, name: string): Readonly<Record<Language, string>> {
  const word = all[name];
  if (word === undefined) throw new Error(`no text is named ${name}`);
  return word;
}
