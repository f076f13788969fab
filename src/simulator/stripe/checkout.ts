import type { IncomingMessage, ServerResponse } from 'node:http';
import { type PageSettings, readPageSettings, readReturnUrl, type Words } from '../service/cashier-look.ts';
import { readText } from '../service/http-body.ts';
import type { Book, Session } from './book.ts';
import { digitsOf, faultOfForm } from './cards.ts';
import { bankPage, endPage, indexPage, look, payPage, type Trouble, troubleOf } from './checkout-page.ts';
import { refusalWords, stateWords, wordsOfDecline } from './checkout-page.text.ts';
import { whyNotPayable } from './pay.ts';
import type { PayOutcome, Till } from './till.ts';

const openShownMax = 50;
const recentShownMax = 10;

export type CheckoutSettings = { readonly book: Book; readonly till: Till };

/** Answers one request for a payer: the page of a session (`/c/pay/cs_…`), or the list of all that wait (`/cashier/`). */
export async function serveCheckout(
  settings: CheckoutSettings,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const sessionId = /^\/c\/pay\/(cs_\w+)$/.exec(url.pathname)?.[1];
  if (sessionId === undefined) return showList(settings, request, response, url);
  const text = request.method === 'POST' ? await readText(request) : null;
  const form = new URLSearchParams(text ?? '');
  const session = settings.book.sessions.get(sessionId);
  const page = readSessionPage(session, form.get('lang') ?? '', url, request);
  if (session !== undefined && text !== null) return act(settings, session, form, page, response);
  showSession(settings, session, page, response, null);
}

/** The language is the payer's choice, else the session's, else his browser's. */
function readSessionPage(
  session: Session | undefined,
  asked: string,
  url: URL,
  request: IncomingMessage,
): PageSettings {
  const locale = session?.locale ?? 'auto';
  const ofSession = locale === 'auto' ? null : locale.startsWith('zh') ? 'zh' : 'en';
  const here = new URL(url);
  const language = url.searchParams.get('lang') ?? (asked === '' ? ofSession : asked);
  if (language !== null) here.searchParams.set('lang', language);
  return readPageSettings(here, request.headers['accept-language']);
}

/** The page of a session that can be paid, asked for by the payer's bank, or over. */
function showSession(
  { book }: CheckoutSettings,
  session: Session | undefined,
  page: PageSettings,
  response: ServerResponse,
  trouble: Trouble | null,
): void {
  const returnUrl = readReturnUrl(session?.successUrl ?? null);
  const reason = whyNotPayable(session, book.timeline.now());
  if (session === undefined || reason !== null) {
    const back =
      reason === 'already_paid' || reason === 'payment_processing' ? session?.successUrl : session?.cancelUrl;
    const html = endPage(refusalWords[reason ?? 'payment_unknown'], readReturnUrl(back ?? null), page);
    return look.show(response, session === undefined ? 404 : 409, html, returnUrl);
  }
  const asksPayer = book.intents.get(session.intentId)?.status === 'requires_action';
  look.show(response, 200, asksPayer ? bankPage(session, page) : payPage(session, page, trouble), returnUrl);
}

function act(
  settings: CheckoutSettings,
  session: Session,
  form: URLSearchParams,
  page: PageSettings,
  response: ServerResponse,
): void {
  const step = takeStep(settings, session, form, page);
  // Read afresh: whoever pays or expires it meanwhile has written a newer one.
  const now = settings.book.sessions.get(session.id);
  if (step.kind === 'trouble') return showSession(settings, now, page, response, step.trouble);
  if (step.kind === 'paid') {
    const location = session.successUrl.replace('{CHECKOUT_SESSION_ID}', session.id);
    response.writeHead(303, { location, 'cache-control': 'no-store' }).end();
    return;
  }
  if (step.kind === 'declined') {
    const { code, declineCode } = step.decline;
    const text = wordsOfDecline(code, declineCode)[page.language];
    return showSession(settings, now, page, response, { text, field: null });
  }
  showSession(settings, now, page, response, null);
}

type Step = PayOutcome | { readonly kind: 'trouble'; readonly trouble: Trouble };

/** What the payer's button does. What he wrote into a field that no bank need be asked about comes back to him. */
function takeStep({ book, till }: CheckoutSettings, session: Session, form: URLSearchParams, page: PageSettings): Step {
  const field = (name: string): string => form.get(name) ?? '';
  switch (field('action')) {
    case 'apple_pay':
    case 'google_pay':
      return till.payByWallet(session, field('action') === 'apple_pay' ? 'apple_pay' : 'google_pay');
    case 'bank_yes':
      return till.answerBank(session, true);
    case 'bank_no':
      return till.answerBank(session, false);
    default: {
      const written = { number: field('number'), expiry: field('expiry'), cvc: field('cvc'), email: field('email') };
      const fault = faultOfForm(written, book.timeline.now());
      if (fault !== null) return { kind: 'trouble', trouble: troubleOf(fault, page.language) };
      return till.tryCard(session, digitsOf(written.number), written.email);
    }
  }
}

function showList({ book }: CheckoutSettings, request: IncomingMessage, response: ServerResponse, url: URL): void {
  if (url.pathname !== '/cashier/') {
    const isFrontDoor = ['/', '/cashier'].includes(url.pathname);
    response.writeHead(isFrontDoor ? 302 : 404, isFrontDoor ? { location: '/cashier/' } : {}).end();
    return;
  }
  const newestFirst = book.sessions.list().toReversed();
  const isOpen = (session: Session): boolean => whyNotPayable(session, book.timeline.now()) === null;
  const open = newestFirst.filter(isOpen).slice(0, openShownMax);
  const recent = newestFirst.filter((session) => !isOpen(session)).slice(0, recentShownMax);
  const listed = recent.map((session) => ({ session, state: stateOf(book, session) }));
  const page = readPageSettings(url, request.headers['accept-language']);
  look.show(response, 200, indexPage(open, listed, page), null);
}

function stateOf(book: Book, session: Session): Words {
  const charge = book.charges.get(book.intents.get(session.intentId)?.chargeId ?? null);
  if (session.paymentStatus === 'paid') return (charge?.refundedMinor ?? 0) > 0 ? stateWords.refunded : stateWords.paid;
  return session.status === 'complete' ? stateWords.processing : stateWords.over;
}
