/**
 * What the driver's pages say, in both languages. One entry holds both, so that neither can be forgotten. `{name}` is filled in.
 * What the cloud refuses brings its own text; here stands only what the page itself says. What only a later step says stands in
 * `driver/*-words.ts`, so that it does not weigh on the first load.
 */
export const languages = ['zh-CN', 'en'] as const;
export type Language = (typeof languages)[number];
export type Words = Readonly<Record<string, Readonly<Record<Language, string>>>>;

export const words = {
  // Everywhere
  title: { en: 'Order fuel', 'zh-CN': '手机加油' },
  other_language: { en: '中文', 'zh-CN': 'English' },
  loading: { en: 'Loading…', 'zh-CN': '加载中…' },
  try_again: { en: 'Try again', 'zh-CN': '重试' },
  start_again: { en: 'Find a station', 'zh-CN': '查找油站' },
  unanswered: { en: 'No answer. Check the connection, then try again.', 'zh-CN': '没有收到回应，请检查网络后重试。' },
  page_unknown: { en: 'There is no such page.', 'zh-CN': '页面不存在。' },

  // Finding the station
  find_heading: { en: 'Which station are you at?', 'zh-CN': '您在哪个油站？' },
  find_hint: {
    en: 'Stop at the pump first. Stay in the car where the station asks for it.',
    'zh-CN': '请先在加油机旁停稳。油站有要求时请留在车内操作。',
  },
  find_by_position: { en: 'Use my position', 'zh-CN': '使用当前位置' },
  finding: { en: 'Finding your position…', 'zh-CN': '正在定位…' },
  find_by_code: { en: 'Code on the pump', 'zh-CN': '加油机编码' },
  find_by_code_hint: {
    en: '9 characters below the QR code, for example 001AZC03E',
    'zh-CN': '二维码下方的9位编码，例如 001AZC03E',
  },
  or: { en: 'or', 'zh-CN': '或' },
  go_on: { en: 'Go on', 'zh-CN': '继续' },
  code_missing: { en: 'Type the code that stands on the pump.', 'zh-CN': '请输入加油机上的编码。' },
  recent_heading: { en: 'Orders on this phone', 'zh-CN': '本机订单' },

  // The station
  other_station: { en: 'Not this station?', 'zh-CN': '不是这个油站？' },
  station_is_closed: {
    en: 'This station is closed. Please choose another.',
    'zh-CN': '该油站暂停营业，请选择其他油站。',
  },
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
