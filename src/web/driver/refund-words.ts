import type { Words } from '../words.ts';

/** What the order's page says of money that goes back; see `words.ts`. */
export const refundWords = {
  refunds: { en: 'Refund', 'zh-CN': '退款' },
  refund_open: { en: 'on its way', 'zh-CN': '退款中' },
  refund_succeeded: { en: 'given back', 'zh-CN': '已退回' },
  refund_abnormal: { en: 'held up', 'zh-CN': '退款受阻' },
  because_second_payment: {
    en: 'This order had been paid already, so the second payment goes back.',
    'zh-CN': '订单此前已付款，重复支付的款项将退回。',
  },
  because_late_payment: {
    en: 'The money came after the order had ended.',
    'zh-CN': '款项在订单结束后才到账。',
  },
  because_overpayment: {
    en: 'More was paid than the order costs; the rest goes back.',
    'zh-CN': '实付超过订单金额，多付部分将退回。',
  },
  because_integrity: {
    en: 'The payment does not match this order.',
    'zh-CN': '该笔付款与订单不符。',
  },
  because_staff: { en: 'The station’s staff ordered this refund.', 'zh-CN': '油站工作人员已为您办理退款。' },
  because_undelivered: {
    en: 'Your permit could not be handed out in time.',
    'zh-CN': '放行凭证未能按时出具。',
  },
  because_less_dispensed: {
    en: 'Less fuel was dispensed than was paid for; the difference goes back.',
    'zh-CN': '实际加油量少于已付油量，差额将退回。',
  },
  because_dispensed: {
    en: 'You got {got} of {paid}; the difference goes back.',
    'zh-CN': '实际加油 {got}，已付 {paid}，差额将退回。',
  },
  because_elsewhere: {
    en: 'It was given back directly at the payment service.',
    'zh-CN': '该笔款项已在支付平台直接退回。',
  },
  refund_comes: {
    en: 'It goes back the way it was paid, and is there on {date} at the latest.',
    'zh-CN': '款项按原支付渠道退回，最迟 {date}到账。',
  },
  refund_went: {
    en: 'It went back the way it was paid. A bank may take until {date} to show it.',
    'zh-CN': '款项已按原支付渠道退回。银行入账最迟 {date}。',
  },
  refund_went_somehow: { en: 'It went back the way it was paid.', 'zh-CN': '款项已按原支付渠道退回。' },
  refund_person: {
    en: 'The payment service could not give it back by itself. A person is looking after it; you need not do anything.',
    'zh-CN': '支付平台未能自动退回，已转人工处理，您无需操作。',
  },
  refund_late: {
    en: 'Not there by then? Ask at the station and give the order number below.',
    'zh-CN': '届时仍未到账，请联系油站，并提供下方订单号。',
  },
  refund_questions: {
    en: 'Questions? Ask at the station and give the order number below.',
    'zh-CN': '如有疑问，请联系油站，并提供下方订单号。',
  },
} as const satisfies Words;
