import type { IncomingMessage, ServerResponse } from 'node:http';
import { readPageSettings, readReturnUrl } from '../service/cashier-look.ts';
import { endPage, type Ending, indexPage, look, payPage } from './cashier-page.ts';
import { readText } from '../service/http-body.ts';
import type { Ledger, Payment } from './ledger.ts';
import { declineOrder, whyNotPayable } from './pay.ts';
import type { Till } from './till.ts';

const openShownMax = 50;
const recentShownMax = 10;

export type CashierSettings = { readonly ledger: Ledger; readonly till: Till };

/** Answers one request under `/cashier/`. */
export async function serveCashier(
  settings: CashierSettings,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const { ledger } = settings;
  if (request.method === 'POST') return act(settings, request, response, url);
  const page = readPageSettings(url, request.headers['accept-language']);
  if (url.pathname === '/cashier/checkmweb') {
    const payment = ledger.findPaymentByPrepay(url.searchParams.get('prepay_id') ?? '');
    const returnUrl = readReturnUrl(url.searchParams.get('redirect_url'));
    const reason = whyNotPayable(payment, ledger.timeline.now());
    if (payment !== undefined && reason === null)
      return look.show(response, 200, payPage(payment, returnUrl, page), returnUrl);
    return look.show(
      response,
      reason === 'payment_unknown' ? 404 : 409,
      endPage(reason ?? 'payment_unknown', returnUrl, page),
      returnUrl,
    );
  }
  if (url.pathname !== '/cashier/') {
    response.writeHead(302, { location: '/cashier/' }).end();
    return;
  }
  const newestFirst = ledger.listPayments().toReversed();
  const isOpen = (payment: Payment): boolean => whyNotPayable(payment, ledger.timeline.now()) === null;
  const open = newestFirst.filter(isOpen).slice(0, openShownMax);
  const recent = newestFirst.filter((payment) => payment.state !== 'NOTPAY').slice(0, recentShownMax);
  look.show(response, 200, indexPage(open, recent, page), null);
}

/** The payer pressed a button. Afterwards the browser goes back to the merchant, if the merchant asked for it. */
async function act(
  settings: CashierSettings,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const text = await readText(request);
  const form = new URLSearchParams(text ?? '');
  const returnUrl = readReturnUrl(form.get('redirect_url'));
  const payment = settings.ledger.findPaymentByPrepay(form.get('prepay_id') ?? '');
  const page = readPageSettings(new URL(`/cashier/?lang=${form.get('lang') === 'en' ? 'en' : 'zh'}`, url), undefined);
  const ending = url.pathname === '/cashier/decline' ? decline(settings, payment) : pay(settings, payment);
  if (returnUrl !== null && (ending === 'paid' || ending === 'declined')) {
    response.writeHead(303, { location: returnUrl }).end();
    return;
  }
  look.show(
    response,
    ending === 'paid' || ending === 'declined' ? 200 : 409,
    endPage(ending, returnUrl, page),
    returnUrl,
  );
}

function pay(settings: CashierSettings, payment: Payment | undefined): Ending {
  const outcome = settings.till.pay(payment);
  return outcome.kind === 'paid' ? 'paid' : outcome.reason;
}

function decline(settings: CashierSettings, payment: Payment | undefined): Ending {
  if (declineOrder(settings.ledger, payment)) return 'declined';
  return whyNotPayable(payment, settings.ledger.timeline.now()) ?? 'payment_unknown';
}
