import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Credentials, MerchantCredentials } from './credentials.ts';
import { type Fault, faultMessage, type Faults, type FaultWish } from './faults.ts';
import { readText } from './http-body.ts';
import { claimsMessage, type Ledger, type Payment, type Refund } from './ledger.ts';
import type { Notice } from './notice.ts';
import type { Notifier } from './notifier.ts';
import { declineOrder, type PayOutcome, type PayWish } from './pay.ts';
import type { RefundEnding, Till } from './till.ts';
import type { Traffic, TrafficLine } from './traffic.ts';

const listedMax = 1000;

/** The powers of whoever runs the simulator. The HTTP API under `/_control/` has the same, one address for each. */
export type Control = {
  credentials(): MerchantCredentials;
  /** The newest last. */
  payments(): readonly Payment[];
  payment(outTradeNo: string): Payment | undefined;
  pay(outTradeNo: string, wish?: PayWish): PayOutcome;
  decline(outTradeNo: string): boolean;
  refunds(): readonly Refund[];
  /** How the next `times` refunds shall end; after them refunds succeed again. */
  endNextRefunds(ending: RefundEnding, times?: number): void;
  /** Ends a refund that is under way or abnormal, now. False where there is none. */
  endRefund(outRefundNo: string, ending: RefundEnding): boolean;
  addFault(wish: FaultWish): void;
  faults(): readonly Fault[];
  clearFaults(): void;
  rotateKeys(): Promise<MerchantCredentials>;
  /** Sends a SIGNTEST probe; the merchant must answer 4xx. Null: no answer. */
  probe(notifyUrl: string): Promise<number | null>;
  notifications(): readonly Notice[];
  /** Resolves when no notification is being sent at this moment. */
  settled(): Promise<void>;
  setTimeScale(timeScale: number): void;
  traffic(): readonly TrafficLine[];
};

export type ControlSettings = {
  readonly credentials: Credentials;
  readonly ledger: Ledger;
  readonly faults: Faults;
  readonly notifier: Notifier;
  readonly traffic: Traffic;
  readonly till: Till;
  setTimeScale(timeScale: number): void;
};

export function createControl(settings: ControlSettings): Control {
  const { credentials, ledger, faults, notifier, traffic, till } = settings;
  return {
    credentials: () => credentials.forMerchant(),
    payments: () => ledger.listPayments(),
    payment: (outTradeNo) => ledger.findPayment(outTradeNo),
    pay: (outTradeNo, wish) => till.pay(ledger.findPayment(outTradeNo), wish),
    decline: (outTradeNo) => declineOrder(ledger, ledger.findPayment(outTradeNo)),
    refunds: () => ledger.listRefunds(),
    endNextRefunds: (ending, times = 1) => till.endNextRefunds(ending, times),
    endRefund: (outRefundNo, ending) => till.endRefund(outRefundNo, ending),
    addFault: (wish) => faults.add(wish),
    faults: () => faults.list(),
    clearFaults: () => faults.clear(),
    rotateKeys: () => credentials.rotate(),
    probe: (notifyUrl) => notifier.probe(notifyUrl),
    notifications: () => notifier.list(),
    settled: () => notifier.settled(),
    setTimeScale: (timeScale) => settings.setTimeScale(timeScale),
    traffic: () => traffic.list(),
  };
}

const endings = z.enum(['SUCCESS', 'ABNORMAL', 'CLOSED']);
const payMessage = z.object({ evenIfLate: z.boolean().default(false), claims: claimsMessage.default({}) });
const endNextMessage = z.object({ ending: endings, times: z.int().min(1).max(listedMax).default(1) });
const endMessage = z.object({ ending: endings });
const probeMessage = z.object({ notifyUrl: z.url() });
const timeMessage = z.object({ timeScale: z.number().positive().max(1_000_000) });

type Reply = { readonly status: number; readonly body: unknown };
const ok = (body: unknown): Reply => ({ status: 200, body });
const done = ok({ done: true });
const no = (status: number, code: string): Reply => ({ status, body: { code } });

/** Answers one request under `/_control/`. A body that is not understood is 422 with zod's account of it. */
export async function serveControl(
  control: Control,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const text = await readText(request);
  let reply: Reply;
  try {
    reply =
      text === null
        ? no(413, 'body_too_large')
        : await obey(control, request.method ?? 'GET', url.pathname, text === '' ? {} : JSON.parse(text));
  } catch (error) {
    if (!(error instanceof z.ZodError || error instanceof SyntaxError || error instanceof URIError)) throw error;
    reply = {
      status: 422,
      body: { code: 'malformed_body', detail: error instanceof z.ZodError ? error.issues : error.message },
    };
  }
  response
    .writeHead(reply.status, { 'content-type': 'application/json; charset=utf-8' })
    .end(JSON.stringify(reply.body));
}

async function obey(control: Control, method: string, path: string, body: unknown): Promise<Reply> {
  const [, , noun = '', key, verb] = path.split('/').map(decodeURIComponent);
  switch (`${method} ${noun}${key === undefined ? '' : '/:key'}${verb === undefined ? '' : `/${verb}`}`) {
    case 'GET credentials':
      return ok(control.credentials());
    case 'GET payments':
      return ok(control.payments().slice(-listedMax));
    case 'GET payments/:key': {
      const payment = control.payment(key ?? '');
      return payment === undefined ? no(404, 'payment_unknown') : ok(payment);
    }
    case 'POST payments/:key/pay': {
      const outcome = control.pay(key ?? '', payMessage.parse(body));
      return outcome.kind === 'paid' ? ok(outcome.payment) : no(409, outcome.reason);
    }
    case 'POST payments/:key/decline':
      return control.decline(key ?? '') ? done : no(409, 'not_open');
    case 'GET refunds':
      return ok(control.refunds().slice(-listedMax));
    case 'POST refunds/:key/end':
      return control.endRefund(key ?? '', endMessage.parse(body).ending) ? done : no(409, 'not_open');
    case 'POST refund-endings': {
      const { ending, times } = endNextMessage.parse(body);
      control.endNextRefunds(ending, times);
      return done;
    }
    case 'GET faults':
      return ok(control.faults());
    case 'POST faults':
      control.addFault(faultMessage.parse(body));
      return done;
    case 'DELETE faults':
      control.clearFaults();
      return done;
    case 'POST keys':
      return ok(await control.rotateKeys());
    case 'POST probes':
      return ok({ status: await control.probe(probeMessage.parse(body).notifyUrl) });
    case 'GET notifications':
      return ok(control.notifications().slice(-listedMax));
    case 'PUT time':
      control.setTimeScale(timeMessage.parse(body).timeScale);
      return done;
    case 'GET traffic':
      return ok(control.traffic());
    default:
      return no(404, 'not_found');
  }
}
