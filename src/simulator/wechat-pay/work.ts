import type { ArrivedCall } from '../service/call-desk.ts';
import { type ApiAnswer, refusal } from './api-answer.ts';
import type { Bills } from './bill-file.ts';
import type { ApiOperation } from './faults.ts';
import { beginRefund, queryRefund } from './give-back.ts';
import type { Ledger, Refund } from './ledger.ts';
import { closePayment, queryPayment } from './pay.ts';
import { type PlaceSettings, placeOrder, type TradePath } from './place.ts';

export type WorkSettings = {
  readonly ledger: Ledger;
  readonly bills: Bills;
  readonly place: PlaceSettings;
  /** Where this service is reached, without a slash at the end. */
  readonly origin: string;
  /** An order has been placed under this number. */
  onPlaced(outTradeNo: string): void;
  onRefund(refund: Refund): void;
};

/** What a call is about, and what it does once its caller is known. */
export type Work = { readonly operation: ApiOperation; readonly perform: () => ApiAnswer };

type Ask = {
  readonly settings: WorkSettings;
  /** The part of the path that names an order or refund. */
  readonly name: string;
  readonly search: URLSearchParams;
  readonly body: unknown;
};

type Route = {
  readonly method: string;
  readonly path: RegExp;
  readonly operation: ApiOperation;
  readonly perform: (ask: Ask) => ApiAnswer;
};

const order =
  (path: TradePath) =>
  ({ settings, body }: Ask): ApiAnswer => {
    const answer = placeOrder(settings.ledger, settings.place, path, body);
    if (answer.status === 200) settings.onPlaced(String(fieldOf(body, 'out_trade_no')));
    return answer;
  };

/** Every address of the service that is simulated. */
const routes: readonly Route[] = [
  { method: 'POST', path: /^\/v3\/pay\/transactions\/h5$/, operation: 'create', perform: order('h5') },
  { method: 'POST', path: /^\/v3\/pay\/transactions\/jsapi$/, operation: 'create', perform: order('jsapi') },
  { method: 'POST', path: /^\/v3\/pay\/transactions\/native$/, operation: 'create', perform: order('native') },
  {
    method: 'GET',
    path: /^\/v3\/pay\/transactions\/out-trade-no\/([^/]+)$/,
    operation: 'query',
    perform: ({ settings: { ledger, place }, name, search }) =>
      queryPayment(ledger.findPayment(name), search.get('mchid'), place),
  },
  {
    method: 'GET',
    path: /^\/v3\/pay\/transactions\/id\/([^/]+)$/,
    operation: 'query',
    perform: ({ settings: { ledger, place }, name, search }) =>
      queryPayment(ledger.findPaymentByTransaction(name), search.get('mchid'), place),
  },
  {
    method: 'POST',
    path: /^\/v3\/pay\/transactions\/out-trade-no\/([^/]+)\/close$/,
    operation: 'close',
    perform: ({ settings: { ledger, place }, name, body }) =>
      closePayment(ledger, ledger.findPayment(name), fieldOf(body, 'mchid'), place),
  },
  {
    method: 'POST',
    path: /^\/v3\/refund\/domestic\/refunds$/,
    operation: 'refund',
    perform({ settings, body }) {
      const { answer, begun } = beginRefund(settings.ledger, body);
      if (begun !== null) settings.onRefund(begun);
      return answer;
    },
  },
  {
    method: 'GET',
    path: /^\/v3\/refund\/domestic\/refunds\/([^/]+)$/,
    operation: 'queryRefund',
    perform: ({ settings, name }) => queryRefund(settings.ledger, name),
  },
  {
    method: 'GET',
    path: /^\/v3\/bill\/tradebill$/,
    operation: 'bill',
    perform: ({ settings, search }) => settings.bills.order(search.get('bill_date'), settings.origin),
  },
  {
    method: 'GET',
    path: /^\/v3\/billdownload\/file$/,
    operation: 'billDownload',
    perform: ({ settings, search }) => settings.bills.fetch(search.get('token')),
  },
];

/** The work that a call asks for, or null where no such address is simulated. */
export function findWork(settings: WorkSettings, call: Pick<ArrivedCall, 'method' | 'url' | 'body'>): Work | null {
  for (const { method, path, operation, perform } of routes) {
    if (method !== call.method) continue;
    const match = path.exec(call.url.pathname);
    if (match === null) continue;
    return {
      operation,
      perform() {
        const body = method === 'GET' ? undefined : parseJson(call.body);
        if (method !== 'GET' && body === undefined) return refusal(400, 'PARAM_ERROR', '请求体不是合法的JSON');
        return perform({ settings, name: decodeName(match[1] ?? ''), search: call.url.searchParams, body });
      },
    };
  }
  return null;
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined;

function decodeName(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
