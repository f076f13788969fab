import type { Words } from '../words.ts';
import { buyingWords } from './buying-words.ts';

/** What the pages say once an order is placed; see `words.ts`. */
export const orderWords = {
  ...buyingWords,
  order: { en: 'Order', 'zh-CN': '订单' },
  order_not_here: {
    en: 'This order can only be read on the phone that placed it.',
    'zh-CN': '该订单只能在下单的手机上查看。',
  },
  link_lost: {
    en: 'No connection. You see the state of {time}; it goes on by itself.',
    'zh-CN': '网络已断开，当前显示 {time} 的状态，恢复后自动更新。',
  },
  choose_payment_heading: { en: 'Not paid yet', 'zh-CN': '尚未支付' },
  choose_payment_text: { en: 'The price is held until {time}.', 'zh-CN': '价格保留至 {time}。' },
  payment_failed_text: {
    en: 'That payment did not go through. Nothing was taken.',
    'zh-CN': '上次支付未完成，未扣款。',
  },
  paying_heading: { en: 'Waiting for your payment', 'zh-CN': '等待付款' },
  paying_text: {
    en: 'Finish the payment in {method}; this page goes on by itself.',
    'zh-CN': '请在{method}中完成付款，本页会自动更新。',
  },
  scan_to_pay: { en: 'Scan with {method} to pay {amount}', 'zh-CN': '请用{method}扫码支付 {amount}' },
  scan_other_phone: {
    en: 'WeChat reads this code only from another phone. To pay on this phone, cancel the order and order again in the browser (⋯ at the top).',
    'zh-CN': '请用另一部手机扫描此码。如需在本机支付，请先取消订单，再点右上角“⋯”在浏览器中重新下单。',
  },
  open_cashier: { en: 'Open {method}', 'zh-CN': '打开{method}' },
  pay_otherwise: { en: 'Pay another way', 'zh-CN': '更换支付方式' },
  checking_heading: { en: 'Checking your payment', 'zh-CN': '正在核实付款' },
  checking_text: {
    en: 'Please do not pay a second time. If the money was taken, the permit follows by itself; if not, you can pay again.',
    'zh-CN': '请勿重复付款。若已扣款，放行凭证会自动出具；若未扣款，可重新支付。',
  },
  issuing_heading: { en: 'Paid', 'zh-CN': '已支付' },
  issuing_text: { en: 'Your permit is being made.', 'zh-CN': '正在出具放行凭证。' },
  permit_heading: { en: 'Paid. Passage permit', 'zh-CN': '已支付 · 放行凭证' },
  permit_sending: { en: 'On its way to the station’s printer…', 'zh-CN': '正在发送到油站打印机…' },
  permit_printed: {
    en: 'Printed. Take the slip from the station’s printer.',
    'zh-CN': '已打印，请取走油站打印的凭证。',
  },
  permit_processed: {
    en: 'The station’s printer has taken it. Take the slip.',
    'zh-CN': '油站打印机已处理，请取走凭证。',
  },
  permit_unconfirmed: {
    en: 'It may be printed already. If there is no slip, show this screen to the staff.',
    'zh-CN': '可能已打印。如未取到凭证，请向工作人员出示本页。',
  },
  permit_undeliverable: {
    en: 'The printer is out of service. Show this screen to the staff.',
    'zh-CN': '打印机暂不可用，请向工作人员出示本页。',
  },
  permit_code: { en: 'Code', 'zh-CN': '核验码' },
  permit_until: { en: 'Valid until {time}', 'zh-CN': '有效期至 {time}' },
  permit_qr: { en: 'QR code of the permit', 'zh-CN': '放行凭证二维码' },
  permit_hint: { en: 'Turn the screen bright for the scanner.', 'zh-CN': '扫码时请调亮屏幕。' },
  permit_used_heading: { en: 'Permit used', 'zh-CN': '凭证已使用' },
  permit_used_text: { en: 'It was accepted at the exit. Safe journey.', 'zh-CN': '已在出口核验放行，一路平安。' },
  permit_expired_heading: { en: 'Permit expired', 'zh-CN': '凭证已过期' },
  permit_expired_text: {
    en: 'You have paid. Please ask the staff to let you pass.',
    'zh-CN': '您已付款，请联系工作人员放行。',
  },
  permit_revoked_heading: { en: 'Permit withdrawn', 'zh-CN': '凭证已撤销' },
  permit_revoked_text: {
    en: 'It was withdrawn because the money goes back. Ask the staff if you took fuel.',
    'zh-CN': '因退款，凭证已撤销。如已加油，请联系工作人员。',
  },
  cancelled_heading: { en: 'Order cancelled', 'zh-CN': '订单已取消' },
  cancelled_text: {
    en: 'Should money arrive all the same, it goes back by itself.',
    'zh-CN': '若仍有款项到账，将自动原路退回。',
  },
  expired_heading: { en: 'Order expired', 'zh-CN': '订单已过期' },
  expired_text: {
    en: 'It was not paid in time. Should money arrive all the same, it goes back by itself.',
    'zh-CN': '未在规定时间内付款。若仍有款项到账，将自动原路退回。',
  },
  refunding_heading: { en: 'Money on its way back', 'zh-CN': '退款中' },
  refunded_heading: { en: 'Money given back', 'zh-CN': '已退款' },
  refunded_text: { en: 'It goes back the way it came.', 'zh-CN': '款项按原支付渠道退回。' },
  refund: { en: 'Refund', 'zh-CN': '退款' },
  refund_open: { en: 'on its way', 'zh-CN': '处理中' },
  refund_succeeded: { en: 'done', 'zh-CN': '已退回' },
  refund_abnormal: { en: 'held up; the operator is told', 'zh-CN': '退款异常，已通知运营方处理' },
  paid_amount: { en: 'Paid', 'zh-CN': '实付' },
  paid_by: { en: 'Paid with', 'zh-CN': '支付方式' },
  paid_at: { en: 'Paid at', 'zh-CN': '支付时间' },
  order_number: { en: 'Order number', 'zh-CN': '订单号' },
  details: { en: 'Details', 'zh-CN': '订单详情' },
  receipt: { en: 'Show the receipt', 'zh-CN': '查看小票' },
  receipt_alt: { en: 'The receipt as printed', 'zh-CN': '打印的小票' },
  cancel_order: { en: 'Cancel this order', 'zh-CN': '取消订单' },
  cancel_sure: { en: 'Cancel the order? Nothing has been paid.', 'zh-CN': '确定取消订单？订单尚未支付。' },
  cancel_yes: { en: 'Yes, cancel', 'zh-CN': '确定取消' },
  cancel_no: { en: 'Keep it', 'zh-CN': '保留订单' },
  order_again: { en: 'Order again here', 'zh-CN': '在本站重新下单' },
} as const satisfies Words;
