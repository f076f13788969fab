import type { buyingWords } from './buying-words.ts';

const names: Readonly<Record<string, keyof typeof buyingWords>> = {
  'wechat-pay': 'method_wechat_pay',
  alipay: 'method_alipay',
  card: 'method_card',
  stripe: 'method_card',
};

/** The method as drivers know it; one that the page has no name for is shown by its id. */
export function nameMethod(words: (name: keyof typeof buyingWords) => string, method: string): string {
  const name = names[method];
  return name === undefined ? method : words(name);
}
