import type { Words } from '../words.ts';
import { buyingWords } from './buying-words.ts';

/** What the order form says once something is reckoned; see `words.ts`. */
export const reckoningWords = {
  ...buyingWords,
  quantity_malformed: {
    en: 'Write digits only, with one point, for example 150.00.',
    'zh-CN': '请只输入数字，可含一个小数点，例如 150.00。',
  },
  quantity_too_fine: { en: 'The finest step here is {limit}.', 'zh-CN': '最小单位为 {limit}。' },
  quantity_zero: { en: 'That is too little to measure.', 'zh-CN': '数量过小，无法计量。' },
  quantity_below: { en: 'The smallest order here is {limit}.', 'zh-CN': '最低下单 {limit}。' },
  quantity_above: { en: 'The largest order here is {limit}.', 'zh-CN': '最高下单 {limit}。' },
  volume_rounding: { en: 'The volume is rounded down to {step}.', 'zh-CN': '加油量向下取整至 {step}。' },
  money_rounding_half_up: { en: 'The amount is rounded to {step}, halves up.', 'zh-CN': '金额四舍五入至 {step}。' },
  money_rounding_half_even: {
    en: 'The amount is rounded to {step}, halves to even.',
    'zh-CN': '金额按四舍六入五成双取至 {step}。',
  },
  money_rounding_down: { en: 'The amount is rounded down to {step}.', 'zh-CN': '金额向下取整至 {step}。' },
  money_rounding_up: { en: 'The amount is rounded up to {step}.', 'zh-CN': '金额向上取整至 {step}。' },
  price_now: { en: '{grade} was {before}, now it is {after}.', 'zh-CN': '{grade} 原价 {before}，现价 {after}。' },
} as const satisfies Words;
