import type { Words } from '../words.ts';
import { buyingWords } from './buying-words.ts';

/** What the order form says; see `words.ts`. */
export const formWords = {
  ...buyingWords,
  other_station: { en: 'Not this station?', 'zh-CN': '不是这个油站？' },
  station_is_closed: {
    en: 'This station is closed. Please choose another.',
    'zh-CN': '该油站暂停营业，请选择其他油站。',
  },
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
  plate_hint: { en: 'Printed on the permit, for the guard at the exit', 'zh-CN': '打印在放行凭证上，供出口核对' },
  pay: { en: 'Pay', 'zh-CN': '支付' },
  confirm_amount: { en: 'Confirm and pay {amount}', 'zh-CN': '确认并支付 {amount}' },
  sending: { en: 'Sending your order…', 'zh-CN': '正在提交订单…' },
} as const satisfies Words;
