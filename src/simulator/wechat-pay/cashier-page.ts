import { createHash } from 'node:crypto';
import type { Payment } from './ledger.ts';
import type { PayRefusal } from './pay.ts';

export type Language = 'zh' | 'en';

const words = {
  title: { zh: '微信支付 · 模拟收银台', en: 'WeChat Pay · simulated cashier' },
  simulated: { zh: '这是模拟环境，不会产生真实扣款。', en: 'This is a simulation. No money moves.' },
  pay: { zh: '确认支付', en: 'Pay' },
  decline: { zh: '取消支付', en: 'Do not pay' },
  open: { zh: '待支付', en: 'Waiting to be paid' },
  none: { zh: '没有待支付的订单。', en: 'No payment is waiting.' },
  order: { zh: '商户订单号', en: 'Merchant order' },
  look: { zh: '打开', en: 'Open' },
  back: { zh: '返回列表', en: 'Back to the list' },
  recent: { zh: '最近', en: 'Recent' },
  paid: { zh: '支付成功', en: 'Paid' },
  declined: { zh: '已取消支付', en: 'Not paid' },
  returning: { zh: '返回商户', en: 'Back to the merchant' },
} as const satisfies Record<string, Record<Language, string>>;

const refusalWords = {
  payment_unknown: { zh: '订单不存在或链接已失效', en: 'There is no such payment, or its link is void' },
  already_paid: { zh: '订单已支付', en: 'This is already paid' },
  payment_closed: { zh: '订单已关闭', en: 'This order was closed' },
  link_expired: { zh: '支付链接已过期', en: 'The payment link has expired' },
  past_time_expire: { zh: '订单已超过支付期限', en: 'The time to pay is over' },
} as const satisfies Record<PayRefusal, Record<Language, string>>;

const stateWords = {
  NOTPAY: { zh: '未支付', en: 'Not paid' },
  SUCCESS: { zh: '已支付', en: 'Paid' },
  REFUND: { zh: '已退款', en: 'Refunded' },
  CLOSED: { zh: '已关闭', en: 'Closed' },
} as const satisfies Record<Payment['state'], Record<Language, string>>;

const style = `:root{color-scheme:light dark;--ink:#1a1a1a;--soft:#6b6b6b;--paper:#fff;--ground:#f2f3f5;--line:#e3e4e8;--green:#07803f}
@media (prefers-color-scheme:dark){:root{--ink:#f0f0f0;--soft:#a5a5a5;--paper:#1e1f22;--ground:#121315;--line:#34363b}}
*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,"PingFang SC","Noto Sans CJK SC",sans-serif}
main{max-width:30rem;margin:0 auto;padding:1rem}header{display:flex;justify-content:space-between;align-items:center;gap:1rem}header a{flex:none;display:inline-flex;align-items:center;min-height:48px}
h1{font-size:1.05rem;margin:.5rem 0}h2{font-size:.95rem;color:var(--soft);margin:1.5rem 0 .5rem}
.card{background:var(--paper);border:1px solid var(--line);border-radius:14px;padding:1rem;margin:.75rem 0}.ending{font-size:1.25rem;font-weight:600;text-align:center}.card>:first-child{margin-top:0}
.sum{font-size:2.6rem;font-weight:600;text-align:center;margin:.75rem 0;font-variant-numeric:tabular-nums}
p:last-child{margin-bottom:0}.small{color:var(--soft);font-size:.85rem;overflow-wrap:anywhere}.center{text-align:center}
.row{display:flex;gap:.5rem;align-items:center;flex-wrap:wrap}.row strong{margin-left:auto;font-variant-numeric:tabular-nums}
button,.button{font:inherit;min-height:48px;border-radius:10px;border:1px solid var(--line);background:transparent;color:inherit;padding:.5rem 1rem;cursor:pointer;text-decoration:none;display:inline-flex;align-items:center;justify-content:center}
button.main{background:var(--green);border-color:var(--green);color:#fff;font-weight:600}form{display:contents}.wide>form>button,.wide>.button{width:100%;margin-top:.6rem}
button:focus-visible,a:focus-visible{outline:3px solid #3b82f6;outline-offset:2px}a{color:inherit}`;

const styleHash = createHash('sha256').update(style).digest('base64');

/** Nothing from elsewhere, no script; a form may lead only here and to the merchant's page that waits for the payer. */
export function contentSecurityPolicy(returnUrl: string | null): string {
  const origins = returnUrl === null ? "'self'" : `'self' ${new URL(returnUrl).origin}`;
  return `default-src 'none'; style-src 'sha256-${styleHash}'; form-action ${origins}; base-uri 'none'; frame-ancestors 'none'`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character] ?? character);

const money = (fen: number, currency: string): string =>
  `${currency === 'CNY' ? '¥' : `${escapeHtml(currency)} `}${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;

function page(language: Language, otherLanguageUrl: string, content: string): string {
  const other = language === 'zh' ? 'English' : '中文';
  return `<!doctype html><html lang="${language === 'zh' ? 'zh-CN' : 'en'}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${words.title[language]}</title><style>${style}</style></head><body><main><header><h1>${words.title[language]}</h1><a class="small" href="${escapeHtml(otherLanguageUrl)}">${other}</a></header>${content}<p class="small center">${words.simulated[language]}</p></main></body></html>`;
}

export type PageSettings = { readonly language: Language; readonly otherLanguageUrl: string };

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
  const { language, otherLanguageUrl } = settings;
  const forms =
    payForm(payment.prepayId, 'pay', settings, returnUrl) + payForm(payment.prepayId, 'decline', settings, returnUrl);
  const number = `${words.order[language]} ${escapeHtml(payment.outTradeNo)}`;
  return page(
    language,
    otherLanguageUrl,
    `<section class="card"><p class="center">${escapeHtml(payment.description)}</p><p class="sum">${money(payment.totalFen, payment.currency)}</p><p class="small center">${number}</p><div class="wide">${forms}</div></section>`,
  );
}

export type Ending = 'paid' | 'declined' | PayRefusal;

/** What came of it, for a payer who has no merchant's page to go back to, or cannot pay. */
export function endPage(ending: Ending, returnUrl: string | null, settings: PageSettings): string {
  const { language, otherLanguageUrl } = settings;
  const text = ending === 'paid' || ending === 'declined' ? words[ending][language] : refusalWords[ending][language];
  const back =
    returnUrl === null ? '' : `<a class="button" href="${escapeHtml(returnUrl)}">${words.returning[language]}</a>`;
  return page(
    language,
    otherLanguageUrl,
    `<section class="card"><p class="ending" role="status">${text}</p><div class="wide">${back}<a class="button" href="/cashier/?lang=${language}">${words.back[language]}</a></div></section>`,
  );
}

/** Every payment that waits, with its buttons: the way into a code or a JSAPI order, which no browser can open. */
export function indexPage(open: readonly Payment[], recent: readonly Payment[], settings: PageSettings): string {
  const { language, otherLanguageUrl } = settings;
  const card = (payment: Payment): string =>
    `<section class="card"><div class="row"><span>${escapeHtml(payment.description)}</span><strong>${money(payment.totalFen, payment.currency)}</strong></div><p class="small">${payment.tradeType} · ${escapeHtml(payment.outTradeNo)}</p><div class="row">${payForm(payment.prepayId, 'pay', settings, null)}${payForm(payment.prepayId, 'decline', settings, null)}<a class="button" href="/cashier/checkmweb?prepay_id=${encodeURIComponent(payment.prepayId)}&amp;lang=${language}">${words.look[language]}</a></div></section>`;
  const line = (payment: Payment): string =>
    `<section class="card"><div class="row"><span>${stateWords[payment.state][language]}</span><strong>${money(payment.totalFen, payment.currency)}</strong></div><p class="small">${payment.tradeType} · ${escapeHtml(payment.outTradeNo)}</p></section>`;
  const waiting = open.length === 0 ? `<p class="small">${words.none[language]}</p>` : open.map(card).join('');
  const past = recent.length === 0 ? '' : `<h2>${words.recent[language]}</h2>${recent.map(line).join('')}`;
  return page(language, otherLanguageUrl, `<h2>${words.open[language]}</h2>${waiting}${past}`);
}
