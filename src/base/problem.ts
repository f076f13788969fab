/**
 * Every "no" of Forecourt by its name: the HTTP status it travels with (RFC 9457), and what the driver reads, in two languages: what
 * happened and what to do next. A refusal is returned, never thrown.
 */
type Problem = { readonly status: number; readonly en: string; readonly zh: string };

const problems = {
  // The call itself
  malformed_body: {
    status: 400,
    en: 'The request could not be read. Please reload the page and try again.',
    zh: '请求无法读取，请刷新页面后重试。',
  },
  body_too_large: { status: 413, en: 'The request is too large.', zh: '请求内容过大。' },
  headers_too_large: { status: 431, en: 'The request has too many headers.', zh: '请求头过大。' },
  not_found: { status: 404, en: 'There is nothing at this address.', zh: '该地址不存在。' },
  idempotency_key_missing: {
    status: 400,
    en: 'The request carries no Idempotency-Key. Please reload the page and try again.',
    zh: '请求缺少幂等键，请刷新页面后重试。',
  },
  idempotency_key_invalid: {
    status: 400,
    en: 'The Idempotency-Key must have 16 to 64 letters, digits, hyphens or underscores.',
    zh: '幂等键须为16至64位字母、数字、连字符或下划线。',
  },
  idempotency_key_reused: {
    status: 422,
    en: 'This order was already sent with other details. Please start a new order.',
    zh: '该订单已用其他内容提交过，请重新下单。',
  },
  unauthorized: {
    status: 401,
    en: 'This page has no right to see this order. Please open it on the phone that ordered.',
    zh: '无权查看该订单，请在下单的手机上打开。',
  },
  too_many_requests: {
    status: 429,
    en: 'Too many requests. Please wait a moment and try again.',
    zh: '请求过于频繁，请稍候再试。',
  },
  not_ready: {
    status: 503,
    en: 'The service is starting or cannot reach its database. Please try again in a moment.',
    zh: '服务正在启动或暂时无法访问数据库，请稍后重试。',
  },
  internal_error: {
    status: 500,
    en: 'Something went wrong on our side. Nothing was lost; please try again.',
    zh: '系统出错，数据未丢失，请重试。',
  },

  // Locating the station
  position_missing: {
    status: 422,
    en: 'Neither a position, a station nor a pump code was given. Allow the position or scan the code on the pump.',
    zh: '未提供位置、油站或枪码，请允许定位或扫描加油机上的二维码。',
  },
  position_invalid: {
    status: 422,
    en: 'This position does not exist on earth. Scan the code on the pump.',
    zh: '位置无效，请扫描加油机上的二维码。',
  },
  accuracy_missing: {
    status: 422,
    en: 'The phone did not say how exact its position is. Scan the code on the pump.',
    zh: '手机未提供定位精度，请扫描加油机上的二维码。',
  },
  position_too_vague: {
    status: 422,
    en: 'The position is too vague (worse than 250 m). Scan the code on the pump or choose the station.',
    zh: '定位精度不足（误差超过250米），请扫描加油机上的二维码或手动选择油站。',
  },
  moving_too_fast: {
    status: 422,
    en: 'You are still driving. Stop at the pump first.',
    zh: '车辆仍在行驶，请在加油机旁停稳后再下单。',
  },
  no_station_in_range: {
    status: 404,
    en: 'No station within 500 m. Scan the code on the pump.',
    zh: '500米范围内没有油站，请扫描加油机上的二维码。',
  },
  station_ambiguous: {
    status: 409,
    en: 'It is not certain at which station you are. Choose yours.',
    zh: '无法确定您所在的油站，请选择。',
  },
  station_too_far: {
    status: 422,
    en: 'You are not at this station. Scan the code on the pump.',
    zh: '您不在该油站，请扫描加油机上的二维码。',
  },
  pump_code_invalid: { status: 422, en: 'This is no pump code of ours. Scan it again.', zh: '枪码无效，请重新扫描。' },
  station_unknown: { status: 404, en: 'This station is not known.', zh: '未找到该油站。' },
  station_closed: {
    status: 409,
    en: 'This station is closed. Please choose another.',
    zh: '该油站暂停营业，请选择其他油站。',
  },

  // The order
  grade_unknown: {
    status: 422,
    en: 'This station does not sell this grade. Choose another.',
    zh: '该油站没有此油品，请重新选择。',
  },
  price_missing: {
    status: 409,
    en: 'This grade has no valid price now. Choose another or ask the staff.',
    zh: '该油品当前无有效价格，请选择其他油品或咨询工作人员。',
  },
  pump_unknown: {
    status: 422,
    en: 'This station has no such pump. Check the number on the pump.',
    zh: '该油站没有此加油机，请核对枪号。',
  },
  pump_ambiguous: {
    status: 422,
    en: 'The code that you scanned is on another pump. Choose one of the two.',
    zh: '所扫枪码与所选加油机不一致，请选择其一。',
  },
  nozzle_unknown: {
    status: 422,
    en: 'This pump has no such nozzle. Check the number.',
    zh: '该加油机没有此油枪，请核对枪号。',
  },
  nozzle_other_grade: {
    status: 422,
    en: 'This nozzle does not give this grade. Check nozzle and grade.',
    zh: '该油枪不是所选油品，请核对油枪和油品。',
  },
  quantity_missing: {
    status: 422,
    en: 'Say how much: an amount of money, a volume, or both.',
    zh: '请填写金额或加油量。',
  },
  money_invalid: { status: 422, en: "This is no amount of money in the station's currency.", zh: '金额格式不正确。' },
  volume_invalid: { status: 422, en: 'This is no volume that the station can measure.', zh: '加油量格式不正确。' },
  money_not_positive: { status: 422, en: 'The amount must be more than zero.', zh: '金额必须大于零。' },
  volume_not_positive: { status: 422, en: 'The volume must be more than zero.', zh: '加油量必须大于零。' },
  volume_step: { status: 422, en: 'The volume is finer than the station can measure.', zh: '加油量超出油站计量精度。' },
  money_volume_disagree: {
    status: 422,
    en: 'Amount and volume do not fit together at this price. Give one of them.',
    zh: '金额与加油量不一致，请只填写其中一项。',
  },
  money_below_limit: {
    status: 422,
    en: "The amount is below the station's smallest order.",
    zh: '金额低于该油站最低下单金额。',
  },
  money_above_limit: {
    status: 422,
    en: "The amount is above the station's largest order.",
    zh: '金额超过该油站最高下单金额。',
  },
  volume_above_limit: {
    status: 422,
    en: "The volume is above the station's largest order.",
    zh: '加油量超过该油站最高限量。',
  },
  price_invalid: {
    status: 422,
    en: 'The price you saw could not be read. Please reload the page.',
    zh: '所见价格无法读取，请刷新页面。',
  },
  price_changed: {
    status: 409,
    en: 'The price has just changed. Look at the new price and confirm.',
    zh: '油价刚刚变动，请确认新价格后再下单。',
  },
  plate_invalid: { status: 422, en: 'This is no number plate.', zh: '车牌号格式不正确。' },
  phone_invalid: { status: 422, en: 'This is no phone number.', zh: '手机号格式不正确。' },
  name_invalid: {
    status: 422,
    en: 'This name is too long or has characters that cannot be printed.',
    zh: '姓名过长或含有无法打印的字符。',
  },
  order_unknown: { status: 404, en: 'This order is not known.', zh: '未找到该订单。' },
  order_expired: { status: 409, en: 'This order has expired. Please order again.', zh: '订单已过期，请重新下单。' },
  order_cancelled: { status: 409, en: 'This order was cancelled. Please order again.', zh: '订单已取消，请重新下单。' },
  order_already_paid: { status: 409, en: 'This order is already paid.', zh: '订单已支付。' },
  order_refunded: { status: 409, en: 'The money of this order was given back.', zh: '该订单已退款。' },

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
    en: 'The permit was used: the driver has left with his fuel. Only an operator may give all of the money back.',
    zh: '放行凭证已使用，车辆已离站，仅运营人员可全额退款。',
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

  // Permit and receipt
  permit_not_issued: {
    status: 404,
    en: 'There is no permit: the order is not paid.',
    zh: '订单尚未支付，没有放行凭证。',
  },

  // Notifications of payment services
  provider_unknown: { status: 404, en: 'No such payment service.', zh: '支付服务不存在。' },
  notification_rejected: { status: 401, en: 'The notification could not be verified.', zh: '通知验证失败。' },

  // Staff
  staff_token_invalid: {
    status: 401,
    en: 'This token is not known, or it was withdrawn. Ask for a new one.',
    zh: '令牌无效或已被收回，请重新领取。',
  },
  staff_right_missing: {
    status: 403,
    en: 'You do not have the right to do this. Ask whoever runs the station.',
    zh: '您没有此项权限，请联系油站负责人。',
  },

  // Terminals
  terminal_unknown: { status: 401, en: 'This terminal is not enrolled.', zh: '终端未登记。' },
  terminal_signature_invalid: { status: 401, en: "The terminal's signature does not hold.", zh: '终端签名无效。' },
  terminal_clock_wrong: { status: 401, en: "The terminal's clock is wrong.", zh: '终端时钟不正确。' },
  feed_cursor_ahead: {
    status: 409,
    en: "The terminal has read further than the station's log reaches: the log is older or another. Read it from its beginning.",
    zh: '终端的读取位置超出油站日志末尾，日志可能已回退或更换，请从头读取。',
  },
  feed_log_replaced: {
    status: 409,
    en: "The station's log holds another event where the terminal stopped reading. Read it from its beginning.",
    zh: '油站日志在终端的读取位置上是另一条记录，日志已更换，请从头读取。',
  },
  report_permit_unknown: {
    status: 422,
    en: 'The report names a permit that this station does not have.',
    zh: '回报的凭证不属于该油站。',
  },
} as const satisfies Record<string, Problem>;

export type RefusalName = keyof typeof problems;

/** An expected "no". `hint` holds what the caller needs to do better: the new price, the candidates, the limit. */
export type Refusal = { readonly refusal: RefusalName; readonly hint?: Readonly<Record<string, unknown>> };

export const refuse = (refusal: RefusalName, hint?: Readonly<Record<string, unknown>>): Refusal =>
  hint === undefined ? { refusal } : { refusal, hint };

export const isRefusal = (answer: unknown): answer is Refusal =>
  typeof answer === 'object' && answer !== null && 'refusal' in answer;

export const problemOf = (name: RefusalName): Problem => problems[name];

/** Pure, so that a page that only needs a name leaves the texts out of its bundle. */
export const refusalNames = /* @__PURE__ */ Object.keys(problems).filter(isRefusalName);

export function isRefusalName(name: string): name is RefusalName {
  return Object.prototype.hasOwnProperty.call(problems, name);
}
