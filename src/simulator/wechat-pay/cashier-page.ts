import {
  cashierWords as words,
  createCashierLook,
  escapeHtml,
  type PageSettings,
  showMoney,
  type Words,
} from '../service/cashier-look.ts';
import type { Payment } from './ledger.ts';
import type { PayRefusal } from './pay.ts';

const refusalWords = {
  payment_unknown: { zh: '订单不存在或链接已失效', en: 'There is no such payment, or its link is void' },
  already_paid: { zh: '订单已支付', en: 'This is already paid' },
  payment_closed: { zh: '订单已关闭', en: 'This order was closed' },
  link_expired: { zh: '支付链接已过期', en: 'The payment link has expired' },
  past_time_expire: { zh: '订单已超过支付期限', en: 'The time to pay is over' },
} as const satisfies Record<PayRefusal, Words>;

const stateWords = {
  NOTPAY: { zh: '未支付', en: 'Not paid' },
  SUCCESS: { zh: '已支付', en: 'Paid' },
  REFUND: { zh: '已退款', en: 'Refunded' },
  CLOSED: { zh: '已关闭', en: 'Closed' },
} as const satisfies Record<Payment['state'], Words>;

/** WeChat's green, dark enough for white letters. */
export const look = createCashierLook({
  title: { zh: '微信支付 · 模拟收银台', en: 'WeChat Pay · simulated cashier' },
  accent: '#07803f',
});

function payForm(
  prepayId: string,
  action: 'pay' | 'decline',
  settings: PageSettings,
  returnUrl: string | null,
): string {
  const back = returnUrl === null ? '' : `<input type="hidden" name="redirect_url" value="${escapeHtml(returnUrl)}">`;
  return `<form method="post" action="/cashier/${action}"><input type="hidden" name="prepay_id" value="${escapeHtml(prepayId)}"><input type="hidden" name="lang" value="${settings.language}">${back}<button${action === 'pay' ? ' class="main"' : ''}>${words[action][settings.language]}</button></form>`;
}

/** The payer's choice: pay or not. */
export function payPage(payment: Payment, returnUrl: string | null, settings: PageSettings): string {
  const { language } = settings;
  const forms =
    payForm(payment.prepayId, 'pay', settings, returnUrl) + payForm(payment.prepayId, 'decline', settings, returnUrl);
  const number = `${words.order[language]} ${escapeHtml(payment.outTradeNo)}`;
  return look.page(
    settings,
    `<section class="card"><p class="center">${escapeHtml(payment.description)}</p><p class="sum">${showMoney(payment.totalFen, payment.currency)}</p><p class="small center">${number}</p><div class="wide">${forms}</div></section>`,
  );
}

export type Ending = 'paid' | 'declined' | PayRefusal;

/** What came of it, for a payer who has no merchant's page to go back to, or cannot pay. */
export function endPage(ending: Ending, returnUrl: string | null, settings: PageSettings): string {
  const { language } = settings;
  const text = ending === 'paid' || ending === 'declined' ? words[ending][language] : refusalWords[ending][language];
  const back =
    returnUrl === null ? '' : `<a class="button" href="${escapeHtml(returnUrl)}">${words.returning[language]}</a>`;
  return look.page(
    settings,
    `<section class="card"><p class="ending" role="status">${text}</p><div class="wide">${back}<a class="button" href="/cashier/?lang=${language}">${words.back[language]}</a></div></section>`,
  );
}

/** Every payment that waits, with its buttons: the way into a code or a JSAPI order, which no browser can open. */
export function indexPage(open: readonly Payment[], recent: readonly Payment[], settings: PageSettings): string {
  const { language } = settings;
  const card = (payment: Payment): string =>
    `<section class="card"><div class="row"><span>${escapeHtml(payment.description)}</span><strong>${showMoney(payment.totalFen, payment.currency)}</strong></div><p class="small">${payment.tradeType} · ${escapeHtml(payment.outTradeNo)}</p><div class="row">${payForm(payment.prepayId, 'pay', settings, null)}${payForm(payment.prepayId, 'decline', settings, null)}<a class="button" href="/cashier/checkmweb?prepay_id=${encodeURIComponent(payment.prepayId)}&amp;lang=${language}">${words.look[language]}</a></div></section>`;
  const line = (payment: Payment): string =>
    `<section class="card"><div class="row"><span>${stateWords[payment.state][language]}</span><strong>${showMoney(payment.totalFen, payment.currency)}</strong></div><p class="small">${payment.tradeType} · ${escapeHtml(payment.outTradeNo)}</p></section>`;
  const waiting = open.length === 0 ? `<p class="small">${words.none[language]}</p>` : open.map(card).join('');
  const past = recent.length === 0 ? '' : `<h2>${words.recent[language]}</h2>${recent.map(line).join('')}`;
  return look.page(settings, `<h2>${words.open[language]}</h2>${waiting}${past}`);
}
