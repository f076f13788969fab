import { z } from 'zod';
import type { Bills } from './bills.ts';
import { type ApiAnswer, done, invalidParameter } from './api-answer.ts';
import type { ApiOperation } from './faults.ts';
import { queryRefund } from './give-back.ts';
import type { Ledger, Payment } from './ledger.ts';
import { placeOrder, type PlacedOrder } from './place.ts';
import type { Till } from './till.ts';
import { queryTrade } from './trade.ts';

export type WorkSettings = {
  readonly ledger: Ledger;
  readonly till: Till;
  readonly bills: Bills;
  /** Where this service is reached, without a slash at the end. */
  readonly origin: string;
  /** An order has been placed. */
  onPlaced(payment: Payment): void;
};

/** The content of a call, and what stands around it in version 2. */
export type Ask = {
  readonly content: Readonly<Record<string, unknown>>;
  readonly surroundings: PlacedOrder['surroundings'];
};

export type Method = {
  readonly operation: ApiOperation;
  /** Of its path in version 3. */
  readonly httpMethod: 'GET' | 'POST';
  readonly perform: (settings: WorkSettings, ask: Ask) => ApiAnswer;
};

const named = z.object({ out_trade_no: z.string().max(64).optional(), trade_no: z.string().max(64).optional() });

/** For methods that are about one trade, by either number. */
const aboutTrade =
  (perform: (settings: WorkSettings, trade: z.infer<typeof named>, ask: Ask) => ApiAnswer): Method['perform'] =>
  (settings, ask) => {
    const parsed = named.safeParse(ask.content);
    if (!parsed.success || (parsed.data.out_trade_no ?? parsed.data.trade_no) === undefined)
      return invalidParameter('out_trade_no');
    return perform(settings, parsed.data, ask);
  };

/** Every method of the API that is simulated, by its name in version 2; in version 3 the name is its path. */
export const methods: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['alipay.trade.precreate', { operation: 'create', httpMethod: 'POST', perform: precreate }],
  [
    'alipay.trade.query',
    { operation: 'query', httpMethod: 'POST', perform: aboutTrade(({ ledger }, trade) => queryTrade(ledger, trade)) },
  ],
  [
    'alipay.trade.close',
    { operation: 'close', httpMethod: 'POST', perform: aboutTrade(({ till }, trade) => till.close(trade)) },
  ],
  [
    'alipay.trade.cancel',
    { operation: 'cancel', httpMethod: 'POST', perform: aboutTrade(({ till }, trade) => till.cancel(trade)) },
  ],
  [
    'alipay.trade.refund',
    { operation: 'refund', httpMethod: 'POST', perform: ({ till }, { content }) => till.refund(content) },
  ],
  [
    'alipay.trade.fastpay.refund.query',
    {
      operation: 'queryRefund',
      httpMethod: 'POST',
      perform: aboutTrade(({ ledger }, trade, { content }) =>
        typeof content['out_request_no'] === 'string'
          ? queryRefund(ledger, trade, content['out_request_no'])
          : invalidParameter('out_request_no'),
      ),
    },
  ],
  [
    'alipay.data.dataservice.bill.downloadurl.query',
    {
      operation: 'bill',
      httpMethod: 'GET',
      perform: ({ bills, origin }, { content }) => bills.order(content, origin),
    },
  ],
]);

/** A code: `qr_code` is opaque in reality; here it is the address of a page, so that a browser can scan it. */
function precreate(settings: WorkSettings, { content, surroundings }: Ask): ApiAnswer {
  const { answer, payment } = placeOrder(settings.ledger, { surface: 'QR', content, surroundings });
  if (answer.kind === 'refused' || payment === null) return answer;
  settings.onPlaced(payment);
  return done({ ...answer.body, qr_code: `${settings.origin}/qr/${payment.token}` });
}
