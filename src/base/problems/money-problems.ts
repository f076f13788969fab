import type { Problem } from './problem-text.ts';

/** What may go wrong with money, on its way here and back. */
export const moneyProblems = {
  // Payment
  method_unknown: {
    status: 422,
    en: 'This station does not take this way of paying. Choose another.',
    zh: '该油站不支持此支付方式，请选择其他方式。',
  },
  surface_unsupported: {
    status: 422,
    en: 'This way of paying does not work in this browser. Choose another.',
    zh: '当前浏览器不支持此支付方式，请选择其他方式。',
  },
  currency_unsupported: {
    status: 422,
    en: "This way of paying does not take the station's currency. Choose another.",
    zh: '此支付方式不支持该油站币种，请选择其他方式。',
  },
  payer_missing: {
    status: 422,
    en: 'WeChat did not say who pays. Choose another way of paying.',
    zh: '未取得微信付款人信息，请选择其他支付方式。',
  },
  payment_in_progress: {
    status: 409,
    en: 'Your payment is being checked. Please wait a moment; do not pay twice.',
    zh: '正在核实您的付款，请稍候，请勿重复支付。',
  },
  payment_declined: {
    status: 402,
    en: 'The payment service declined. Choose another way of paying.',
    zh: '支付被拒绝，请选择其他支付方式。',
  },
  payment_service_down: {
    status: 503,
    en: 'The payment service cannot be reached. Choose another way of paying.',
    zh: '支付服务暂时不可用，请选择其他支付方式。',
  },
  payment_not_taken: {
    status: 422,
    en: 'This way of paying does not take this payment. Choose another.',
    zh: '该支付方式无法受理此笔付款，请选择其他方式。',
  },
  too_many_attempts: {
    status: 429,
    en: 'Too many tries to pay this order. Please order again.',
    zh: '支付尝试次数过多，请重新下单。',
  },

  // Money back
  refund_reason_invalid: {
    status: 422,
    en: 'Say in 1 to 200 characters why the money goes back, and who says so.',
    zh: '请填写退款原因（1至200字）和操作人姓名。',
  },
  refund_nothing_paid: {
    status: 409,
    en: 'Nothing is left to give back: the order is not paid, or its money is on its way back.',
    zh: '没有可退金额：订单未支付，或款项已在退回途中。',
  },
  refund_amount_unknown: {
    status: 409,
    en: 'Money was given back at the payment service, and it does not say how much. Settle this one there.',
    zh: '支付服务方已有退款且金额不明，请在支付服务方后台处理。',
  },
  refund_amount_invalid: { status: 422, en: 'This is no amount that can be given back.', zh: '退款金额无效。' },
  refund_above_paid: {
    status: 409,
    en: 'This is more than what is left of the payment.',
    zh: '退款金额超过剩余可退金额。',
  },
  refund_too_late: {
    status: 409,
    en: 'The payment service takes no refund of a payment this old. Pay the driver back in another way.',
    zh: '该笔支付已超过可退款期限，请以其他方式退还。',
  },
  refund_too_many: {
    status: 409,
    en: 'This payment has had as many refunds as the payment service takes.',
    zh: '该笔支付的退款次数已达上限。',
  },
  refund_permit_redeemed: {
    status: 409,
    en: 'The driver has his fuel: the permit was used, or something was dispensed. Only an operator may give all of the money back.',
    zh: '车辆已加油（凭证已使用或已有加油量），仅运营人员可全额退款。',
  },
  order_not_paid: { status: 409, en: 'This order is not paid, or its money went back.', zh: '订单未支付或已退款。' },
  dispense_volume_invalid: {
    status: 422,
    en: 'This is no volume that the pump can show, or the name of who says so is missing.',
    zh: '加油量无效，或缺少操作人姓名。',
  },
  dispense_implausible: {
    status: 422,
    en: 'This is far more than was ordered. Read the pump again.',
    zh: '加油量远超订单，请核对加油机读数。',
  },
  dispense_known: {
    status: 409,
    en: 'Another volume was entered for this order before. Use a refund to put it right.',
    zh: '该订单已登记其他加油量，如需更正请使用退款。',
  },
} as const satisfies Record<string, Problem>;
