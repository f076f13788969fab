import { escapeHtml, type Language, type PageSettings, showMoney, type Words } from '../service/cashier-look.ts';
import { type DeskPayment, type DeskRefund, type DeskRefundEnding, type DeskService } from '../service/desk-service.ts';
import { faultTimesMax } from '../service/faults.ts';
import type { Notice } from '../service/notice.ts';
import { noticeWords, partlyRefunded, sayKind, sayOperation, sayRefundState, stateWords, words } from './desk-words.ts';

const recentShownMax = 30;
const noticesShownMax = 5;

/** One part of the page that changes while it is looked at; the script fetches them all and puts in those that differ. */
export type DeskSection = { readonly id: string; readonly html: string };

export function drawSections(services: readonly DeskService[], language: Language): readonly DeskSection[] {
  const payments = services
    .flatMap((service) => service.payments().map((payment) => ({ service, payment })))
    .toSorted((a, b) => b.payment.createdAtMs - a.payment.createdAtMs);
  const open = payments.filter(({ payment }) => payment.state === 'open');
  const recent = payments.filter(({ payment }) => payment.state !== 'open').slice(0, recentShownMax);
  const refunds = services
    .flatMap((service) => service.refunds().map((refund) => ({ service, refund })))
    .toSorted((a, b) => b.refund.createdAtMs - a.refund.createdAtMs);
  const list = (cards: readonly string[], empty: Words): string =>
    cards.length === 0 ? `<p class="empty">${empty[language]}</p>` : cards.join('');
  return [
    {
      id: 'open',
      html: list(
        open.map((one) => openCard(one.service, one.payment, language)),
        words.noneOpen,
      ),
    },
    {
      id: 'recent',
      html: list(
        recent.map((one) => recentCard(one.service, one.payment, language)),
        words.noneRecent,
      ),
    },
    {
      id: 'refunds',
      html: list(
        refunds.map((one) => refundCard(one.service, one.refund, language)),
        words.noneRefunds,
      ),
    },
    {
      id: 'waiting',
      html: list(
        services.flatMap((service) => waitingFaults(service, language)),
        words.noneFaults,
      ),
    },
  ];
}

function openCard(service: DeskService, payment: DeskPayment, language: Language): string {
  const path = `payments/${service.id}/${encodeURIComponent(payment.ref)}`;
  const pay = (first: string, text: Words, chief = ''): string =>
    button(`${path}/pay`, text[language], { first }, chief);
  return card(`
    ${cardHead(service, payment, language)}
    <p class="sum">${showMoney(payment.amountMinor, payment.currency)}</p>
    ${cardNames(payment, payment.declined ? words.turnedAway[language] : null)}
    <div class="buttons">
      ${pay('at_once', words.pay, 'chief')}${button(`${path}/decline`, words.decline[language], {})}
      ${pay('held_back', words.heldBack)}${pay('doubled', words.doubled)}
    </div>`);
}

function recentCard(service: DeskService, payment: DeskPayment, language: Language): string {
  const notices = service.notices().filter(({ about }) => about === payment.ref);
  const again = button(`payments/${service.id}/${encodeURIComponent(payment.ref)}/resend`, words.resend[language], {});
  return card(`
    ${cardHead(service, payment, language)}
    <p class="row"><span class="chip ${payment.state}">${sayPaymentState(payment, language)}</span>
      <strong>${showMoney(payment.amountMinor, payment.currency)}</strong></p>
    ${cardNames(payment, null)}
    ${drawNotices(notices, language)}
    ${notices.length === 0 ? '' : `<div class="buttons">${again}</div>`}`);
}

/** A payment is refunded only as far as its money is back. Each refund stands in a card of its own. */
function sayPaymentState({ state, backMinor, amountMinor, currency }: DeskPayment, language: Language): string {
  if (state !== 'refunded' || backMinor >= amountMinor) return stateWords[state][language];
  if (backMinor === 0) return stateWords.paid[language];
  return partlyRefunded[language].replace('N', showMoney(backMinor, currency));
}

const endingWords = {
  succeeded: words.endWell,
  failed: words.endBadly,
} as const satisfies Record<DeskRefundEnding, Words>;

function refundCard(service: DeskService, refund: DeskRefund, language: Language): string {
  const path = `refunds/${service.id}/${encodeURIComponent(refund.ref)}/end`;
  const buttons = refund.endings.map((ending) => button(path, endingWords[ending][language], { ending }));
  return card(`
    <p class="row">${badge(service, language)}${time(refund.createdAtMs, language)}</p>
    <p class="row"><span class="chip" title="${escapeHtml(refund.state)}">${escapeHtml(sayRefundState(refund.state, language))}</span>
      <strong>${showMoney(refund.amountMinor, refund.currency)}</strong></p>
    <p class="names"><code>${escapeHtml(refund.ref)}</code><br>
      ${words.refundOf[language]} <code>${escapeHtml(refund.paymentRef)}</code></p>
    ${drawNotices(
      service.notices().filter(({ about }) => about === refund.ref),
      language,
    )}
    ${buttons.length === 0 ? '' : `<div class="buttons">${buttons.join('')}</div>`}`);
}

function waitingFaults(service: DeskService, language: Language): readonly string[] {
  const faults = service.faults();
  if (faults.length === 0) return [];
  const lines = faults.map(
    ({ operation, kind, times, ms }) =>
      `<li>${escapeHtml(sayOperation(operation, language))} · ${escapeHtml(sayKind(kind, language))} × ${times}${ms === 0 ? '' : ` · ${ms} ms`}</li>`,
  );
  return [
    card(`<p class="row">${badge(service, language)}</p><ul class="notices">${lines.join('')}</ul>
      <div class="buttons">${button(`faults/${service.id}/clear`, words.clear[language], {})}</div>`),
  ];
}

const card = (content: string): string => `<article class="card">${content}</article>`;

const cardHead = (service: DeskService, payment: DeskPayment, language: Language): string =>
  `<p class="row">${badge(service, language)}<span class="surface">${escapeHtml(payment.surface)}</span>${time(payment.createdAtMs, language)}</p>`;

const cardNames = (payment: DeskPayment, more: string | null): string =>
  `<p class="names">${escapeHtml(payment.description)}<br><code>${escapeHtml(payment.ref)}</code>${more === null ? '' : ` · ${more}`}</p>`;

const badge = (service: DeskService, language: Language): string =>
  `<span class="badge ${escapeHtml(service.id)}">${escapeHtml(service.name[language])}</span>`;

function drawNotices(notices: readonly Notice[], language: Language): string {
  if (notices.length === 0) return `<p class="names">${words.noNotices[language]}</p>`;
  const lines = notices.slice(-noticesShownMax).map(({ event, state, deliveries, lastStatus, nextAtMs }) => {
    const answer = deliveries === 0 ? '' : ` · ${words.answered[language]} ${lastStatus ?? words.noAnswer[language]}`;
    const next = state === 'waiting' ? ` · ${words.next[language]} ${clockText(nextAtMs, language)}` : '';
    return `<li><code>${escapeHtml(event)}</code> <span class="chip ${state}">${noticeWords[state][language]}</span>
      ${words.sent[language].replace('N', String(deliveries))}${answer}${next}</li>`;
  });
  return `<ul class="notices" aria-label="${words.notices[language]}">${lines.join('')}</ul>`;
}

const clockText = (ms: number, language: Language): string =>
  new Intl.DateTimeFormat(langOf(language), { timeStyle: 'medium', hourCycle: 'h23' }).format(ms);

const time = (ms: number, language: Language): string =>
  `<time datetime="${new Date(ms).toISOString()}">${clockText(ms, language)}</time>`;

const langOf = (language: Language): string => (language === 'zh' ? 'zh-CN' : 'en');

/** A form with one button; its name is what makes it the same button after the section was drawn anew. */
function button(path: string, text: string, fields: Readonly<Record<string, string>>, look = ''): string {
  const hidden = Object.entries(fields).map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`);
  const id = escapeHtml([path, ...Object.values(fields)].join('/'));
  return `<form method="post" action="/${escapeHtml(path)}">${hidden.join('')}<button id="${id}" class="${look}">${text}</button></form>`;
}

/** One form a service; the script shows the one of the chosen service and takes away what does not fit the operation. */
function faultForm({ id, name, faultWords }: DeskService, language: Language): string {
  const { operations, callKinds, noticeKinds } = faultWords;
  const option = (value: string, text: string): string => `<option value="${value}">${escapeHtml(text)}</option>`;
  const kinds = (label: string, list: readonly string[]): string =>
    `<optgroup label="${label}">${list.map((kind) => option(kind, `${sayKind(kind, language)} (${kind})`)).join('')}</optgroup>`;
  const operationOptions = [...operations, 'notify'].map((one) => option(one, sayOperation(one, language))).join('');
  return `<form method="post" action="/faults/${id}/order" class="fault" data-service="${id}">
    <h3>${escapeHtml(name[language])}</h3>
    <label>${words.operation[language]}<select name="operation">${operationOptions}</select></label>
    <label>${words.kind[language]}<select name="kind">${kinds(words.calls[language], callKinds)}${kinds(sayOperation('notify', language), noticeKinds)}</select></label>
    <label>${words.times[language]}<input name="times" type="number" min="1" max="${faultTimesMax}" value="1" required></label>
    <label>${words.ms[language]}<input name="ms" type="number" step="1" value="0" required></label>
    <button>${words.order[language]}</button>
  </form>`;
}

/** The whole page. It works without its script too, then it stands still until it is loaded again. */
export function drawPage(services: readonly DeskService[], settings: PageSettings, said: string | null): string {
  const { language, otherLanguageUrl } = settings;
  const parts = new Map(drawSections(services, language).map(({ id, html }) => [id, html]));
  const section = (id: string, title: Words, more = ''): string =>
    `<section><h2 id="${id}-title" tabindex="-1">${title[language]}</h2>${more}<div id="${id}" class="cards" data-live aria-labelledby="${id}-title">${parts.get(id) ?? ''}</div></section>`;
  const cashiers = services.map(
    (service) =>
      `<a href="${escapeHtml(service.cashierUrl)}?lang=${language}">${escapeHtml(service.name[language])}</a>`,
  );
  return `<!doctype html>
<html lang="${langOf(language)}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${words.title[language]}</title>
<link rel="stylesheet" href="/page.css">
<header>
  <div class="row"><h1>${words.title[language]}</h1><a href="${escapeHtml(otherLanguageUrl)}">${language === 'zh' ? 'English' : '中文'}</a></div>
  <p>${words.simulated[language]}</p>
  <p>${words.cashiers[language]}: ${cashiers.join(' · ')}</p>
  <p id="said" role="status" data-lost="${words.lost[language]}">${said === null ? '' : escapeHtml(said)}</p>
</header>
<main>
  <div>${section('open', words.open)}${section('recent', words.recent)}</div>
  <div>${section('refunds', words.refunds)}${section('waiting', words.faults, faultForms(services, language))}</div>
</main>
<script src="/page.js"></script>
</html>
`;
}

const faultForms = (services: readonly DeskService[], language: Language): string => {
  const choices = services
    .map(({ id, name }) => `<option value="${id}">${escapeHtml(name[language])}</option>`)
    .join('');
  return `<div class="card"><label id="choice" hidden>${words.service[language]}<select>${choices}</select></label>
    ${services.map((service) => faultForm(service, language)).join('')}</div>`;
};
