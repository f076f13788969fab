import { z } from 'zod';
import { type ApiAnswer, answer, missing, refusal } from './api-answer.ts';
import type { BackOffice } from './back-office.ts';
import type { Book, Session } from './book.ts';
import type { ApiOperation } from './faults.ts';
import { expandBody } from './expand.ts';
import type { FormValue } from './form.ts';
import { listPage, listShape } from './list.ts';
import {
  chargeObject,
  eventObject,
  intentObject,
  livemode,
  movementObject,
  refundObject,
  sessionObject,
} from './objects.ts';
import { expand, isRefused, readParameters } from './parameters.ts';
import { readRefundWish } from './refunds.ts';
import { notOpen, placeSession } from './sessions.ts';
import type { Till } from './till.ts';

export type WorkSettings = {
  readonly accountId: string;
  readonly book: Book;
  readonly till: Till;
  readonly backOffice: BackOffice;
  /** What comes before a session's name in the address of its page. */
  readonly pageUrl: string;
  onPlaced(session: Session): void;
};

type Parameters = { readonly [name: string]: FormValue };
type Ask = { readonly settings: WorkSettings; readonly id: string; readonly parameters: Parameters };

type Route = {
  readonly method: 'GET' | 'POST';
  /** After `/v1/`; `:id` is the name of an object. */
  readonly path: string;
  readonly operation: ApiOperation;
  readonly perform: (ask: Ask) => ApiAnswer;
};

/** Every address of the service that is simulated. */
const routes: readonly Route[] = [
  { method: 'POST', path: 'checkout/sessions', operation: 'create', perform: createSession },
  { method: 'GET', path: 'checkout/sessions', operation: 'find', perform: listSessions },
  {
    method: 'GET',
    path: 'checkout/sessions/:id',
    operation: 'query',
    perform: one('checkout.session', ({ book, pageUrl }, id) =>
      shown(book.sessions.get(id), (session) => sessionObject(session, pageUrl)),
    ),
  },
  { method: 'POST', path: 'checkout/sessions/:id/expire', operation: 'close', perform: expireSession },
  {
    method: 'GET',
    path: 'payment_intents/:id',
    operation: 'query',
    perform: one('payment_intent', ({ book }, id) => shown(book.intents.get(id), intentObject)),
  },
  {
    method: 'GET',
    path: 'charges/:id',
    operation: 'query',
    perform: one('charge', ({ book }, id) => shown(book.charges.get(id), (charge) => chargeObject(charge, book))),
  },
  { method: 'POST', path: 'refunds', operation: 'refund', perform: createRefund },
  { method: 'GET', path: 'refunds', operation: 'queryRefund', perform: listRefunds },
  {
    method: 'GET',
    path: 'refunds/:id',
    operation: 'queryRefund',
    perform: one('refund', ({ book }, id) => shown(book.refunds.get(id), refundObject)),
  },
  { method: 'GET', path: 'balance_transactions', operation: 'bill', perform: listMovements },
  {
    method: 'GET',
    path: 'balance_transactions/:id',
    operation: 'bill',
    perform: one('balance_transaction', ({ book }, id) => shown(book.movements.get(id), movementObject)),
  },
  { method: 'GET', path: 'events', operation: 'events', perform: listEvents },
  {
    method: 'GET',
    path: 'events/:id',
    operation: 'events',
    perform: one('event', ({ book }, id) => shown(book.events.get(id), eventObject)),
  },
  { method: 'GET', path: 'balance', operation: 'health', perform: ({ settings }) => balanceOf(settings.book) },
  {
    method: 'GET',
    path: 'account',
    operation: 'health',
    perform: ({ settings: { accountId } }) =>
      answer({ id: accountId, object: 'account', country: 'DE', default_currency: 'eur' }),
  },
];

export type Work = {
  readonly operation: ApiOperation;
  readonly id: string;
  perform(parameters: Parameters): ApiAnswer;
};

/** What a call is about, or null where no such address is simulated. */
export function findWork(settings: WorkSettings, method: string, pathname: string): Work | null {
  const parts = pathname.split('/').slice(2);
  for (const route of routes) {
    const pattern = route.path.split('/');
    const fits =
      pattern.length === parts.length && pattern.every((part, index) => part === ':id' || part === parts[index]);
    if (!fits || route.method !== method) continue;
    const id = parts[pattern.indexOf(':id')] ?? '';
    const perform = (parameters: Parameters) => route.perform({ settings, id, parameters });
    return { operation: route.operation, id, perform };
  }
  return null;
}

const shown = <Record>(record: Record | undefined, show: (record: Record) => object): object | undefined =>
  record === undefined ? undefined : show(record);

const oneParameters = z.strictObject({ expand });

function one(noun: string, find: (settings: WorkSettings, id: string) => object | undefined) {
  return ({ settings, id, parameters }: Ask): ApiAnswer => {
    const read = readParameters(oneParameters, parameters);
    if (isRefused(read)) return read;
    const object = find(settings, id);
    return object === undefined ? missing(noun, id) : expanded(settings.book, object, read.expand);
  };
}

function expanded(book: Book, body: object, paths: readonly string[]): ApiAnswer {
  const result = expandBody(book, body, paths);
  return 'refused' in result ? refusal(400, { param: 'expand', ...result.refused }) : answer(result.body);
}

const expandedPage = (book: Book, page: ApiAnswer, paths: readonly string[]): ApiAnswer =>
  page.status === 200 && typeof page.body === 'object' && page.body !== null ? expanded(book, page.body, paths) : page;

function createSession({ settings, parameters }: Ask): ApiAnswer {
  const placed = placeSession(settings.book, settings.pageUrl, parameters);
  if (placed.session !== undefined) settings.onPlaced(placed.session);
  return expandedPage(settings.book, placed.answer, placed.expand ?? []);
}

function expireSession({ settings, id, parameters }: Ask): ApiAnswer {
  const { book, till, pageUrl } = settings;
  const read = readParameters(oneParameters, parameters);
  if (isRefused(read)) return read;
  const session = book.sessions.get(id);
  if (session === undefined) return missing('checkout.session', id);
  if (session.status !== 'open') return notOpen(session);
  return expanded(book, sessionObject(till.expire(session), pageUrl), read.expand);
}

function createRefund({ settings: { book, backOffice }, parameters }: Ask): ApiAnswer {
  const read = readRefundWish(book, parameters);
  return 'refused' in read ? read.refused : expanded(book, refundObject(backOffice.refund(read.wish)), read.expand);
}

const sessionFilters = z.strictObject({
  ...listShape,
  payment_intent: z.string().optional(),
  status: z.enum(['open', 'complete', 'expired']).optional(),
});

function listSessions({ settings: { book, pageUrl }, parameters }: Ask): ApiAnswer {
  const read = readParameters(sessionFilters, parameters);
  if (isRefused(read)) return read;
  const { payment_intent: intentId = null, status = null } = read;
  const page = listPage(book.sessions.list(), read, {
    noun: 'checkout.session',
    url: '/v1/checkout/sessions',
    fits: (session) =>
      (intentId ?? session.intentId) === session.intentId && (status ?? session.status) === session.status,
    show: (session) => sessionObject(session, pageUrl),
  });
  return expandedPage(book, page, read.expand);
}

const refundFilters = z.strictObject({
  ...listShape,
  payment_intent: z.string().optional(),
  charge: z.string().optional(),
});

function listRefunds({ settings: { book }, parameters }: Ask): ApiAnswer {
  const read = readParameters(refundFilters, parameters);
  if (isRefused(read)) return read;
  const { payment_intent: intentId, charge: chargeId } = read;
  if (intentId !== undefined && book.intents.get(intentId) === undefined)
    return missing('payment_intent', intentId, 'payment_intent');
  const page = listPage(book.refunds.list(), read, {
    noun: 'refund',
    url: '/v1/refunds',
    fits: (refund) =>
      (intentId ?? refund.intentId) === refund.intentId && (chargeId ?? refund.chargeId) === refund.chargeId,
    show: refundObject,
  });
  return expandedPage(book, page, read.expand);
}

const movementFilters = z.strictObject({
  ...listShape,
  type: z.string().optional(),
  source: z.string().optional(),
  currency: z.string().optional(),
});

function listMovements({ settings: { book }, parameters }: Ask): ApiAnswer {
  const read = readParameters(movementFilters, parameters);
  if (isRefused(read)) return read;
  const { type, source, currency } = read;
  const page = listPage(book.movements.list(), read, {
    noun: 'balance_transaction',
    url: '/v1/balance_transactions',
    fits: (one) =>
      (type ?? one.type) === one.type &&
      (source ?? one.sourceId) === one.sourceId &&
      (currency ?? one.currency) === one.currency,
    show: movementObject,
  });
  return expandedPage(book, page, read.expand);
}

const eventFilters = z.strictObject({
  ...listShape,
  type: z.string().optional(),
  types: z.array(z.string()).optional(),
});

function listEvents({ settings: { book }, parameters }: Ask): ApiAnswer {
  const read = readParameters(eventFilters, parameters);
  if (isRefused(read)) return read;
  const wanted = read.type === undefined ? read.types : [read.type];
  return listPage(book.events.list(), read, {
    noun: 'event',
    url: '/v1/events',
    fits: ({ type }) => wanted === undefined || wanted.includes(type),
    show: eventObject,
  });
}

function balanceOf(book: Book): ApiAnswer {
  const byCurrency = new Map<string, number>();
  for (const { currency, amountMinor, feeMinor } of book.movements.list())
    byCurrency.set(currency, (byCurrency.get(currency) ?? 0) + amountMinor - feeMinor);
  const available = [...byCurrency].map(([currency, amount]) => ({ amount, currency, source_types: { card: amount } }));
  return answer({ object: 'balance', available, pending: [], livemode });
}
