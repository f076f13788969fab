import type { IncomingMessage, ServerResponse } from 'node:http';
import { type PageSettings, readPageSettings, readReturnUrl } from '../service/cashier-look.ts';
import { beijingPlain } from '../service/beijing.ts';
import { readText } from '../service/http-body.ts';
import { parametersOf } from './alipay-api.ts';
import { checkParameters } from './caller-check.ts';
import { endPage, type Ending, indexPage, look, payPage, refusedPage, signInPage } from './cashier-page.ts';
import type { Credentials } from './credentials.ts';
import type { Ledger, Payment } from './ledger.ts';
import { writeYuan } from './money.ts';
import { placeOrder } from './place.ts';
import { parametersText, signText } from './signer.ts';
import type { Till } from './till.ts';
import { declineTrade, whyNotPayable } from './trade.ts';

const openShownMax = 50;
const recentShownMax = 10;

export type CashierSettings = {
  readonly ledger: Ledger;
  readonly till: Till;
  readonly credentials: Credentials;
  /** An order has been placed by a payer's browser. */
  onPlaced(payment: Payment): void;
};

/** One request of a payer's browser, with its body where it has one. */
type Visit = { readonly url: URL; readonly body: string; readonly page: PageSettings };

/** Answers whatever a payer's browser asks for: a signed order (`alipay.trade.wap.pay`), a code that is scanned, the pages and their buttons. */
export async function serveCashier(
  settings: CashierSettings,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const body = request.method === 'POST' ? ((await readText(request)) ?? '') : '';
  const visit = { url, body, page: readPageSettings(url, request.headers['accept-language']) };
  if (url.pathname === '/gateway.do') return takeOrder(settings, visit, response);
  if (request.method === 'POST') return press(settings, visit, response);
  const byToken = (token: string): Payment | undefined => settings.ledger.findByToken(token);
  if (url.pathname.startsWith('/qr/')) {
    const payment = byToken(url.pathname.slice('/qr/'.length));
    return showPay(settings, settings.till.begin(payment) ?? payment, visit, response);
  }
  const asked = byToken(url.searchParams.get('token') ?? '');
  if (url.pathname === '/cashier/pay') return showPay(settings, asked, visit, response);
  if (url.pathname !== '/cashier/') return redirect(response, 302, '/cashier/');
  showList(settings, visit, response);
}

/** The order that a payer's browser brings. Its page has an address of its own, since nothing may be added to the signed one. */
function takeOrder(settings: CashierSettings, visit: Visit, response: ServerResponse): void {
  const { ledger, credentials } = settings;
  const refuse = ({ code, message }: { readonly code: string; readonly message: string }): void =>
    look.show(response, 400, refusedPage(code, message, visit.page), null);
  const parameters = parametersOf(visit);
  const strange = checkParameters(parameters, credentials, ledger.timeline.now(), { isPage: true });
  if (strange !== null) return refuse(strange);
  const address = (name: 'notify_url' | 'return_url') => {
    const value = parameters.get(name);
    return value === undefined ? {} : { [name]: value };
  };
  const { answer, payment } = placeOrder(ledger, {
    surface: 'WAP',
    content: parseContent(parameters.get('biz_content') ?? ''),
    surroundings: { ...address('notify_url'), ...address('return_url') },
  });
  if (answer.kind === 'refused') return refuse(answer);
  if (payment === null) return;
  settings.onPlaced(payment);
  redirect(response, 303, `/cashier/pay?token=${encodeURIComponent(payment.token)}`);
}

function parseContent(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** On a page one signs in first; who scans a code has signed in on the phone. */
function showPay(
  settings: CashierSettings,
  payment: Payment | undefined,
  visit: Visit,
  response: ServerResponse,
): void {
  const reason = whyNotPayable(payment, settings.ledger.timeline.now());
  const back = readReturnUrl(payment?.returnUrl ?? null);
  if (payment === undefined || reason !== null) {
    const status = reason === 'payment_unknown' ? 404 : 409;
    return look.show(response, status, endPage(reason ?? 'payment_unknown', back, visit.page), back);
  }
  const html = payment.trade === null ? signInPage(payment, visit.page) : payPage(payment, visit.page);
  look.show(response, 200, html, back);
}

function showList({ ledger }: CashierSettings, { page }: Visit, response: ServerResponse): void {
  const newestFirst = ledger.listPayments().toReversed();
  const isOpen = (payment: Payment): boolean => whyNotPayable(payment, ledger.timeline.now()) === null;
  const open = newestFirst.filter(isOpen).slice(0, openShownMax);
  const recent = newestFirst.filter((payment) => !isOpen(payment)).slice(0, recentShownMax);
  look.show(response, 200, indexPage(open, recent, page), null);
}

/** The payer pressed a button. Afterwards the browser goes back to the merchant, if the merchant asked for it. */
async function press(settings: CashierSettings, { url, body }: Visit, response: ServerResponse): Promise<void> {
  const form = new URLSearchParams(body);
  const lang = form.get('lang') === 'en' ? 'en' : 'zh';
  const page = readPageSettings(new URL(`/cashier/?lang=${lang}`, url), undefined);
  const payment = settings.ledger.findByToken(form.get('token') ?? '');
  if (url.pathname === '/cashier/sign-in' && settings.till.begin(payment) !== null)
    return redirect(response, 303, `/cashier/pay?token=${encodeURIComponent(payment?.token ?? '')}&lang=${lang}`);
  const ending = url.pathname === '/cashier/pay' ? pay(settings, payment) : decline(settings, payment, url.pathname);
  const back = await backOf(settings, payment, ending);
  if (back !== null && (ending === 'paid' || ending === 'declined')) return redirect(response, 303, back);
  look.show(response, ending === 'paid' || ending === 'declined' ? 200 : 409, endPage(ending, back, page), back);
}

function pay({ till }: CashierSettings, payment: Payment | undefined): Ending {
  const outcome = till.pay(payment);
  return outcome.kind === 'paid' ? 'paid' : outcome.reason;
}

function decline({ ledger }: CashierSettings, payment: Payment | undefined, path: string): Ending {
  if (path === '/cashier/decline' && declineTrade(ledger, payment)) return 'declined';
  return whyNotPayable(payment, ledger.timeline.now()) ?? 'payment_unknown';
}

/** Who paid comes back with what he paid in the address, signed; who turned away comes back with nothing. */
async function backOf(
  { credentials, ledger }: CashierSettings,
  payment: Payment | undefined,
  ending: Ending,
): Promise<string | null> {
  const address = ending === 'declined' ? (payment?.quitUrl ?? payment?.returnUrl) : payment?.returnUrl;
  const back = readReturnUrl(address ?? null);
  const paid = payment === undefined ? undefined : ledger.findPayment(payment.outTradeNo);
  if (back === null || ending !== 'paid' || paid === undefined || paid.trade === null) return back;
  const fields = new Map([
    ['charset', 'utf-8'],
    ['method', 'alipay.trade.wap.pay.return'],
    ['version', '1.0'],
    ['app_id', credentials.appId],
    ['auth_app_id', credentials.appId],
    ['seller_id', credentials.sellerId],
    ['out_trade_no', paid.outTradeNo],
    ['trade_no', paid.trade.tradeNo],
    ['total_amount', writeYuan(paid.totalFen)],
    ['timestamp', beijingPlain(ledger.timeline.now())],
  ]);
  const sign = await signText(parametersText(fields), credentials.signingKey());
  const url = new URL(back);
  for (const [name, value] of [...fields, ['sign_type', 'RSA2'], ['sign', sign]] as const)
    url.searchParams.set(name, value);
  return url.toString();
}

function redirect(response: ServerResponse, status: number, location: string): void {
  response.writeHead(status, { location }).end();
}
