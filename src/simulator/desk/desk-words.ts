import type { Language, Words } from '../service/cashier-look.ts';

/** Every word of the desk's page. */
export const words = {
  title: { zh: '支付模拟台', en: 'Payment desk' },
  simulated: {
    zh: '所有支付服务都是模拟的，不会产生真实扣款。',
    en: 'All payment services here are simulated. No money moves.',
  },
  cashiers: { zh: '付款人的收银台', en: "Payers' cashiers" },
  open: { zh: '待支付', en: 'Open payments' },
  noneOpen: {
    zh: '没有待支付的订单。新订单会自动出现在这里。',
    en: 'No payment is open. New ones appear here by themselves.',
  },
  recent: { zh: '最近的支付', en: 'Recent payments' },
  noneRecent: { zh: '还没有已结束的支付。', en: 'No payment has come to an end yet.' },
  refunds: { zh: '退款', en: 'Refunds' },
  noneRefunds: { zh: '还没有退款。', en: 'There is no refund yet.' },
  faults: { zh: '故障', en: 'Faults' },
  noneFaults: { zh: '没有等待中的故障。', en: 'No fault is waiting.' },
  pay: { zh: '支付', en: 'Pay' },
  decline: { zh: '拒绝', en: 'Decline' },
  heldBack: { zh: '支付，30 秒后通知', en: 'Pay, notify 30 s later' },
  doubled: { zh: '支付，通知两次', en: 'Pay, notify twice' },
  resend: { zh: '再次通知', en: 'Notify again' },
  turnedAway: { zh: '付款人曾取消', en: 'turned away once' },
  notices: { zh: '通知', en: 'Notifications' },
  noNotices: { zh: '没有通知', en: 'no notification' },
  sent: { zh: '已发 N 次', en: 'sent N×' },
  answered: { zh: '答复', en: 'answer' },
  noAnswer: { zh: '无', en: 'none' },
  next: { zh: '下次', en: 'next' },
  endWell: { zh: '退款成功', en: 'Let it succeed' },
  endBadly: { zh: '退款失败', en: 'Let it fail' },
  refundOf: { zh: '支付单', en: 'of payment' },
  service: { zh: '支付服务', en: 'Service' },
  operation: { zh: '操作', en: 'Operation' },
  kind: { zh: '故障类型', en: 'Kind' },
  times: { zh: '次数', en: 'Times' },
  ms: { zh: '毫秒（如需要）', en: 'Milliseconds, if it takes any' },
  order: { zh: '安排故障', en: 'Order the fault' },
  clear: { zh: '清除', en: 'Clear' },
  calls: { zh: '接口调用', en: 'calls' },
  lost: { zh: '连接中断，正在重试…', en: 'The desk does not answer; trying again…' },
} as const satisfies Record<string, Words>;

export const stateWords = {
  open: { zh: '待支付', en: 'open' },
  paid: { zh: '已支付', en: 'paid' },
  refunded: { zh: '已退款', en: 'refunded' },
  over: { zh: '已失效', en: 'void' },
} as const satisfies Record<string, Words>;

export const partlyRefunded = { zh: '部分退款 N', en: 'partly refunded, N' } as const satisfies Words;

/** In the services' own words, which differ in their capitals. */
const refundStateWords: Readonly<Record<string, Words>> = {
  pending: { zh: '退款中', en: 'on its way' },
  processing: { zh: '退款中', en: 'on its way' },
  success: { zh: '退款成功', en: 'given back' },
  succeeded: { zh: '退款成功', en: 'given back' },
  abnormal: { zh: '退款异常', en: 'held up' },
  failed: { zh: '退款失败', en: 'not given back' },
  closed: { zh: '退款关闭', en: 'closed' },
  canceled: { zh: '退款已取消', en: 'cancelled' },
};

/** A state of a newer service stands as it is. */
export const sayRefundState = (state: string, language: Language): string =>
  refundStateWords[state.toLowerCase()]?.[language] ?? state;

export const noticeWords = {
  waiting: { zh: '等待中', en: 'waiting' },
  accepted: { zh: '已接收', en: 'accepted' },
  given_up: { zh: '已放弃', en: 'given up' },
} as const satisfies Record<string, Words>;

/** What came of a button, by the name of the outcome. */
const outcomeWords: Readonly<Record<string, Words>> = {
  paid: { zh: '已支付。', en: 'Paid.' },
  declined: { zh: '付款人已取消。', en: 'The payer turned away.' },
  resent: { zh: '已再次发送通知。', en: 'The notification was sent again.' },
  refund_ended: { zh: '退款已结束。', en: 'The refund has come to its end.' },
  fault_ordered: { zh: '故障已安排。', en: 'The fault is waiting.' },
  faults_cleared: { zh: '故障已清除。', en: 'No fault is waiting any more.' },
  payment_unknown: { zh: '订单不存在。', en: 'There is no such payment.' },
  already_paid: { zh: '订单已支付。', en: 'This is already paid.' },
  payment_processing: { zh: '支付处理中。', en: 'This payment is being processed.' },
  payment_closed: { zh: '订单已关闭。', en: 'This was closed.' },
  link_expired: { zh: '支付链接已过期。', en: 'The payment link has expired.' },
  past_time_expire: { zh: '订单已超过支付期限。', en: 'The time to pay is over.' },
  not_open: { zh: '现在不能这样做。', en: 'This cannot be done now.' },
  nothing_to_resend: { zh: '没有可再次发送的通知。', en: 'There is no notification to send again.' },
  malformed_wish: { zh: '填写有误，未做任何更改。', en: 'That was not understood; nothing was changed.' },
  too_many_faults: { zh: '等待中的故障太多，请先清除。', en: 'Too many faults are waiting; clear them first.' },
};

/** A service may refuse by a name of its own; it stands as it is. */
export const sayOutcome = (name: string, language: Language): string => outcomeWords[name]?.[language] ?? name;

const kindWords: Readonly<Record<string, Words>> = {
  hang: { zh: '不应答', en: 'no answer' },
  commit_then_hang: { zh: '已处理，但不应答', en: 'done, but no answer' },
  reset: { zh: '断开连接', en: 'connection cut' },
  commit_then_reset: { zh: '已处理，但断开连接', en: 'done, but connection cut' },
  rate_limited: { zh: '频率限制', en: 'too many calls' },
  server_error: { zh: '服务器错误', en: 'server error' },
  commit_then_server_error: { zh: '已处理，但报服务器错误', en: 'done, but server error' },
  html_502: { zh: '网关错误页', en: "gateway's error page" },
  commit_then_html_502: { zh: '已处理，但返回网关错误页', en: "done, but gateway's error page" },
  accepted_202: { zh: '已受理，需重试', en: 'accepted, to be repeated' },
  unsigned: { zh: '无签名', en: 'no signature' },
  wrong_signature: { zh: '签名错误', en: 'wrong signature' },
  unknown_serial: { zh: '未知证书', en: 'unknown key' },
  clock_skew: { zh: '时钟偏差', en: 'wrong clock' },
  oversize: { zh: '应答过大', en: 'oversize answer' },
  delay: { zh: '延迟', en: 'late' },
  drop: { zh: '丢失', en: 'lost' },
  duplicate: { zh: '重复', en: 'twice' },
  reorder: { zh: '乱序', en: 'out of order' },
  tampered: { zh: '被篡改', en: 'tampered with' },
  probe: { zh: '签名探测', en: 'signature probe' },
  code_20000: { zh: '结果未知 (20000)', en: 'outcome unknown (20000)' },
  commit_then_code_20000: { zh: '已处理，但答结果未知', en: 'done, but outcome unknown' },
  cut_off: { zh: '应答被截断', en: 'answer cut off' },
  rsa_downgrade: { zh: '签名算法降级', en: 'weaker signature' },
  changed_amount: { zh: '金额不符', en: 'another amount' },
  other_app: { zh: '其他应用', en: 'another app' },
  other_seller: { zh: '其他商户', en: 'another merchant' },
  kept_500: { zh: '服务器错误，重试时重现', en: 'server error, given again' },
  commit_then_kept_500: { zh: '已处理，但错误重试时重现', en: 'done, but server error, given again' },
  slow: { zh: '处理缓慢', en: 'slow work' },
  empty_json: { zh: '空的 JSON', en: 'empty JSON' },
  json_502: { zh: '网关错误 JSON', en: "gateway's error as JSON" },
  paid_first: { zh: '关闭前一刻已支付', en: 'paid just before' },
  from_future: { zh: '来自未来', en: 'from the future' },
  other_mode: { zh: '测试与正式混淆', en: 'test mode for live' },
  other_amount: { zh: '金额不符', en: 'another amount' },
  other_currency: { zh: '币种不符', en: 'another currency' },
};

const operationWords: Readonly<Record<string, Words>> = {
  create: { zh: '下单', en: 'create' },
  query: { zh: '查询', en: 'query' },
  close: { zh: '关单', en: 'close' },
  cancel: { zh: '撤销', en: 'cancel' },
  refund: { zh: '退款', en: 'refund' },
  queryRefund: { zh: '查询退款', en: 'query a refund' },
  bill: { zh: '账单', en: 'bill' },
  billDownload: { zh: '下载账单', en: 'download a bill' },
  signIn: { zh: '授权登录', en: 'sign-in' },
  find: { zh: '查找', en: 'find' },
  health: { zh: '自检', en: 'health' },
  events: { zh: '事件列表', en: 'list events' },
  notify: { zh: '通知', en: 'notification' },
};

export const sayKind = (kind: string, language: Language): string => kindWords[kind]?.[language] ?? kind;
export const sayOperation = (operation: string, language: Language): string =>
  operationWords[operation]?.[language] ?? operation;
