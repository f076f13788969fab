import type { Words } from '../service/cashier-look.ts';
import type { FormFault } from './cards.ts';
import type { PayRefusal } from './pay.ts';

/** What the page says, in both languages. */
export const words = {
  email: { zh: '电子邮箱', en: 'E-mail' },
  number: { zh: '卡号', en: 'Card number' },
  expiry: { zh: '有效期（月/年）', en: 'Expiry (MM / YY)' },
  cvc: { zh: '安全码', en: 'Security code' },
  cardPay: { zh: '用银行卡支付', en: 'Pay by card' },
  applePay: { zh: 'Apple Pay 支付', en: 'Pay with Apple Pay' },
  googlePay: { zh: 'Google Pay 支付', en: 'Pay with Google Pay' },
  or: { zh: '或使用银行卡', en: 'or pay by card' },
  cancel: { zh: '取消并返回商户', en: 'Cancel and go back to the merchant' },
  testCards: { zh: '测试卡号', en: 'Test cards' },
  pays: { zh: '支付成功', en: 'pays' },
  isDeclined: { zh: '被拒绝', en: 'is declined' },
  hasNoMoney: { zh: '余额不足', en: 'has no money' },
  asksPayer: { zh: '需要向银行确认', en: 'asks the payer first' },
  neverReal: { zh: '请勿输入真实卡号。', en: 'Never enter a real card.' },
  bank: { zh: '银行请您确认这笔付款', en: 'Your bank asks you to confirm this payment' },
  confirm: { zh: '确认', en: 'Confirm' },
  refuse: { zh: '拒绝', en: 'Refuse' },
} as const satisfies Record<string, Words>;

export const faultWords = {
  email: { zh: '请输入有效的电子邮箱。', en: 'Enter an e-mail address.' },
  number: { zh: '卡号无效。', en: 'The card number is invalid.' },
  expiry: { zh: '有效期无效或已过。', en: 'The expiry date is invalid or past.' },
  cvc: { zh: '安全码无效。', en: 'The security code is invalid.' },
} as const satisfies Record<FormFault, Words>;

export const refusalWords = {
  payment_unknown: { zh: '没有这个付款页面', en: 'There is no such payment page' },
  already_paid: { zh: '您已完成支付', en: 'This is already paid' },
  payment_processing: { zh: '付款正在处理', en: 'The payment is being processed' },
  payment_closed: { zh: '付款页面已过期', en: 'This payment page has expired' },
} as const satisfies Record<PayRefusal, Words>;

/** Declines by the API's code, or by the bank's where that says more. */
const declineWords: Readonly<Record<string, Words>> = {
  insufficient_funds: { zh: '卡内余额不足，请换一张卡。', en: 'The card has insufficient funds. Try another card.' },
  test_mode_live_card: { zh: '这里只接受测试卡号。', en: 'Only test cards are taken here.' },
  expired_card: { zh: '此卡已过期。', en: 'The card has expired.' },
  incorrect_cvc: { zh: '安全码不正确。', en: 'The security code is incorrect.' },
  processing_error: { zh: '处理时出错，请稍后再试。', en: 'Something went wrong. Try again in a moment.' },
  payment_intent_authentication_failure: {
    zh: '银行未能确认是您本人，请换一张卡。',
    en: 'Your bank could not confirm that it was you. Try another card.',
  },
};

const declined: Words = { zh: '此卡被拒绝，请换一张卡。', en: 'The card was declined. Try another card.' };

export const wordsOfDecline = (code: string, declineCode: string | null): Words =>
  declineWords[declineCode ?? ''] ?? declineWords[code] ?? declined;

export const stateWords = {
  paid: { zh: '已支付', en: 'Paid' },
  processing: { zh: '处理中', en: 'Processing' },
  refunded: { zh: '已退款', en: 'Refunded' },
  over: { zh: '已过期', en: 'Expired' },
} as const satisfies Record<string, Words>;
