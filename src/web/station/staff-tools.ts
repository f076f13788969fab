import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { StaffMeMessage } from '../../staff/staff.message.ts';
import { buyingWords } from '../driver/buying-words.ts';
import { nameMethod } from '../driver/method-name.ts';
import type { KeyShelf } from '../driver/send-once.ts';
import { fillIn, type Language, type WordValues } from '../words.ts';
import { deedWords } from './deed-words.ts';
import type { StaffCalls } from './staff-calls.ts';
import { staffWords } from './staff-words.ts';

/** What every part of the staff's page reaches for. */
export type StaffTools = {
  readonly language: Language;
  readonly calls: StaffCalls;
  readonly me: StaffMeMessage;
  /** What was sent without an answer, as long as the tab is open. */
  readonly shelf: KeyShelf;
};

export const StaffContext = createContext<StaffTools | null>(null);

export function useStaff(): StaffTools {
  const tools = useContext(StaffContext);
  if (tools === null) throw new Error('a part of the page stands outside of it');
  return tools;
}

export const allWords = { ...staffWords, ...deedWords };
export type StaffWordName = keyof typeof allWords;
export type SayStaff = (name: StaffWordName, values?: WordValues) => string;

export const sayIn =
  (language: Language): SayStaff =>
  (name, values) =>
    fillIn(allWords[name][language], values);

export function useStaffWords(): { readonly language: Language; readonly words: SayStaff } {
  const { language } = useStaff();
  return { language, words: sayIn(language) };
}

/** A payment service as drivers know it. */
export const nameService = (language: Language, service: string): string =>
  nameMethod((name) => buyingWords[name][language], service);

/** The text of that name, or `other` for what a newer cloud says and this page has no text for. */
export const wordOr = (words: SayStaff, name: string, other: string, values?: WordValues): string =>
  isStaffWord(name) ? words(name, values) : other;

/** By hand rather than by `Object.hasOwn`, which the WebViews of 2019 lack. */
const isStaffWord = (name: string): name is StaffWordName => Object.prototype.hasOwnProperty.call(allWords, name);
