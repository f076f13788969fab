import {
  cashierWords,
  createCashierLook,
  escapeHtml,
  type Language,
  type PageSettings,
  showMoney,
  type Words,
} from '../service/cashier-look.ts';
import { paymentNameOf, type Session } from './book.ts';
import type { FormFault } from './cards.ts';
import { faultWords, words } from './checkout-page.text.ts';

const ownStyle = `label{display:block;font-size:.9rem;color:var(--soft);margin:.9rem 0 0}
input{font:inherit;width:100%;min-height:48px;border:1px solid var(--line);border-radius:10px;background:var(--ground);color:var(--ink);padding:.5rem .75rem;margin-top:.25rem;font-variant-numeric:tabular-nums}
input:focus-visible{outline:3px solid #3b82f6;outline-offset:1px}input[aria-invalid=true]{border-color:#c0262d}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:.75rem}.fault{color:#b3261e;background:#fdecea;border-radius:10px;padding:.6rem .75rem;margin:.75rem 0 0}
.or{display:flex;align-items:center;gap:.75rem;color:var(--soft);font-size:.85rem;margin:1rem 0 0}.or::before,.or::after{content:"";flex:1;border-top:1px solid var(--line)}
button.wallet{background:#111;border-color:#111;color:#fff;font-weight:600}details{margin-top:.75rem}summary{padding:.75rem 0;color:var(--soft);cursor:pointer}
.cards{margin:0;padding:0;list-style:none;font-size:.9rem}.cards li{display:flex;justify-content:space-between;gap:.75rem;padding:.3rem 0}.cards code{font:inherit;font-variant-numeric:tabular-nums}
.wide>form:first-child>button{margin-top:0}.wide>form>.pair+button{margin-top:1.1rem}.cancel{display:flex;justify-content:center;text-align:center;align-items:center;min-height:48px;color:var(--soft)}
@media (prefers-color-scheme:dark){.fault{color:#ffb4ab;background:#3b1715}input[aria-invalid=true]{border-color:#ff8a80}button.wallet{background:#fff;border-color:#fff;color:#111}}`;

/** Stripe's violet, dark enough for white letters. */
export const look = createCashierLook({
  title: { zh: 'Stripe · 模拟付款页', en: 'Stripe · simulated checkout' },
  accent: '#5b4be0',
  ownStyle,
});

/** Above a form that was sent and did not pay: what is wrong, and in which field. */
export type Trouble = { readonly text: string; readonly field: FormFault | null };

export const troubleOf = (field: FormFault, language: Language): Trouble => ({
  text: faultWords[field][language],
  field,
});

const hidden = (name: string, value: string): string =>
  `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`;

/** A field as a payer's browser knows it; filled in with a test card, so that a person need not type sixteen digits. */
function field(name: FormFault, value: string, language: Language, trouble: Trouble | null): string {
  const kinds = {
    email: 'type="email" autocomplete="email" inputmode="email"',
    number: 'autocomplete="cc-number" inputmode="numeric" maxlength="23"',
    expiry: 'autocomplete="cc-exp" inputmode="numeric" maxlength="7"',
    cvc: 'autocomplete="cc-csc" inputmode="numeric" maxlength="4"',
  } as const satisfies Record<FormFault, string>;
  const wrong = trouble?.field === name ? ' aria-invalid="true" aria-describedby="fault"' : '';
  return `<label>${words[name][language]}<input name="${name}" ${kinds[name]} value="${value}" required${wrong}></label>`;
}

function form(session: Session, action: string, language: Language, content: string): string {
  const address = `/c/pay/${encodeURIComponent(session.id)}`;
  return `<form method="post" action="${address}">${hidden('action', action)}${hidden('lang', language)}${content}</form>`;
}

const testCards = [
  ['4242 4242 4242 4242', 'pays'],
  ['4000 0000 0000 0002', 'isDeclined'],
  ['4000 0000 0000 9995', 'hasNoMoney'],
  ['4000 0025 0000 3155', 'asksPayer'],
] as const satisfies readonly (readonly [string, keyof typeof words])[];

/** The payer's choice: a wallet in one step, a card, or back. */
export function payPage(session: Session, settings: PageSettings, trouble: Trouble | null): string {
  const { language } = settings;
  const say = (text: Words): string => text[language];
  const wallets = [
    form(session, 'apple_pay', language, `<button class="wallet">${say(words.applePay)}</button>`),
    form(session, 'google_pay', language, `<button class="wallet">${say(words.googlePay)}</button>`),
  ].join('');
  const show = (name: FormFault, value: string): string => field(name, value, language, trouble);
  const fields = `${show('email', 'payer@example.com')}${show('number', '4242 4242 4242 4242')}<div class="pair">${show('expiry', '12 / 34')}${show('cvc', '123')}</div>`;
  const fault = trouble === null ? '' : `<p class="fault" id="fault" role="alert">${escapeHtml(trouble.text)}</p>`;
  const card = form(session, 'card', language, `${fault}${fields}<button class="main">${say(words.cardPay)}</button>`);
  const known = testCards
    .map(([number, what]) => `<li><code>${number}</code><span>${say(words[what])}</span></li>`)
    .join('');
  const help = `<details><summary>${say(words.testCards)}</summary><ul class="cards">${known}</ul></details><p class="small">${say(words.neverReal)}</p>`;
  const back =
    session.cancelUrl === null
      ? ''
      : `<a class="cancel" href="${escapeHtml(session.cancelUrl)}">${say(words.cancel)}</a>`;
  return look.page(
    settings,
    `${summary(session, language)}<section class="card"><div class="wide">${wallets}<p class="or">${say(words.or)}</p>${card}</div>${help}</section>${back}`,
  );
}

function summary(session: Session, language: Language): string {
  const sum = showMoney(session.amountMinor, session.currency.toUpperCase());
  return `<section class="card"><p class="center">${escapeHtml(session.description)}</p><p class="sum">${sum}</p><p class="small center">${cashierWords.order[language]} ${escapeHtml(paymentNameOf(session))}</p></section>`;
}

/** What the payer's bank asks before it pays (3-D Secure). */
export function bankPage(session: Session, settings: PageSettings): string {
  const { language } = settings;
  const yes = form(session, 'bank_yes', language, `<button class="main">${words.confirm[language]}</button>`);
  const no = form(session, 'bank_no', language, `<button>${words.refuse[language]}</button>`);
  return look.page(
    settings,
    `${summary(session, language)}<section class="card"><p class="ending">${words.bank[language]}</p><div class="wide">${yes}${no}</div></section>`,
  );
}

/** Where nothing can be paid (any more), with the way back that the merchant gave. */
export function endPage(text: Words, returnUrl: string | null, settings: PageSettings): string {
  const { language } = settings;
  const back =
    returnUrl === null
      ? ''
      : `<a class="button" href="${escapeHtml(returnUrl)}">${cashierWords.returning[language]}</a>`;
  const list = `<a class="button" href="/cashier/?lang=${language}">${cashierWords.back[language]}</a>`;
  return look.page(
    settings,
    `<section class="card"><p class="ending" role="status">${text[language]}</p><div class="wide">${back}${list}</div></section>`,
  );
}

export type ListedSession = { readonly session: Session; readonly state: Words };

/** The way into every page that waits for its payer. */
export function indexPage(open: readonly Session[], recent: readonly ListedSession[], settings: PageSettings): string {
  const { language } = settings;
  const head = (session: Session, text: string): string =>
    `<div class="row"><span>${text}</span><strong>${showMoney(session.amountMinor, session.currency.toUpperCase())}</strong></div><p class="small">${escapeHtml(paymentNameOf(session))}</p>`;
  const card = (session: Session): string =>
    `<section class="card">${head(session, escapeHtml(session.description))}<div class="wide"><a class="button" href="/c/pay/${encodeURIComponent(session.id)}?lang=${language}">${cashierWords.look[language]}</a></div></section>`;
  const line = ({ session, state }: ListedSession): string =>
    `<section class="card">${head(session, state[language])}</section>`;
  const waiting = open.length === 0 ? `<p class="small">${cashierWords.none[language]}</p>` : open.map(card).join('');
  const past = recent.length === 0 ? '' : `<h2>${cashierWords.recent[language]}</h2>${recent.map(line).join('')}`;
  return look.page(settings, `<h2>${cashierWords.open[language]}</h2>${waiting}${past}`);
}
