import type { Problem } from './problem-text.ts';

/** What may go wrong between the wish and the order: the call itself, the station, the order. */
export const orderProblems = {
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
    en: 'This was already sent with other details. Please begin it anew.',
    zh: '该请求已用其他内容提交过，请重新开始。',
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
} as const satisfies Record<string, Problem>;
