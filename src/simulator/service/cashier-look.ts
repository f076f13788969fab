import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { formatMoneyMinor, minorDigits } from '../../base/money.ts';

export type Language = 'zh' | 'en';
export type Words = Readonly<Record<Language, string>>;

/** In which language a page is shown, and where the same page is in the other one. */
export type PageSettings = { readonly language: Language; readonly otherLanguageUrl: string };

/** Words that every cashier has. */
export const cashierWords = {
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
} as const satisfies Record<string, Words>;

const styleOf = (
  accent: string,
): string => `:root{color-scheme:light dark;--ink:#1a1a1a;--soft:#6b6b6b;--paper:#fff;--ground:#f2f3f5;--line:#e3e4e8;--accent:${accent}}
@media (prefers-color-scheme:dark){:root{--ink:#f0f0f0;--soft:#a5a5a5;--paper:#1e1f22;--ground:#121315;--line:#34363b}}
*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,"PingFang SC","Noto Sans CJK SC",sans-serif}
main{max-width:30rem;margin:0 auto;padding:1rem}header{display:flex;justify-content:space-between;align-items:center;gap:1rem}header a{flex:none;display:inline-flex;align-items:center;min-height:48px}
h1{font-size:1.05rem;margin:.5rem 0}h2{font-size:.95rem;color:var(--soft);margin:1.5rem 0 .5rem}
.card{background:var(--paper);border:1px solid var(--line);border-radius:14px;padding:1rem;margin:.75rem 0}.ending{font-size:1.25rem;font-weight:600;text-align:center}.card>:first-child{margin-top:0}
.sum{font-size:2.6rem;font-weight:600;text-align:center;margin:.75rem 0;font-variant-numeric:tabular-nums}
p:last-child{margin-bottom:0}.small{color:var(--soft);font-size:.85rem;overflow-wrap:anywhere}.center{text-align:center}
.row{display:flex;gap:.5rem;align-items:center;flex-wrap:wrap}.row strong{margin-left:auto;font-variant-numeric:tabular-nums}
button,.button{font:inherit;min-height:48px;border-radius:10px;border:1px solid var(--line);background:transparent;color:inherit;padding:.5rem 1rem}
button,.button{cursor:pointer;text-decoration:none;display:inline-flex;align-items:center;justify-content:center}
button.main{background:var(--accent);border-color:var(--accent);color:#fff;font-weight:600}form{display:contents}.wide>form>button,.wide>.button{width:100%;margin-top:.6rem}
button:focus-visible,a:focus-visible{outline:3px solid #3b82f6;outline-offset:2px}a{color:inherit}`;

export type CashierLook = {
  /** The whole page around `content`, which is HTML already. */
  page(settings: PageSettings, content: string): string;
  /** Sends a page; `returnUrl` is the merchant's page to which a form of it may lead, or null. */
  show(response: ServerResponse, status: number, html: string, returnUrl: string | null): void;
};

export type LookSettings = {
  readonly title: Words;
  /** The colour of the chief button, dark enough for white letters on it. */
  readonly accent: string;
  /** Style of what only this service's pages have. */
  readonly ownStyle?: string;
};

export function createCashierLook({ title, accent, ownStyle = '' }: LookSettings): CashierLook {
  const style = styleOf(accent) + ownStyle;
  const styleHash = createHash('sha256').update(style).digest('base64');
  /** Nothing from elsewhere, no script; a form may lead only here and to the merchant's page that waits for the payer. */
  const contentSecurityPolicy = (returnUrl: string | null): string => {
    const origins = returnUrl === null ? "'self'" : `'self' ${new URL(returnUrl).origin}`;
    return `default-src 'none'; style-src 'sha256-${styleHash}'; form-action ${origins}; base-uri 'none'; frame-ancestors 'none'`;
  };
  return {
    page({ language, otherLanguageUrl }, content) {
      const lang = language === 'zh' ? 'zh-CN' : 'en';
      const other = language === 'zh' ? 'English' : '中文';
      const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${title[language]}</title><style>${style}</style>`;
      const header = `<header><h1>${title[language]}</h1><a class="small" href="${escapeHtml(otherLanguageUrl)}">${other}</a></header>`;
      const foot = `<p class="small center">${cashierWords.simulated[language]}</p>`;
      return `<!doctype html><html lang="${lang}"><head>${head}</head><body><main>${header}${content}${foot}</main></body></html>`;
    },
    show(response, status, html, returnUrl) {
      response
        .writeHead(status, {
          'content-type': 'text/html; charset=utf-8',
          'content-security-policy': contentSecurityPolicy(returnUrl),
          'referrer-policy': 'no-referrer',
          'x-content-type-options': 'nosniff',
          'cache-control': 'no-store',
        })
        .end(html);
    },
  };
}

/** From `lang` in the address, else from the browser's wish, else Chinese. */
export function readPageSettings(url: URL, acceptLanguage: string | undefined): PageSettings {
  const asked = url.searchParams.get('lang') ?? (/^\s*en\b/i.test(acceptLanguage ?? '') ? 'en' : 'zh');
  const language: Language = asked === 'en' ? 'en' : 'zh';
  const other = new URL(url);
  other.searchParams.set('lang', language === 'zh' ? 'en' : 'zh');
  return { language, otherLanguageUrl: other.pathname + other.search };
}

/** The merchant's page, where it is one that a browser may be sent to. */
export function readReturnUrl(text: string | null): string | null {
  if (text === null || !URL.canParse(text)) return null;
  return ['http:', 'https:'].includes(new URL(text).protocol) ? text : null;
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

const signs: Readonly<Record<string, string>> = { CNY: '¥', EUR: '€', USD: '$', GBP: '£' };

/** `¥200.00`, `€40.00`, `CHF 10.50`; a code that is none stands with its minor units. */
export function showMoney(minor: number, currency: string): string {
  const amount = minorDigits(currency) === null ? String(minor) : formatMoneyMinor(minor, currency);
  return escapeHtml(`${signs[currency] ?? `${currency} `}${amount}`);
}
