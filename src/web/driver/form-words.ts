import type { Words } from '../words.ts';
import { buyingWords } from './buying-words.ts';

/** What the order form says; see `words.ts`. */
export const formWords = {
  ...buyingWords,
  optional: { en: 'optional', 'zh-CN': '选填' },
  pump_number: { en: 'Pump {pump}', 'zh-CN': '{pump}号加油机' },
  pump_hint: { en: 'The big number on the pump beside you', 'zh-CN': '您车旁加油机上的号码' },
  pump_missing: { en: 'Choose the pump (1 to 99).', 'zh-CN': '请选择加油机（1至99号）。' },
  grade_missing: { en: 'Choose the fuel.', 'zh-CN': '请选择油品。' },
  grade_none: {
    en: 'Nothing can be ordered at this pump now. Choose another pump.',
    'zh-CN': '该加油机暂无可售油品，请选择其他加油机。',
  },
  member_price: { en: 'you pay', 'zh-CN': '会员价' },
  pump_price: { en: 'at the pump', 'zh-CN': '枪价' },
  quantity: { en: 'How much', 'zh-CN': '加多少' },
  by_money: { en: 'By money', 'zh-CN': '按金额' },
  by_volume: { en: 'By volume', 'zh-CN': '按加油量' },
  own_money: { en: 'Own amount', 'zh-CN': '其他金额' },
  own_volume: { en: 'Own volume', 'zh-CN': '其他加油量' },
  quantity_missing: { en: 'Say how much.', 'zh-CN': '请填写金额或加油量。' },
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
  plate_hint: { en: 'Printed on the permit, for the guard at the exit', 'zh-CN': '打印在放行凭证上，供出口核对' },
  pay: { en: 'Pay', 'zh-CN': '支付' },
  confirm_amount: { en: 'Confirm and pay {amount}', 'zh-CN': '确认并支付 {amount}' },
  sending: { en: 'Sending your order…', 'zh-CN': '正在提交订单…' },
  price_now: { en: '{grade} was {before}, now it is {after}.', 'zh-CN': '{grade} 原价 {before}，现价 {after}。' },
} as const satisfies Words;
