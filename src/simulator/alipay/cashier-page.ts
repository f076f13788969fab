import {
  cashierWords as words,
  createCashierLook,
  escapeHtml,
  type Language,
  type PageSettings,
  showMoney,
  type Words,
} from '../service/cashier-look.ts';
import type { Payment } from './ledger.ts';
import type { PayRefusal } from './trade.ts';

const refusalWords = {
  payment_unknown: { zh: '订单不存在或二维码已失效', en: 'There is no such payment, or its code is void' },
  already_paid: { zh: '订单已支付', en: 'This is already paid' },
  payment_closed: { zh: '交易已关闭', en: 'This trade was closed' },
  past_time_expire: { zh: '订单已超过支付期限', en: 'The time to pay is over' },
} as const satisfies Record<PayRefusal, Words>;

const stateWords = {
  unscanned: { zh: '待扫码', en: 'Waiting to be scanned' },
  unseen: { zh: '待登录', en: 'Waiting for a sign-in' },
  waiting: { zh: '交易已创建，待支付', en: 'Trade begun, waiting to be paid' },
  TRADE_SUCCESS: { zh: '已支付', en: 'Paid' },
  TRADE_CLOSED: { zh: '已关闭', en: 'Closed' },
  refunded: { zh: '已退款', en: 'Refunded' },
  over: { zh: '已过期', en: 'Expired' },
} as const satisfies Record<string, Words>;

const surfaceWords = {
  WAP: { zh: '手机网站', en: 'Mobile page' },
  QR: { zh: '扫码', en: 'Code' },
} as const satisfies Record<Payment['surface'], Words>;

const signInWords = {
  button: { zh: '登录支付宝', en: 'Sign in to Alipay' },
  hint: {
    zh: '登录后才会产生交易，此前商户查询不到。',
    en: 'The trade begins when you sign in; before, no query finds it.',
  },
} as const satisfies Record<string, Words>;

const refusedOrder: Words = { zh: '支付宝没有受理这笔订单', en: 'Alipay did not take this order' };

/** Alipay's blue, dark enough for white letters. */
export const look = createCashierLook({
  title: { zh: '支付宝 · 模拟收银台', en: 'Alipay · simulated cashier' },
  accent: '#0f5fd7',
});

type Action = 'sign-in' | 'pay' | 'decline';

function form(token: string, action: Action, language: Language): string {
  const label = action === 'sign-in' ? signInWords.button[language] : words[action][language];
  const fields = `<input type="hidden" name="token" value="${escapeHtml(token)}"><input type="hidden" name="lang" value="${language}">`;
  return `<form method="post" action="/cashier/${action}">${fields}<button${action === 'decline' ? '' : ' class="main"'}>${label}</button></form>`;
}

const orderOf = (payment: Payment, language: Language): string =>
  `<p class="center">${escapeHtml(payment.subject)}</p><p class="sum">${showMoney(payment.totalFen, 'CNY')}</p><p class="small center">${words.order[language]} ${escapeHtml(payment.outTradeNo)}</p>`;

/** Who is it? Signing in is what makes the trade. */
export function signInPage(payment: Payment, settings: PageSettings): string {
  const { language } = settings;
  return look.page(
    settings,
    `<section class="card">${orderOf(payment, language)}<div class="wide">${form(payment.token, 'sign-in', language)}</div></section><p class="small center">${signInWords.hint[language]}</p>`,
  );
}

/** The payer's choice: pay or not. */
export function payPage(payment: Payment, settings: PageSettings): string {
  const { language } = settings;
  const forms = form(payment.token, 'pay', language) + form(payment.token, 'decline', language);
  return look.page(
    settings,
    `<section class="card">${orderOf(payment, language)}<div class="wide">${forms}</div></section>`,
  );
}

export type Ending = 'paid' | 'declined' | PayRefusal;

/** What came of it, for a payer who has no merchant's page to go back to, or cannot pay. */
export function endPage(ending: Ending, returnUrl: string | null, settings: PageSettings): string {
  const { language } = settings;
  const text = ending === 'paid' || ending === 'declined' ? words[ending][language] : refusalWords[ending][language];
  const back =
    returnUrl === null ? '' : `<a class="button" href="${escapeHtml(returnUrl)}">${words.returning[language]}</a>`;
  return look.page(settings, ended(text, `${back}${listLink(language)}`));
}

/** An order that came in with the payer's browser and was refused: its code and reason, as Alipay shows them. */
export function refusedPage(code: string, message: string, settings: PageSettings): string {
  const { language } = settings;
  const why = `<p class="small center">${escapeHtml(code)} · ${escapeHtml(message)}</p>`;
  return look.page(settings, ended(refusedOrder[language], listLink(language), why));
}

const ended = (text: string, links: string, more = ''): string =>
  `<section class="card"><p class="ending" role="status">${text}</p>${more}<div class="wide">${links}</div></section>`;

const listLink = (language: Language): string =>
  `<a class="button" href="/cashier/?lang=${language}">${words.back[language]}</a>`;

/** Every payment that waits, with its buttons: the way into a code without a phone to scan it. */
export function indexPage(open: readonly Payment[], recent: readonly Payment[], settings: PageSettings): string {
  const { language } = settings;
  const card = (payment: Payment): string => {
    const state = payment.trade === null ? (payment.surface === 'QR' ? 'unscanned' : 'unseen') : 'waiting';
    const buttons = form(payment.token, 'pay', language) + form(payment.token, 'decline', language);
    return `<section class="card">${rowOf(escapeHtml(payment.subject), payment)}${detailOf(payment, stateWords[state], language)}<div class="row">${buttons}${openLink(payment, language)}</div></section>`;
  };
  const line = (payment: Payment): string =>
    `<section class="card">${rowOf(stateWords[pastStateOf(payment)][language], payment)}${detailOf(payment, null, language)}</section>`;
  const waiting = open.length === 0 ? `<p class="small">${words.none[language]}</p>` : open.map(card).join('');
  const past = recent.length === 0 ? '' : `<h2>${words.recent[language]}</h2>${recent.map(line).join('')}`;
  return look.page(settings, `<h2>${words.open[language]}</h2>${waiting}${past}`);
}

/** To open a code is to scan it; a page asks who is there. */
function openLink({ surface, token }: Payment, language: Language): string {
  const name = encodeURIComponent(token);
  const address = surface === 'QR' ? `/qr/${name}?lang=${language}` : `/cashier/pay?token=${name}&amp;lang=${language}`;
  return `<a class="button" href="${address}">${words.look[language]}</a>`;
}

const rowOf = (label: string, payment: Payment): string =>
  `<div class="row"><span>${label}</span><strong>${showMoney(payment.totalFen, 'CNY')}</strong></div>`;

function detailOf(payment: Payment, state: Words | null, language: Language): string {
  const surface = surfaceWords[payment.surface][language];
  const head = state === null ? surface : `${surface} · ${state[language]}`;
  return `<p class="small">${head}<br>${escapeHtml(payment.outTradeNo)}</p>`;
}

function pastStateOf({ trade }: Payment): keyof typeof stateWords {
  if (trade === null || trade.status === 'WAIT_BUYER_PAY') return 'over';
  return trade.status === 'TRADE_CLOSED' && trade.paidAtMs !== null ? 'refunded' : trade.status;
}
