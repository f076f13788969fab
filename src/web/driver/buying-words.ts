import type { Words } from '../words.ts';

/** What both the order form and the order's own page say; see `words.ts`. */
export const buyingWords = {
  grade: { en: 'Fuel', 'zh-CN': '油品' },
  pump: { en: 'Pump', 'zh-CN': '加油机' },
  volume: { en: 'Volume', 'zh-CN': '加油量' },
  unit_price: { en: 'Price', 'zh-CN': '单价' },
  money: { en: 'Amount', 'zh-CN': '金额' },
  discount: { en: 'Discount', 'zh-CN': '优惠' },
  payable: { en: 'To pay', 'zh-CN': '应付' },
  plate: { en: 'Number plate', 'zh-CN': '车牌号' },
  method: { en: 'Pay with', 'zh-CN': '支付方式' },
  method_none: {
    en: 'Nothing can be paid by phone here just now. Please pay at the counter.',
    'zh-CN': '该油站目前无法手机支付，请到收银台付款。',
  },
  method_missing: { en: 'Choose how to pay.', 'zh-CN': '请选择支付方式。' },
  method_wechat_pay: { en: 'WeChat Pay', 'zh-CN': '微信支付' },
  method_alipay: { en: 'Alipay', 'zh-CN': '支付宝' },
  method_card: { en: 'Card, Apple Pay, Google Pay', 'zh-CN': '银行卡 / Apple Pay / Google Pay' },
  pay_amount: { en: 'Pay {amount}', 'zh-CN': '支付 {amount}' },
} as const satisfies Words;
