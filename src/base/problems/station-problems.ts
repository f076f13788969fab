import type { Problem } from './problem-text.ts';

/** What may go wrong at the station and behind the counter: permits, payment services' notifications, staff, terminals. */
export const stationProblems = {
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
