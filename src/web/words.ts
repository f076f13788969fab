/**
 * What the driver's pages say, in both languages. One entry holds both, so that neither can be forgotten. `{name}` is filled in.
 * What the cloud refuses brings its own text; here stands only what the page itself says. Here is what every page
 * says; what only one says stands in `driver/*-words.ts`, so that it weighs on no other.
 */
export const languages = ['zh-CN', 'en'] as const;
export type Language = (typeof languages)[number];
export type Words = Readonly<Record<string, Readonly<Record<Language, string>>>>;

export const words = {
  title: { en: 'Order fuel', 'zh-CN': '手机加油' },
  other_language: { en: '中文', 'zh-CN': 'English' },
  loading: { en: 'Loading…', 'zh-CN': '加载中…' },
  try_again: { en: 'Try again', 'zh-CN': '重试' },
  start_again: { en: 'Find a station', 'zh-CN': '查找油站' },
  unanswered: { en: 'No answer. Check the connection, then try again.', 'zh-CN': '没有收到回应，请检查网络后重试。' },
  page_unknown: { en: 'There is no such page.', 'zh-CN': '页面不存在。' },
} as const satisfies Words;

export type WordName = keyof typeof words;
export type WordValues = Readonly<Record<string, string | number>>;

/** The text of that name; see `fillIn`. */
export const say = (language: Language, name: WordName, values?: WordValues): string =>
  fillIn(words[name][language], values);

/** `text` with each `{name}` filled in; throws where a value is missing, since a driver must never read a brace. */
export function fillIn(text: string, values: WordValues = {}): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`the text ${JSON.stringify(text)} needs a value for ${name}`);
    return String(value);
  });
}

/** The first language of the browser's list that the pages speak; anything Chinese is zh-CN, nothing known is English. */
export function chooseLanguage(preferred: readonly string[]): Language {
  for (const tag of preferred) {
    if (/^zh\b/i.test(tag)) return 'zh-CN';
    if (/^en\b/i.test(tag)) return 'en';
  }
  return 'en';
}
